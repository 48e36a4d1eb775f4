package eventstore

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"authledger/domain"
	"authledger/eventstore/durable"
	"authledger/eventstore/wire"
)

// manifestName is the name of the file that identifies the ledger of a data directory.
const manifestName = "ledger.json"

// Manifest identifies the ledger of a data directory. It is written once, after the stream
// was created and before the first commit.
type Manifest struct {
	Format   int64  // of the directory
	Realm    string // realm of the log
	LedgerID string // random; root of the hash chain
	Stream   string // the stream's configuration as created, as JSON
	sum      string

	// Pseudonymous is set if the records name each person by a pseudonym. It holds from creation on.
	Pseudonymous bool
}

const manifestFormat = 1

func (m *Manifest) Members(v domain.Visitor) {
	v.Count("format", &m.Format, domain.Need)
	v.Text("realm", &m.Realm, domain.Need)
	v.Text("ledgerId", &m.LedgerID, domain.Need)
	v.Text("stream", &m.Stream, domain.Need)
	v.Text("sum", &m.sum, domain.Need)
	v.Flag("pseudonymous", &m.Pseudonymous, domain.Free)
}

func (m Manifest) checksum() string {
	m.sum = ""
	sum := sha256.Sum256(wire.AppendData(nil, &m))
	return hex.EncodeToString(sum[:])
}

// NewManifest returns the manifest of a new ledger, with a random LedgerID.
func NewManifest(realm, streamConfig string) Manifest {
	return Manifest{Format: manifestFormat, Realm: realm, LedgerID: rand.Text(), Stream: streamConfig}
}

// ReadManifest reads the manifest in dir and reports whether the file exists. It returns a
// *Fault if the manifest is damaged.
func ReadManifest(dir string) (m Manifest, found bool, err error) {
	path := filepath.Join(dir, manifestName)
	data, err := durable.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, false, nil
	}
	if err != nil {
		return m, false, fmt.Errorf("read the manifest: %w", err)
	}
	m, err = DecodeManifest(data, path)
	return m, true, err
}

// DecodeManifest decodes the content of the file ledger.json. It returns a *Fault that names path if the
// content is damaged.
func DecodeManifest(data []byte, path string) (m Manifest, err error) {
	if fault := wire.ReadData(data, &m); fault != nil || m.sum != m.checksum() {
		return m, &Fault{Err: fmt.Errorf("%s is damaged: restore it from any backup of this ledger, because it never changes", path)}
	}
	if m.Format != manifestFormat {
		return m, &Fault{Err: fmt.Errorf("%s has format %d, this program reads %d: use a newer program", path, m.Format, manifestFormat)}
	}
	return m, nil
}

// WriteManifest writes m to dir and returns after the fsync. It replaces an existing
// manifest, so the caller MUST have checked that dir holds no ledger.
func WriteManifest(dir string, m Manifest) error {
	if err := durable.Replace(filepath.Join(dir, manifestName), m.Encode()); err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	return nil
}

// Encode returns the content of the file ledger.json. Equal manifests have equal bytes.
func (m Manifest) Encode() []byte {
	m.sum = m.checksum()
	return append(wire.AppendData(nil, &m), '\n')
}
