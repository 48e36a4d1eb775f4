//go:build unix

package tokens

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/nats-io/nkeys"
)

// TestMakeKey checks that only the owner of the directory can read the seed, even if
// root creates the file, and that MakeKey replaces no existing file.
func TestMakeKey(t *testing.T) {
	dir := t.TempDir()
	owner := os.Geteuid()
	if owner == 0 {
		owner = 65534
		if err := os.Chown(dir, owner, owner); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "portal.nk")
	public, err := MakeKey(path)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	key, err := nkeys.FromSeed(bytes.TrimSpace(text))
	if err != nil {
		t.Fatal(err)
	}
	if is, err := key.PublicKey(); is != public || err != nil || !nkeys.IsValidPublicUserKey(public) {
		t.Errorf("public key of the seed: got %s, %v, want %s", is, err, public)
	}
	var is syscall.Stat_t
	if err := syscall.Stat(path, &is); err != nil || int(is.Uid) != owner || is.Mode&0o777 != 0o600 {
		t.Errorf("key file: got owner %d, mode %o, error %v, want owner %d, mode 600", is.Uid, is.Mode&0o777,
			err, owner)
	}
	if _, err := MakeKey(path); err == nil {
		t.Error("make a key in an existing file: got no error, want one")
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, text) {
		t.Errorf("seed in the existing file: got %d bytes, %v, want the former %d bytes", len(after), err,
			len(text))
	}
}
