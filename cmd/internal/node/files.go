package node

import "fmt"

// RequireFiles raises the limit of open files to the hard limit, and returns an error if the
// limit is less than min.
func RequireFiles(min uint64) error {
	limit, err := raiseFileLimit()
	if err != nil {
		return fmt.Errorf("read the limit of open files: %w", err)
	}
	if limit < min {
		return fmt.Errorf("the process may open %d files, want at least %d, and one for each connection: raise the hard limit (`ulimit -Hn`, LimitNOFILE= of a systemd unit), then start again", limit, min)
	}
	return nil
}
