//go:build unix

package childtest

import (
	"testing"

	"golang.org/x/sys/unix"
)

// LimitFileSize runs do while no file of the process can grow beyond a size in bytes: a
// write beyond it returns EFBIG. It fails t outside a child process.
func LimitFileSize(t *testing.T, bytes uint64, do func()) {
	t.Helper()
	limit(t, unix.RLIMIT_FSIZE, bytes, do)
}

// LimitDescriptors runs do while the process can open no descriptor with a number of n or
// more: opening returns EMFILE. It fails t outside a child process.
func LimitDescriptors(t *testing.T, n uint64, do func()) {
	t.Helper()
	limit(t, unix.RLIMIT_NOFILE, n, do)
}

func limit(t *testing.T, resource int, soft uint64, do func()) {
	t.Helper()
	mustBeChild(t)
	var before unix.Rlimit
	if err := unix.Getrlimit(resource, &before); err != nil {
		t.Fatal(err)
	}
	lowered := before
	setSoft(&lowered, soft)
	if err := unix.Setrlimit(resource, &lowered); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Setrlimit(resource, &before); err != nil {
			t.Fatal(err)
		}
	}()
	do()
}
