package nodetest

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// CopyDirectory copies a stopped data directory. Only the owner can read the copies, as a
// node requires.
func CopyDirectory(to, from string) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	return filepath.WalkDir(to, func(path string, d os.DirEntry, err error) error {
		mode := os.FileMode(0o600)
		if err == nil && d.IsDir() {
			mode = 0o700
		}
		return errors.Join(err, os.Chmod(path, mode))
	})
}

// The position and the length of the ledger's id in the file of keys.
const (
	ledgerSlotAt    = 5 * 128
	ledgerSlotBytes = 128
)

// DamageKey overwrites a part of the key in slot n of the first chunk of the key ring of a stopped
// data directory.
func DamageKey(t testing.TB, dir string, n int) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, "keys", "ring", "0000000"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt([]byte("damaged"), int64(n-1)*ledgerSlotBytes+50)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// ClearBinding removes the ledger's id from the keys of a stopped data directory.
func ClearBinding(dir string) error {
	path := filepath.Join(dir, "keys", "keys")
	keys, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	clear(keys[ledgerSlotAt : ledgerSlotAt+ledgerSlotBytes])
	return os.WriteFile(path, keys, 0o600)
}
