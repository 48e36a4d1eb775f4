// Package durable replaces small files so that a crash leaves the old or the new content,
// and never a part. It also opens regular files safely, locks files and directories, and
// classifies errors that report a shortage.
//
// It is not a log, and it reports no success before the disk has confirmed the write.
//
// # Decisions
//
//   - [Replace] writes the new content to a staged file beside the file, syncs the staged
//     file, renames it over the file, and syncs the directory. The staged file always has the
//     same name, so that the next call removes the remains of a crashed call and no copies of
//     secrets stay on disk. Given up: concurrent replacements of one file; [Alone] serializes
//     them.
//   - A file that root creates gets the owner of its directory, so that a command under
//     sudo does not make a file unreadable for the node. For that reason [Create] and [Alone]
//     follow no symbolic link.
package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

const (
	staged     = ".new"  // suffix of the staged file
	lockSuffix = ".lock" // suffix of the lock file of [Alone]

	private    = 0o600
	privateDir = 0o700
)

// ErrLocked reports that another process, or another descriptor of this process, holds a lock.
var ErrLocked = errors.New("already locked")

// Stamp identifies one state of a file: it differs after the file was written or replaced. The
// zero value stands for a file that does not exist.
type Stamp struct {
	file    uint64 // inode number, or file index
	size    int64  // bytes
	changed int64  // nanoseconds
}

// onDisk syncs a file or a directory. Tests replace it.
var onDisk = (*os.File).Sync

// Replace replaces the content of a file by data. The file then has mode 0600. When Replace
// returns nil, data is on disk. After an error the file holds the old content or data. Calls
// for one file MUST NOT be concurrent: see [Alone].
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

// Create creates a file of mode 0600 for writing and reading. Its error is fs.ErrExist if
// the file exists. If the process runs as root, the file gets the owner of its directory.
// The caller syncs the file after writing, then the directory.
func Create(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, private)
	if err != nil {
		return nil, err
	}
	if err = chownToDirectory(f); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	return f, nil
}

// MkdirAll creates a directory of mode 0700 with its missing parents. When it returns nil, the names of the new
// directories are on disk. It syncs each parent before it creates the next directory, and the parent of an existing
// directory too, because an earlier call may have crashed before its sync.
func MkdirAll(dir string) error {
	dir = filepath.Clean(dir)
	parent := filepath.Dir(dir)
	_, err := os.Stat(dir)
	isNew := errors.Is(err, fs.ErrNotExist)
	if isNew && parent != dir {
		if err := MkdirAll(parent); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, privateDir); err != nil {
		return err
	}
	err = SyncDir(parent)
	if !isNew && errors.Is(err, fs.ErrPermission) {
		return nil // a process that can't read the parent has not created the directory
	}
	return err
}

// SyncDir makes the names in a directory durable. On Windows it does nothing: NTFS
// journals the names, and a process cannot sync a directory.
func SyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := errors.Join(onDisk(d), d.Close()); err != nil {
		return fmt.Errorf("sync directory %s: %w", dir, err)
	}
	return nil
}

// Alone calls do while it holds an exclusive lock on path. It waits for other processes and
// goroutines that hold the lock. The lock is a separate file beside path, which stays.
func Alone(path string, do func() error) error {
	f, err := Create(path + lockSuffix)
	if errors.Is(err, fs.ErrExist) {
		f, err = os.OpenFile(path+lockSuffix, os.O_RDWR|noFollow|noWait, private)
	}
	if err != nil {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	defer f.Close() // releases the lock
	if err := lockFile(f); err != nil {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	return do()
}
