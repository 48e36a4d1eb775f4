package durable

import (
	"errors"
	"fmt"
	"syscall"
)

// shortages map each error number that reports a missing resource or permission to its remedy.
// Such an error does not mean that the content of a file is damaged.
var shortages = map[syscall.Errno]string{
	syscall.EMFILE: "raise the limit of open files of the process to 1024 or more (ulimit -n, LimitNOFILE=)",
	syscall.ENFILE: "raise the limit of open files of the system (fs.file-max)",
	syscall.ENOMEM: "give the process more memory",
	syscall.EACCES: "run as the owner of the data directory, and check its permissions",
	syscall.EPERM:  "run as the owner of the data directory, and check its permissions",
	syscall.ENOSPC: "free space on the disk",
	syscall.EDQUOT: "raise the disk quota, or free space",
	syscall.EROFS:  "mount the disk writable",
	syscall.EINTR:  "run the command again",
}

// IsShortage reports whether err means that the process lacked a descriptor, memory, disk space
// or a permission. The caller MUST NOT report such an error as damage, because the same
// operation succeeds after the operator has removed the cause.
func IsShortage(err error) bool { return Remedy(err) != "" }

// Remedied adds the remedy of a shortage to its error, and returns any other error unchanged.
func Remedied(err error) error {
	if do := Remedy(err); do != "" {
		return fmt.Errorf("%w: %s, then start again", err, do)
	}
	return err
}

// Remedy returns the action with which the operator can end a shortage, "" for any other error.
func Remedy(err error) string {
	for number, do := range shortages {
		if errors.Is(err, number) {
			return do
		}
	}
	return ""
}
