package blocks

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"crypto/sha256"

	"github.com/minio/highwayhash"

	"authledger/eventstore"
)

// Names of nats-server in a stream's directory.
const (
	messagesDir     = "msgs"
	descriptionName = "meta.inf"
	sumName         = "meta.sum"

	// descriptionBytesMax bounds the two files that describe a stream.
	descriptionBytesMax = 1 << 20
)

// openFile opens a regular file for reading and returns its size. It does not wait for
// the writer of a FIFO, and opens no link and no device.
func openFile(path string) (*os.File, int64, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, notRegular(path, info)
	}
	f, err := os.OpenFile(path, openFlags, 0)
	if err != nil {
		return nil, 0, err
	}
	info, err = f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = notRegular(path, info)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

func notRegular(path string, info fs.FileInfo) error {
	return fmt.Errorf("open %s: not a regular file but %s: put the file of the log back", path, info.Mode().Type())
}

// readFile returns the content of a regular file of at most descriptionBytesMax bytes.
func readFile(path string) (data []byte, err error) {
	f, size, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if size > descriptionBytesMax {
		return nil, eventstore.Faultf(0, "%s has %d bytes, more than the %d of a description: restore it from a backup", path, size, descriptionBytesMax)
	}
	return io.ReadAll(io.LimitReader(f, descriptionBytesMax))
}

// description returns the stream's configuration, as the server stored it, after
// comparing its checksum.
func (s *Store) description() ([]byte, error) {
	path := filepath.Join(s.opts.Dir, descriptionName)
	described, err := readFile(path)
	if err != nil {
		return nil, absentIsFault(err)
	}
	want, err := readFile(filepath.Join(s.opts.Dir, sumName))
	if err != nil {
		return nil, absentIsFault(err)
	}
	key := sha256.Sum256([]byte(s.opts.Stream))
	sum, err := highwayhash.New64(key[:])
	if err != nil {
		return nil, err
	}
	sum.Write(described)
	if hex.EncodeToString(sum.Sum(nil)) != string(want) {
		return nil, eventstore.Faultf(0, "%s does not match its checksum in %s: restore both from a backup", path, sumName)
	}
	return described, nil
}

// absentIsFault returns a *eventstore.Fault for the error of a file that does not exist, and
// any other error unchanged.
func absentIsFault(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return eventstore.Faultf(0, "%w: the stream's files are damaged, moved or in another directory", err)
	}
	return err
}
