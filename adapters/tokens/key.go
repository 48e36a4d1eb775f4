package tokens

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/nats-io/nkeys"

	"authledger/eventstore/durable"
)

// MakeKey creates the key pair of a NATS client. It writes the seed durably to a new file
// and returns the public part.
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
		return "", fmt.Errorf("%s already exists, and may hold the seed of another key: give another name", path)
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
