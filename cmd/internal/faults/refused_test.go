//go:build faults

package faults

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"authledger/cmd/internal/node"
	"authledger/eventstore"
	"authledger/eventstore/seal"
)

// refused checks a start that failed. The error must name the damage and the next
// step, and a second start must fail too.
func refused(ctx context.Context, dir string, err error) result {
	if why := unclear(err); why != "" {
		return bad("%s: %v", why, err)
	}
	n, again := openScrubbing(ctx, dir, 1)
	if again == nil {
		return errorsToo(n, bad("refused once, then served: %v", err))
	}
	if exitCode(again) != exitCode(err) {
		return bad("refused with exit code %d, then with %d: %v, then %v", exitCode(err), exitCode(again),
			err, again)
	}
	return result{outcomeRefused, err.Error()}
}

// unclear returns the missing parts of the error of a refused start.
func unclear(err error) string {
	var fault *eventstore.Fault
	switch {
	case errors.As(err, &fault) && exitCode(err) != exitFault:
		return "a fault whose exit code is not 3"
	case errors.As(err, &fault) && fault.Stream == 0 && fault.Seq == 0 && !namesFile(err):
		return "a fault without a position and a file"
	case errors.As(err, &fault):
		return ""
	case isMasterKey(err) && namesFile(err):
		return "" // no fault of the log: exit code 1; the right key solves it
	}
	return "refused, but not as a fault"
}

// isMasterKey reports whether the master key is missing or wrong.
func isMasterKey(err error) bool {
	return errors.Is(err, seal.ErrWrongMaster) || errors.Is(err, seal.ErrMasterMissing) ||
		errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "master key")
}

// namesFile reports whether an error contains the path of a file or of a file below
// it.
func namesFile(err error) bool {
	for _, name := range []string{"ledger.json", "head", "master", "keys", "stream", node.LogDir + "/"} {
		if strings.Contains(err.Error(), name) {
			return true
		}
	}
	return false
}
