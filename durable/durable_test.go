package durable_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"authledger/durable"
)

// The new content takes the place of the old as a whole, for its owner alone, also of
// what a crash has left staged.
func TestReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path+".new", []byte("more than what a crash has left of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"first", "", "third"} {
		if err := durable.Replace(path, []byte(want)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	at, err := os.Stat(path)
	if err != nil || at.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", at.Mode(), err)
	}
	if _, err := os.Stat(path + ".new"); !os.IsNotExist(err) {
		t.Errorf("a staged file lies about: %v", err)
	}
}

// What can't be replaced is as it was, and nothing lies beside it.
func TestReplaceFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(path, "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := durable.Replace(path, []byte("x")); err == nil {
		t.Error("a directory was replaced")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
	if err := durable.Replace(filepath.Join(dir, "nowhere", "file"), nil); err == nil {
		t.Error("a file was made in a directory that is not there")
	}
}

// What anybody makes in a directory is of whoever owns that, also what root makes, which
// the owner could not read otherwise: tokens that nobody can read let nobody in.
func TestOwner(t *testing.T) {
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
		if err := errors.Join(syscall.Stat(made, &at), syscall.Stat(dir, &of)); err != nil || int(at.Uid) != owner || at.Gid != of.Gid {
			t.Errorf("%s is of %d:%d, %v, want %d:%d", filepath.Base(made), at.Uid, at.Gid, err, owner, of.Gid)
		}
	}
}

// Who may write to the directory can't have another's file written over with a link.
func TestNoLinkFollowed(t *testing.T) {
	dir := t.TempDir()
	other, path := filepath.Join(dir, "other"), filepath.Join(dir, "file")
	for _, link := range []string{path + ".new", path + ".lock"} {
		if err := os.Symlink(other, link); err != nil {
			t.Fatal(err)
		}
	}
	if err := durable.Replace(path, []byte("x")); err != nil {
		t.Error(err)
	}
	if at, err := os.Lstat(path); err != nil || !at.Mode().IsRegular() {
		t.Errorf("%v, %v", at, err)
	}
	if err := durable.Alone(path, func() error { return nil }); err == nil {
		t.Error("a link is a lock")
	}
	if _, err := os.Stat(other); err == nil {
		t.Error("a link was followed")
	}
}

// Who changes a file alone loses nobody's change.
func TestAlone(t *testing.T) {
	const each, together = 20, 8
	path := filepath.Join(t.TempDir(), "count")
	if err := durable.Replace(path, []byte("0")); err != nil {
		t.Fatal(err)
	}
	add := func() error {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(string(text))
		if err != nil {
			return err
		}
		return durable.Replace(path, []byte(strconv.Itoa(n+1)))
	}
	var group sync.WaitGroup
	for range together {
		group.Go(func() {
			for range each {
				if err := durable.Alone(path, add); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if got, err := os.ReadFile(path); err != nil || string(got) != strconv.Itoa(each*together) {
		t.Errorf("%s, %v", got, err)
	}
}
