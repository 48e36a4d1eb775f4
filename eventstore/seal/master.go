package seal

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"authledger/durable"
)

const (
	keyBytes = 32

	// masterFileBytesMax admits the key and some white space around it.
	masterFileBytesMax = 256
)

// Master is the key that wraps all others. The zero Master is no key, and opens
// nothing. It prints as a placeholder, whatever the verb.
type Master struct {
	key [keyBytes]byte
}

// ParseMaster reads a master key from 64 hexadecimal digits, as a file made by
// [CreateMaster] holds them. White space around them is allowed.
func ParseMaster(text string) (Master, error) {
	// The error of package hex quotes the digit it fell over.
	key, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != keyBytes {
		return Master{}, fmt.Errorf("seal: not a master key: want exactly %d hexadecimal digits", 2*keyBytes)
	}
	m := Master{key: [keyBytes]byte(key)}
	if m.none() {
		return Master{}, errors.New("seal: a master key of zeros is no key: make a random one")
	}
	return m, nil
}

// LoadMaster reads a master key from a file. A file that isn't there is an
// error that wraps fs.ErrNotExist. Who may read the file isn't judged: secret
// mounts of containers are open to everyone inside.
func LoadMaster(path string) (Master, error) {
	f, err := os.Open(path)
	if err != nil {
		return Master{}, fmt.Errorf("seal: open the master key: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, masterFileBytesMax+1))
	if err != nil {
		return Master{}, fmt.Errorf("seal: read the master key: %w", err)
	}
	if len(text) > masterFileBytesMax {
		return Master{}, fmt.Errorf("seal: %s is too long for a master key: name the right file", path)
	}
	m, err := ParseMaster(string(text))
	if err != nil {
		return Master{}, fmt.Errorf("%w (in %s)", err, path)
	}
	return m, nil
}

// CreateMaster makes a random master key and a new file for it, mode 0600, both
// on disk when it returns. A file that exists is left alone, and is an error
// that wraps fs.ErrExist. A crash leaves the whole file or none, and maybe a
// staged one, which is worthless and goes with the next call.
func CreateMaster(path string) (Master, error) {
	var m Master
	rand.Read(m.key[:])

	staged := path + ".new"
	err := writeMaster(staged, m)
	if err == nil {
		err = os.Link(staged, path) // unlike a rename it replaces nothing
	}
	err = errors.Join(err, os.Remove(staged))
	if err == nil {
		err = durable.SyncDir(filepath.Dir(path))
	}
	if err != nil {
		return Master{}, fmt.Errorf("seal: create the master key: %w", err)
	}
	return m, nil
}

func writeMaster(path string, m Master) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, privateFile)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s\n", hex.EncodeToString(m.key[:]))
	return errors.Join(err, f.Sync(), f.Close())
}

func (m Master) none() bool { return m == Master{} }

const redacted = "seal.Master(redacted)"

func (m Master) String() string       { return redacted }
func (m Master) GoString() string     { return redacted }
func (m Master) LogValue() slog.Value { return slog.StringValue(redacted) }

// Format answers for the verbs that ignore String, %d above all.
func (m Master) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }
