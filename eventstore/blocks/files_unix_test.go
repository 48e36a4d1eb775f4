//go:build !windows

package blocks_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"authledger/eventstore"
	"authledger/eventstore/blocks"
	"authledger/eventstore/childtest"
)

// TestOpen_NotRegularFile checks that a reader opens only regular files: a named pipe
// would block the reader, and a link could lead to any file. Neither is reported as
// damage.
func TestOpen_NotRegularFile(t *testing.T) {
	kinds := map[string]func(path string) error{
		"FIFO":          func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"directory":     func(path string) error { return os.Mkdir(path, 0o700) },
		"link":          func(path string) error { return os.Symlink(path+".moved", path) },
		"dangling link": func(path string) error { return os.Symlink("absent", path) },
		"device":        func(path string) error { return os.Symlink("/dev/zero", path) },
	}
	for _, name := range []string{"msgs/1.blk", "meta.inf", "meta.sum"} {
		for kind, make := range kinds {
			t.Run(name+" "+kind, func(t *testing.T) {
				dir := stopped(t)
				path := filepath.Join(streamDir(dir), name)
				if err := errors.Join(os.Rename(path, path+".moved"), make(path)); err != nil {
					t.Fatal(err)
				}
				wantPlain(t, openAndRead(t, dir))
			})
		}
	}
}

// openAndRead returns the first error of opening, checking and reading a log.
func openAndRead(t *testing.T, dir string) error {
	s, err := blocks.Open(t.Context(), options(dir))
	if err == nil {
		err = s.Check(t.Context())
	}
	if err == nil {
		_, err = readAll(t, s)
	}
	return err
}

func wantPlain(t *testing.T, err error) {
	t.Helper()
	if err == nil || errors.As(err, new(*eventstore.Fault)) {
		t.Errorf("error %v, want one that is no Fault", err)
	}
}

// TestShortageIsNoFault reads a log where the process may open no more files.
func TestShortageIsNoFault(t *testing.T) {
	childtest.Run(t, func(t *testing.T) {
		dir := stopped(t)
		before := tree(t, dir)
		s := open(t, dir)
		var errs []error
		childtest.LimitDescriptors(t, 3, func() {
			_, openErr := blocks.Open(t.Context(), options(dir))
			_, readErr := readAll(t, s)
			_, getErr := s.Get(t.Context(), keep)
			errs = []error{openErr, readErr, getErr, s.Check(t.Context())}
		})
		for _, err := range errs {
			wantPlain(t, err)
			if !errors.Is(err, syscall.EMFILE) {
				t.Errorf("error %v, want too many open files", err)
			}
		}
		if after := tree(t, dir); after != before {
			t.Errorf("files after the read: got\n%s\nwant\n%s", after, before)
		}
	})
}
