package durable_test

import (
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"authledger/eventstore/durable"
)

// TestReplace_WholeContent checks that the new content replaces the old as a whole, with
// mode 0600, also if a crash has left a staged file.
func TestReplace_WholeContent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path+".new", []byte("the staged file of a crash is longer"), 0o600); err != nil {
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
		t.Errorf("replaced file: got mode %v, %v, want 0600", at.Mode(), err)
	}
	if _, err := os.Stat(path + ".new"); !os.IsNotExist(err) {
		t.Errorf("staged file after Replace: %v, want none", err)
	}
}

// TestReplace_Error checks that after an error the old file is unchanged and no staged
// file exists.
func TestReplace_Error(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(path, "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := durable.Replace(path, []byte("x")); err == nil {
		t.Error("Replace of a directory: got nil, want an error")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("directory after the error: got %v, %v, want only the old file", left, err)
	}
	if err := durable.Replace(filepath.Join(dir, "nowhere", "file"), nil); err == nil {
		t.Error("Replace in an absent directory: got nil, want an error")
	}
}

// TestReplace_SymbolicLink checks that a symbolic link in the directory cannot redirect
// a write to another file.
func TestReplace_SymbolicLink(t *testing.T) {
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
		t.Errorf("replaced link: got %v, %v, want a regular file", at, err)
	}
	if err := durable.Alone(path, func() error { return nil }); err == nil {
		t.Error("Alone through a link: got nil, want an error")
	}
	if _, err := os.Stat(other); err == nil {
		t.Error("target of the link: got a new file, want none")
	}
}

// TestAlone_ConcurrentChanges checks that concurrent changes of a file under Alone are
// all kept.
func TestAlone_ConcurrentChanges(t *testing.T) {
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
		t.Errorf("counter after concurrent changes: got %s, %v, want %d", got, err, each*together)
	}
}
