//go:build unix

package durable_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"authledger/eventstore/durable"
)

// TestOpen_NotRegular checks that opening a named pipe does not wait for its other end.
func TestOpen_NotRegular(t *testing.T) {
	dir := t.TempDir()
	pipe, link, file := filepath.Join(dir, "pipe"), filepath.Join(dir, "link"), filepath.Join(dir, "file")
	err := errors.Join(syscall.Mkfifo(pipe, 0o600), os.Symlink(pipe, link),
		os.WriteFile(file, []byte("text"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, path := range []string{pipe, link, dir, "/dev/null"} {
			for _, flags := range []int{os.O_RDONLY, os.O_RDWR, os.O_RDWR | os.O_CREATE} {
				if _, err := durable.Open(path, flags); !errors.Is(err, durable.ErrNotRegular) {
					t.Errorf("open %s with flags %#x: %v, want %v", path, flags, err, durable.ErrNotRegular)
				}
			}
			if _, err := durable.ReadFile(path); !errors.Is(err, durable.ErrNotRegular) {
				t.Errorf("read %s: %v, want %v", path, err, durable.ErrNotRegular)
			}
		}
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("timed out after a minute: open waits for the other end of a pipe, want an error")
	}
	if text, err := durable.ReadFile(file); err != nil || string(text) != "text" {
		t.Errorf("read a file: got %q, %v, want text", text, err)
	}
	if _, err := durable.ReadFile(filepath.Join(dir, "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("read an absent file: %v, want %v", err, os.ErrNotExist)
	}
}
