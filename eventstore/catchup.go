package eventstore

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"authledger/domain"
)

// holds proves that the log still holds the commit that somebody remembers: at
// its place, and with the same bytes.
func holds(ctx context.Context, store Store, who string, at domain.Position) error {
	last, err := store.Last(ctx)
	if err != nil {
		return fmt.Errorf("find the log's end: %w", err)
	}
	if at.Stream > last {
		return &Fault{Stream: last + 1, Err: fmt.Errorf("the log ends at stream position %d, but the %s remembers record %d at %d: its tail is lost; restore the directory from a backup", last, who, at.Seq, at.Stream)}
	}
	if at.Stream == 0 {
		return nil
	}
	m, err := store.Get(ctx, at.Stream)
	if err != nil {
		return fmt.Errorf("read the commit that the %s remembers: %w", who, err)
	}
	if sha256.Sum256(m.Data) != at.Hash {
		return &Fault{Stream: at.Stream, Seq: at.Seq, Err: fmt.Errorf("the commit there is not the one that the %s remembers: the position was used again, or the log was replaced; restore the directory from a backup", who)}
	}
	return nil
}

// CatchUp folds what the state lacks of a log, proving the chain on the way. It
// is how projections are built anew. progress hears of stream positions, and
// may be nil.
func CatchUp(ctx context.Context, m Manifest, store Store, state State, progress func(stream, last uint64)) error {
	_, err := catchUp(ctx, m, store, state, progress)
	return err
}

// catchUp folds what the state lacks, proving the chain on the way.
func catchUp(ctx context.Context, m Manifest, store Store, state State, progress func(stream, last uint64)) (chain, error) {
	at, err := lastCommit(ctx, m, store, state.Position())
	if err != nil {
		return at, err
	}
	last, err := store.Last(ctx)
	if err != nil {
		return at, fmt.Errorf("find the log's end: %w", err)
	}
	for c, err := range commits(ctx, store, &at) {
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

func (l *Ledger) catchUp(ctx context.Context) (chain, error) {
	at, err := catchUp(ctx, l.manifest, l.store, l.state, nil)
	l.policy.Store(l.state.Policy())
	return at, err
}

// lastCommit is the chain as it stands at a position whose commit is known to
// be the one there.
func lastCommit(ctx context.Context, m Manifest, store Store, at domain.Position) (chain, error) {
	c := chain{realm: m.Realm, genesis: Genesis(m.LedgerID), at: at}
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
		return c, &Fault{Stream: at.Stream, Seq: commit.First, Err: errors.New("the commit there ends elsewhere than remembered")}
	}
	c.time = commit.Time
	return c, nil
}
