package bench

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncData returns when the data of f is on disk. It writes the metadata only if a reader needs it.
func syncData(f *os.File) error { return unix.Fdatasync(int(f.Fd())) }
