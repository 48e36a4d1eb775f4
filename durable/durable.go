// Package durable puts small files on disk so that a crash leaves the old content or
// the new, and never a part.
//
// It refuses to be a log, to read anything, and to call something done that the disk
// has not confirmed.
//
// # Decisions
//
//   - The new content is staged beside the file, synced, renamed over it, and the
//     directory synced. The staged file has one name, so that what a crash leaves of it
//     goes with the next call and no copies of secrets lie about. Given up: two that
//     replace a file at once; [Alone] keeps them apart.
//   - What root makes in somebody else's directory is that one's: an operator's sudo
//     takes no file away from the node. So no link that lies there is followed.
package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

const (
	staged = ".new"  // behind the name of a file that is replaced
	lock   = ".lock" // behind the name of a file that one at a time may change

	private = 0o600
)

// onDisk waits until the disk has a file, or the names in a directory. Tests watch it.
var onDisk = (*os.File).Sync

// Replace puts data in the place of a file, mode 0600. When it returns nil the disk has
// it; with an error the file holds what it did, or data. One at a time may do it.
func Replace(path string, data []byte) error {
	if err := os.Remove(path + staged); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := Create(path + staged)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, onDisk(f), f.Close()); err == nil {
		err = os.Rename(path+staged, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(path+staged))
	}
	return SyncDir(filepath.Dir(path))
}

// Create makes a file that is not there (fs.ErrExist), mode 0600, to write and read; for
// the owner of its directory if it is root who makes it. Whoever writes it syncs it, and
// then the directory.
func Create(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, private)
	if err != nil || os.Geteuid() != 0 {
		return f, err
	}
	var dir syscall.Stat_t
	if err = syscall.Stat(filepath.Dir(path), &dir); err == nil && dir.Uid != 0 {
		err = f.Chown(int(dir.Uid), int(dir.Gid))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	return f, nil
}

// SyncDir makes durable which names a directory holds.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := errors.Join(onDisk(d), d.Close()); err != nil {
		return fmt.Errorf("sync directory %s: %w", dir, err)
	}
	return nil
}

// Alone does something that no other process or goroutine does meanwhile to the same
// file: it waits for them. The lock is a file beside it, and stays there.
func Alone(path string, do func() error) error {
	f, err := Create(path + lock)
	if errors.Is(err, fs.ErrExist) {
		f, err = os.OpenFile(path+lock, os.O_RDWR|syscall.O_NOFOLLOW, private)
	}
	if err != nil {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	defer f.Close() // and thereby unlocked
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	return do()
}
