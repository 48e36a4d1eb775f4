package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// lockName is the file whose lock a process holds as long as it uses a data
// directory. It holds that process's id, for the next one to name.
const lockName = "lock"

// pidBytesMax bounds what is read of another process's id.
const pidBytesMax = 32

var errInUse = errors.New("stop it first")

// lockDir takes the directory for this process. The lock ends with the process,
// however that ends: errInUse while another has it.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		pid, _ := io.ReadAll(io.LimitReader(f, pidBytesMax)) // only for the message
		f.Close()
		return nil, fmt.Errorf("%s is in use by process %s: %w", dir, orUnknown(pid), errInUse)
	}
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", dir, err), f.Close())
	}
	return f, nil
}

func orUnknown(pid []byte) string {
	if s := strings.TrimSpace(string(pid)); s != "" {
		return s
	}
	return "unknown"
}
