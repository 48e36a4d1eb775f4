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

	"authledger/eventstore/durable"
)

const (
	keyBytes = 32

	// masterFileBytesMax is the maximum size of a master key file, with white space.
	masterFileBytesMax = 256
)

// Master is the key that wraps all other keys. The zero Master means that no key was given.
// Every verb of package fmt prints a placeholder.
type Master struct {
	key [keyBytes]byte
}

// ParseMaster reads a master key from 64 hexadecimal digits, as a file made by
// [CreateMaster] holds them. White space around them is allowed.
func ParseMaster(text string) (Master, error) {
	// The error of package hex is not returned, because it quotes a part of the key.
	key, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != keyBytes {
		return Master{}, fmt.Errorf("seal: not a master key: want exactly %d hexadecimal digits", 2*keyBytes)
	}
	m := Master{key: [keyBytes]byte(key)}
	if m.none() {
		return Master{}, errors.New("seal: a master key of zeros is not allowed: create a random one")
	}
	return m, nil
}

// LoadMaster reads a master key from a file. It returns an error that wraps fs.ErrNotExist
// if the file does not exist. It does not check the permissions of the file, because secret
// mounts of containers are readable by every user in the container.
func LoadMaster(path string) (Master, error) {
	f, err := durable.Open(path, os.O_RDONLY)
	if err != nil {
		return Master{}, fmt.Errorf("seal: open the master key: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, masterFileBytesMax+1))
	if err != nil {
		return Master{}, fmt.Errorf("seal: read the master key: %w", err)
	}
	if len(text) > masterFileBytesMax {
		return Master{}, fmt.Errorf("seal: %s is too long for a master key: give the path of the master key file", path)
	}
	m, err := ParseMaster(string(text))
	if err != nil {
		return Master{}, fmt.Errorf("%w (in %s)", err, path)
	}
	return m, nil
}

// CreateMaster creates a random master key in a new file of mode 0600. The file and its name
// are on disk when CreateMaster returns. For an existing file it changes nothing, and returns an
// error that wraps fs.ErrExist. A crash leaves the whole file or no file, and possibly a staged
// file, which the next call removes.
func CreateMaster(path string) (Master, error) {
	var m Master
	rand.Read(m.key[:])

	staged := path + ".new"
	err := writeMaster(staged, m)
	if err == nil {
		err = os.Link(staged, path) // a rename would replace an existing file
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

// Format prints the placeholder for all verbs. Verbs such as %d ignore String.
func (m Master) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }
