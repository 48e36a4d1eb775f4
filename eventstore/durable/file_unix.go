//go:build unix

package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Flags of os.OpenFile: noFollow refuses a symbolic link, noWait opens a named pipe without
// waiting for the other end.
const (
	noFollow = unix.O_NOFOLLOW
	noWait   = unix.O_NONBLOCK
)

// chownToDirectory gives a file that root created to the owner of its directory.
func chownToDirectory(f *os.File) error {
	if os.Geteuid() != 0 {
		return nil
	}
	var dir unix.Stat_t
	if err := unix.Stat(filepath.Dir(f.Name()), &dir); err != nil || dir.Uid == 0 {
		return err
	}
	return f.Chown(int(dir.Uid), int(dir.Gid))
}

// StampOf returns the stamp of a file, the zero Stamp if the file does not exist.
func StampOf(path string) (Stamp, error) {
	var s unix.Stat_t
	err := unix.Stat(path, &s)
	if errors.Is(err, fs.ErrNotExist) {
		return Stamp{}, nil
	}
	if err != nil {
		return Stamp{}, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	return Stamp{uint64(s.Ino), s.Size, s.Ctim.Nano()}, nil
}

// Free returns the number of bytes that the process may still write to the disk of dir.
func Free(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("read the free space of %s: %w", dir, err)
	}
	return uint64(max(s.Bavail, 0)) * uint64(s.Bsize), nil
}

func lockFile(f *os.File) error { return flock(f, unix.LOCK_EX) }

// TryLock locks an open file or directory against every other process and descriptor until
// f is closed or the process ends. It returns [ErrLocked] while another holds the lock.
func TryLock(f *os.File) error {
	err := flock(f, unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return ErrLocked
	}
	return err
}

// LockDir locks a directory: see [TryLock].
func LockDir(dir string) (*os.File, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := TryLock(d); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// flock calls flock(2) again if a signal interrupts the call.
func flock(f *os.File, how int) error {
	for {
		err := unix.Flock(int(f.Fd()), how)
		if err == nil {
			return nil
		}
		if !errors.Is(err, unix.EINTR) {
			return &fs.PathError{Op: "flock", Path: f.Name(), Err: err}
		}
	}
}
