package backup

import (
	"errors"
	"fmt"
)

// ErrNone reports a directory or a stream without a complete backup.
var ErrNone = errors.New("no complete backup")

// A DamageError reports a backup that must not be restored: it is damaged, incomplete, or of another
// ledger.
type DamageError struct {
	Path   string // the file, or the backup
	Stream uint64 // first bad position in the stream of the log; 0 if no position is known
	Err    error  // the finding, and the next step of the operator
}

func (d *DamageError) Error() string {
	if d.Stream > 0 {
		return fmt.Sprintf("%s, stream position %d: %v", d.Path, d.Stream, d.Err)
	}
	return fmt.Sprintf("%s: %v", d.Path, d.Err)
}

func (d *DamageError) Unwrap() error { return d.Err }

// useAnother is the next step of the operator for a damaged backup.
const useAnother = "use another backup of this ledger, or make a new one in another directory"

func damaged(path string, stream uint64, format string, args ...any) *DamageError {
	err := fmt.Errorf(format, args...)
	return &DamageError{Path: path, Stream: stream, Err: fmt.Errorf("%w: %s", err, useAnother)}
}
