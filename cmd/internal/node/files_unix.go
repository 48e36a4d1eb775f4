//go:build unix

package node

import "golang.org/x/sys/unix"

// raiseFileLimit sets the soft limit of open files to the hard limit, and returns the limit
// in force. Where the system refuses the hard limit, as macOS does, the limit stays.
func raiseFileLimit() (uint64, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	raised := limit
	raised.Cur = raised.Max
	if limit.Cur != limit.Max && unix.Setrlimit(unix.RLIMIT_NOFILE, &raised) == nil {
		limit = raised
	}
	return uint64(limit.Cur), nil
}
