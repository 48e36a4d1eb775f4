package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestReplace_PowerCut checks that a power cut leaves the old or the new content: the
// new content is on disk before it replaces the old, and its name is on disk before
// Replace returns.
func TestReplace_PowerCut(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	var steps []string
	lost := errors.New("the disk is lost")
	failing := ""
	defer func() { onDisk = (*os.File).Sync }()
	onDisk = func(f *os.File) error {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		}
		staged, _ := os.ReadFile(path + staged) // it may not be there
		name := filepath.Base(f.Name())
		if f.Name() == dir {
			name = "directory"
		}
		steps = append(steps, fmt.Sprintf("%s: %s, staged %q", name, text, staged))
		if name == failing {
			return lost
		}
		return f.Sync()
	}
	if err := Replace(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if want := []string{`file.new: old, staged "new"`, `directory: new, staged ""`}; !slices.Equal(steps, want) {
		t.Errorf("%q, want %q", steps, want)
	}
	for _, failing = range []string{"file.new", "directory"} {
		if err := Replace(path, []byte("newer")); !errors.Is(err, lost) {
			t.Errorf("sync of the %s fails: Replace returned %v, want the error", failing, err)
		}
	}
	failing = "file.new"
	if err := Replace(path, []byte("newest")); !errors.Is(err, lost) {
		t.Error(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) == "newest" {
		t.Errorf("got %s, error %v, want the old content", text, err)
	}
}

// TestMkdirAll_PowerCut checks that MkdirAll syncs the parent of each new directory before it
// creates the next one, also after a crash between two of its steps, and reports a failed sync.
func TestMkdirAll_PowerCut(t *testing.T) {
	root := t.TempDir()
	a := filepath.Join(root, "a")
	b, c := filepath.Join(a, "b"), filepath.Join(a, "b", "c")
	lost := errors.New("the disk is lost")
	var synced []string
	failing := a
	defer func() { onDisk = (*os.File).Sync }()
	onDisk = func(f *os.File) error {
		synced = append(synced, f.Name())
		if f.Name() == failing {
			return lost
		}
		return f.Sync()
	}
	if err := MkdirAll(c); !errors.Is(err, lost) {
		t.Fatalf("sync of %s fails: MkdirAll returned %v, want the error", a, err)
	}
	if _, err := os.Stat(c); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s after the failed sync of %s: got %v, want not found", c, a, err)
	}
	failing, synced = "", nil
	for range 2 {
		if err := MkdirAll(c); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{a, b, b}; !slices.Equal(synced, want) {
		t.Errorf("synced %q, want %q", synced, want)
	}
	failing, lost = b, os.ErrPermission
	if err := MkdirAll(c); err != nil {
		t.Errorf("existing directory in a parent without read permission: got %v, want nil", err)
	}
	if err := MkdirAll(filepath.Join(b, "new")); !errors.Is(err, lost) {
		t.Errorf("new directory in a parent without read permission: got %v, want the error", err)
	}
	at, err := os.Stat(c)
	if err != nil || at.Mode().Perm() != privateDir {
		t.Errorf("%s: got %v, %v, want mode 0700", c, at, err)
	}
}
