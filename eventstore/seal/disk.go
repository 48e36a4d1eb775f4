package seal

import (
	"errors"
	"os"
	"path/filepath"

	"authledger/eventstore/durable"
)

const (
	keysName  = "keys"
	stageName = "keys.new" // a key file that is being written; the next Open after a crash removes it

	privateFile = 0o600
	privateDir  = 0o700
)

// stage writes a new key file beside the real one and syncs it.
func stage(dir string, write func(*os.File) error) (*os.File, error) {
	path := filepath.Join(dir, stageName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, privateFile)
	if err != nil {
		return nil, err
	}
	if err = write(f); err == nil {
		err = f.Sync()
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	return f, nil
}

// install replaces the key file by the staged file. If install returns an error, either file may
// be the key file after a crash.
func install(dir string) error {
	if err := os.Rename(filepath.Join(dir, stageName), filepath.Join(dir, keysName)); err != nil {
		return err
	}
	return durable.SyncDir(dir)
}

// unstage removes the staged file of a crashed process. The file holds keys, and a key that
// is destroyed later must not stay there.
func unstage(dir string) error {
	err := os.Remove(filepath.Join(dir, stageName))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return errors.Join(err, durable.SyncDir(dir))
}

func makeDir(dir string) error {
	if err := os.MkdirAll(dir, privateDir); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(filepath.Clean(dir)))
}
