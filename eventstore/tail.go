package eventstore

import (
	"context"
	"fmt"
)

// CheckTail returns a *Fault unless log passes [Reader.Check] and holds the commit at the
// position in the head in dir. The log of another ledger passes here, because [Parts.Bind]
// also compares the keys and names the part that belongs to another ledger.
func CheckTail(ctx context.Context, m Manifest, log Reader, dir string) error {
	if err := log.Check(ctx); err != nil {
		return fmt.Errorf("check the log: %w", err)
	}
	foreign, err := isForeign(ctx, m, log)
	if err != nil || foreign {
		return err
	}
	head, err := HeadAt(dir)
	if err != nil {
		return err
	}
	return CheckHolds(ctx, log, "head", head)
}

// isForeign reports whether the first commit of the log belongs to another ledger.
func isForeign(ctx context.Context, m Manifest, log Reader) (bool, error) {
	for first, err := range log.Read(ctx, 1) { // Get would index the whole block
		if err != nil {
			return false, fmt.Errorf("read the first commit: %w", err)
		}
		c, err := ReadCommit(m.Realm, first)
		if err != nil {
			return false, &Fault{Stream: 1, Err: err}
		}
		return c.Prev != Genesis(m.LedgerID), nil
	}
	return false, nil // an empty log
}
