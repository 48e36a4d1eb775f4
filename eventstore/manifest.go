package eventstore

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"authledger/domain"
	"authledger/durable"
	"authledger/eventstore/wire"
)

// manifestName is the file that says what a data directory is.
const manifestName = "ledger.json"

// Manifest says what a data directory is. It is written once, after the stream
// exists and before the first commit.
type Manifest struct {
	Format   int64  // of the directory
	Realm    string // whose log it holds
	LedgerID string // random; the root of the hash chain
	Stream   string // the stream's configuration as created, as JSON
	sum      string
}

const manifestFormat = 1

func (m *Manifest) Members(v domain.Visitor) {
	v.Count("format", &m.Format, domain.Need)
	v.Text("realm", &m.Realm, domain.Need)
	v.Text("ledgerId", &m.LedgerID, domain.Need)
	v.Text("stream", &m.Stream, domain.Need)
	v.Text("sum", &m.sum, domain.Need)
}

func (m Manifest) checksum() string {
	m.sum = ""
	sum := sha256.Sum256(wire.AppendData(nil, &m))
	return hex.EncodeToString(sum[:])
}

// NewManifest makes the manifest of a new ledger.
func NewManifest(realm, streamConfig string) Manifest {
	return Manifest{Format: manifestFormat, Realm: realm, LedgerID: rand.Text(), Stream: streamConfig}
}

// ReadManifest reads dir's manifest and reports whether there is one. A damaged
// one is a *Fault.
func ReadManifest(dir string) (m Manifest, found bool, err error) {
	path := filepath.Join(dir, manifestName)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, false, nil
	}
	if err != nil {
		return m, false, fmt.Errorf("read the manifest: %w", err)
	}
	if fault := wire.ReadData(data, &m); fault != nil || m.sum != m.checksum() {
		return m, true, &Fault{Err: fmt.Errorf("%s is damaged: restore it from a backup, it never changes", path)}
	}
	if m.Format != manifestFormat {
		return m, true, &Fault{Err: fmt.Errorf("%s has format %d, this program reads %d: use a newer one", path, m.Format, manifestFormat)}
	}
	return m, true, nil
}

// WriteManifest makes m durable. Until it returns, dir is no ledger.
func WriteManifest(dir string, m Manifest) error {
	m.sum = m.checksum()
	if err := durable.Replace(filepath.Join(dir, manifestName), append(wire.AppendData(nil, &m), '\n')); err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	return nil
}
