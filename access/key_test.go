package access

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/nats-io/nkeys"
)

// A key's seed is its owner's alone: of the directory, also where root makes it. What is
// there already stays.
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
		t.Errorf("the seed is not that of %s: %v", public, err)
	}
	var is syscall.Stat_t
	if err := syscall.Stat(path, &is); err != nil || int(is.Uid) != owner || is.Mode&0o777 != 0o600 {
		t.Errorf("it belongs to %d, mode %o, %v; want %d, 600", is.Uid, is.Mode&0o777, err, owner)
	}
	if _, err := MakeKey(path); err == nil {
		t.Error("another key in its place")
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, text) {
		t.Error("the seed has changed")
	}
}
