//go:build faults

package main

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"authledger/eventstore"
	"authledger/eventstore/seal"
)

// refused judges a start that failed. It must say where the damage is and what
// to do, and a second start must not think better of it.
func refused(ctx context.Context, dir string, err error) result {
	if why := unclear(err); why != "" {
		return bad("%s: %v", why, err)
	}
	n, again := openScrubbing(ctx, dir, 1)
	if again == nil {
		return errorsToo(n, bad("refused once, then served: %v", err))
	}
	if exitCode(again) != exitCode(err) {
		return bad("refused with exit code %d, then with %d: %v, then %v", exitCode(err), exitCode(again), err, again)
	}
	return result{outcomeRefused, err.Error()}
}

// unclear says what a refusal leaves open.
func unclear(err error) string {
	var fault *eventstore.Fault
	switch {
	case errors.As(err, &fault) && exitCode(err) != exitFault:
		return "a fault whose exit code is not 3"
	case errors.As(err, &fault) && fault.Stream == 0 && fault.Seq == 0 && !namesFile(err):
		return "a fault without a place"
	case errors.As(err, &fault):
		return ""
	case isMasterKey(err) && namesFile(err):
		return "" // no fault of the log: exit code 1, and the right key helps
	}
	return "refused, but not as a fault"
}

// isMasterKey reports whether it is the master key that doesn't fit or isn't
// there.
func isMasterKey(err error) bool {
	return errors.Is(err, seal.ErrWrongMaster) || errors.Is(err, seal.ErrMasterMissing) ||
		errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "master key")
}

// namesFile reports whether an error names a file, or what lies in one.
func namesFile(err error) bool {
	for _, name := range []string{"ledger.json", "head", "master", "keys", "stream", logDir + "/"} {
		if strings.Contains(err.Error(), name) {
			return true
		}
	}
	return false
}
