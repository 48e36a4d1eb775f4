package eventstore

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"authledger/domain"
)

// WitnessBackup begins the name of a witness that is a backup.
const WitnessBackup = "backup "

// CheckHolds returns a *Fault unless the log holds the commit that at identifies, with the same
// bytes. The message of the fault names the witness: the file from which the caller read at.
func CheckHolds(ctx context.Context, store Reader, witness string, at domain.Position) error {
	last, err := store.Last(ctx)
	if err != nil {
		return fmt.Errorf("find the log's end: %w", err)
	}
	if at.Stream > last {
		return &Fault{Stream: last + 1, Err: fmt.Errorf("the log ends at stream position %d, but the %s holds record %d at stream position %d: the tail of the log is lost; restore the directory from a backup%s", last, witness, at.Seq, at.Stream, orReplaced(witness))}
	}
	if at.Stream == 0 {
		return nil
	}
	m, err := store.Get(ctx, at.Stream)
	if err != nil {
		return fmt.Errorf("read the last commit by the %s: %w", witness, err)
	}
	if sha256.Sum256(m.Data) != at.Hash {
		return &Fault{Stream: at.Stream, Seq: at.Seq, Err: fmt.Errorf("the commit there is not the commit in the %s: the position was used again, or the log was replaced; restore the directory from a backup%s", witness, orReplaced(witness))}
	}
	return nil
}

// orReplaced returns the advice for the case that the witness was replaced and not the log.
func orReplaced(witness string) string {
	if strings.HasPrefix(witness, WitnessBackup) {
		return "" // the owner of the backup adds its own advice
	}
	if witness == "head" {
		return "; if only the file head was replaced, delete it, then write a new one with `authledger rebuild --head`"
	}
	return "; if only the projections were replaced, build them anew with `authledger rebuild`"
}

// CatchUp folds the commits that the state lacks and proves their chain. With an empty
// state, it rebuilds the projections. It calls progress, if that is not nil, with the
// stream position of each folded commit and the last position of the log.
func CatchUp(ctx context.Context, m Manifest, store Reader, state State, progress func(stream, last uint64)) error {
	_, err := catchUp(ctx, m, store, state, progress)
	return err
}

// catchUp does the work of CatchUp, and returns the chain at the end of the log.
func catchUp(ctx context.Context, m Manifest, store Reader, state State, progress func(stream, last uint64)) (Chain, error) {
	at, err := lastCommit(ctx, m, store, state.Position())
	if err != nil {
		return at, err
	}
	last, err := store.Last(ctx)
	if err != nil {
		return at, fmt.Errorf("find the log's end: %w", err)
	}
	for c, err := range proved(ctx, &at, store.Read) {
		if err != nil {
			return at, err
		}
		if err := state.Fold(&c); err != nil {
			return at, fmt.Errorf("fold records %d to %d: %w", c.First, c.Last(), err)
		}
		if progress != nil {
			progress(c.Stream, last)
		}
	}
	return at, nil
}

// lastCommit returns the chain after the commit that ends at a position. It returns a *Fault if
// no commit of the log ends at that position.
func lastCommit(ctx context.Context, m Manifest, store Reader, at domain.Position) (Chain, error) {
	c := chainAt(m, at)
	if at.Stream == 0 {
		return c, nil
	}
	message, err := store.Get(ctx, at.Stream)
	if err != nil {
		return c, fmt.Errorf("read the commit at %d: %w", at.Stream, err)
	}
	commit, err := ReadCommit(m.Realm, message)
	if err != nil {
		return c, &Fault{Stream: at.Stream, Err: err}
	}
	if commit.End() != at {
		return c, &Fault{Stream: at.Stream, Seq: commit.First, Err: errors.New("the commit there does not end at the expected position")}
	}
	c.time = commit.Time
	return c, nil
}
