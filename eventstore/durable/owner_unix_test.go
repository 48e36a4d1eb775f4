//go:build unix

package durable_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"authledger/eventstore/durable"
)

// TestCreate_OwnerUnderRoot checks that a file that root creates belongs to the owner of
// its directory: the node, which runs as that owner, must be able to read tokens that an
// operator added with sudo.
func TestCreate_OwnerUnderRoot(t *testing.T) {
	dir := t.TempDir()
	owner := os.Geteuid()
	if owner == 0 {
		owner = 65534
		if err := os.Chown(dir, owner, owner); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "file")
	for range 2 {
		if err := durable.Alone(path, func() error { return durable.Replace(path, nil) }); err != nil {
			t.Fatal(err)
		}
	}
	for _, made := range []string{path, path + ".lock"} {
		var at, of syscall.Stat_t
		err := errors.Join(syscall.Stat(made, &at), syscall.Stat(dir, &of))
		if err != nil || int(at.Uid) != owner || at.Gid != of.Gid {
			t.Errorf("%s is of %d:%d, %v, want %d:%d", filepath.Base(made), at.Uid, at.Gid, err, owner,
				of.Gid)
		}
	}
}
