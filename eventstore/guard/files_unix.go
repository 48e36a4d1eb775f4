//go:build unix

package guard

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// With openFlags, os.OpenFile neither follows a link nor waits for the writer of a pipe.
const openFlags = os.O_RDONLY | syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// checkOwner refuses a file of another user, because files that the server replaces would
// change their owner. Root may open the files of every user.
func checkOwner(path string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	return ownerError(path, int(stat.Uid), os.Geteuid())
}

func ownerError(path string, owner, user int) error {
	if user == 0 || owner == user {
		return nil
	}
	return fmt.Errorf("%s: permission denied: user %d owns it, this process runs as user %d: run as user %[2]d", path, owner, user)
}

// makeDirs creates a directory, mode 0700, and its missing parents. If the process runs as
// root, the owner of like owns the created directories.
func makeDirs(dir, like string) error {
	err := os.Mkdir(dir, private)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case errors.Is(err, fs.ErrNotExist):
		if err = makeDirs(filepath.Dir(dir), like); err == nil {
			return makeDirs(dir, like)
		}
		return err
	case err != nil || os.Geteuid() != 0:
		return err
	}
	var owner syscall.Stat_t
	if err := syscall.Stat(like, &owner); err != nil {
		return err
	}
	return os.Chown(dir, int(owner.Uid), int(owner.Gid))
}

// isWithoutLinks reports whether err means that the file system supports no hard links, or no
// further link to the file.
func isWithoutLinks(err error) bool {
	return errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EXDEV) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.EMLINK) || errors.Is(err, syscall.ENOSYS)
}
