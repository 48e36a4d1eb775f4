package access

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/nats-io/nkeys"

	"authledger/durable"
)

// MakeKey makes the key with which somebody connects over NATS: its seed goes to a file
// that is not there yet, durably, and its public part is returned.
func MakeKey(path string) (public string, err error) {
	key, err := nkeys.CreateUser()
	if err != nil {
		return "", fmt.Errorf("make a key: %w", err)
	}
	defer key.Wipe()
	seed, err := key.Seed()
	if err == nil {
		public, err = key.PublicKey()
	}
	if err != nil {
		return "", fmt.Errorf("make a key: %w", err)
	}
	f, err := durable.Create(path)
	if errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("%s is there already, and may be somebody's key: give another name", path)
	}
	if err != nil {
		return "", fmt.Errorf("write the seed: %w", err)
	}
	_, err = f.Write(append(seed, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close(), durable.SyncDir(filepath.Dir(path))); err != nil {
		return "", fmt.Errorf("write the seed to %s: %w", path, err)
	}
	return public, nil
}
