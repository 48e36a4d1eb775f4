package node

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"authledger/eventstore/durable"
)

// lockName is the file that a process locks while it uses a data directory. The file contains
// the id of that process.
const lockName = "lock"

// pidBytesMax is the maximum length of a process id in the file.
const pidBytesMax = 32

// ErrInUse reports a data directory that another process has locked.
var ErrInUse = errors.New("stop it first")

// Lock locks the data directory for this process. It returns [ErrInUse] if another process
// holds the lock. Closing the file releases the lock, and so does the end of the process.
func Lock(dir string) (*os.File, error) {
	f, err := durable.Open(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	err = durable.TryLock(f)
	if errors.Is(err, durable.ErrLocked) {
		pid, _ := io.ReadAll(io.LimitReader(f, pidBytesMax)) // only for the message
		f.Close()
		return nil, fmt.Errorf("%s is in use by process %s: %w", dir, orUnknown(pid), ErrInUse)
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
