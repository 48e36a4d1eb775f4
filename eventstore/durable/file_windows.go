package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// Windows has neither flag. Opening a named pipe there does not wait.
const noFollow, noWait = 0, 0

// chownToDirectory does nothing: on Windows a file inherits the access rights of its directory.
func chownToDirectory(*os.File) error { return nil }

// StampOf returns the stamp of a file, the zero Stamp if the file does not exist.
func StampOf(path string) (Stamp, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Stamp{}, nil
	}
	if err != nil {
		return Stamp{}, err
	}
	defer f.Close() // the file was only read
	var i windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(windows.Handle(f.Fd()), &i); err != nil {
		return Stamp{}, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	return Stamp{
		uint64(i.FileIndexHigh)<<32 | uint64(i.FileIndexLow),
		int64(i.FileSizeHigh)<<32 | int64(i.FileSizeLow),
		i.LastWriteTime.Nanoseconds(),
	}, nil
}

// Free returns the number of bytes that the process may still write to the disk of dir.
func Free(dir string) (free uint64, err error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err == nil {
		err = windows.GetDiskFreeSpaceEx(name, &free, nil, nil)
	}
	if err != nil {
		return 0, fmt.Errorf("read the free space of %s: %w", dir, err)
	}
	return free, nil
}

func lockFile(f *os.File) error { return lock(f, windows.LOCKFILE_EXCLUSIVE_LOCK) }

// TryLock locks an open file against every other process and handle until f is closed or the
// process ends. It returns [ErrLocked] while another holds the lock.
func TryLock(f *os.File) error {
	err := lock(f, windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ErrLocked
	}
	return err
}

// LockDir locks a directory: see [TryLock]. Windows cannot lock a directory itself, so LockDir
// locks a file beside the directory.
func LockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Clean(dir)+lockSuffix, os.O_CREATE|os.O_RDWR, private)
	if err != nil {
		return nil, err
	}
	if err := TryLock(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// lock locks one byte at the greatest offset, because other processes can't read a locked byte.
func lock(f *os.File, flags uint32) error {
	at := windows.Overlapped{Offset: math.MaxUint32 - 1, OffsetHigh: math.MaxInt32}
	if err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &at); err != nil {
		return &fs.PathError{Op: "lock", Path: f.Name(), Err: err}
	}
	return nil
}
