package eventstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// Verified is what a verification has proved.
type Verified struct {
	Commits, Records uint64
	End              domain.Position
}

// Verify proves a whole log: that every commit stands where it belongs and
// follows from the one before, that the log is not shorter than its head, that
// every id is used once, that every content hash fits, and that every verdict,
// decided again on the records before it, comes out the same to the byte. It
// folds the log into state, which must be empty, and writes nothing else. The
// first thing that is wrong is a *Fault.
func Verify(ctx context.Context, m Manifest, store Store, head domain.Position, state State, progress func(stream, last uint64)) (Verified, error) {
	var v Verified
	if err := store.Check(ctx); err != nil {
		return v, fmt.Errorf("check the log: %w", err)
	}
	if err := holds(ctx, store, "head", head); err != nil {
		return v, err
	}
	last, err := store.Last(ctx)
	if err != nil {
		return v, fmt.Errorf("find the log's end: %w", err)
	}
	at := chain{realm: m.Realm, genesis: Genesis(m.LedgerID)}
	for c, err := range commits(ctx, store, &at) {
		if err != nil {
			return v, err
		}
		if err := verifyCommit(state, &c); err != nil {
			return v, err
		}
		if err := state.Fold(&c); err != nil {
			return v, fmt.Errorf("fold records %d to %d: %w", c.First, c.Last(), err)
		}
		v.Commits, v.Records, v.End = v.Commits+1, v.Records+uint64(len(c.Records)), c.End()
		if progress != nil {
			progress(c.Stream, last)
		}
	}
	return v, nil
}

// verifyCommit decides the commit's records again, each on those before it.
func verifyCommit(state State, c *domain.Commit) error {
	l := newLayer()
	above := overlay{state: state, layers: []*layer{l}}
	for i := range c.Records {
		r := &c.Records[i]
		if err := verifyRecord(&above, r); err != nil {
			return &Fault{Stream: c.Stream, Seq: r.Seq, Err: err}
		}
		l.commit.Records = append(l.commit.Records, *r)
		if err := l.add(&above, nil); err != nil {
			return err
		}
	}
	return nil
}

func verifyRecord(above *overlay, r *domain.Record) error {
	key := commandKey{r.Command.Source, r.Command.ID}
	_, _, reused := above.find(key)
	if !reused {
		var err error
		if _, _, reused, err = above.state.Command(key.source, key.id); err != nil {
			return err
		}
	}
	if reused {
		return fmt.Errorf("the command %s/%s is recorded twice", key.source, key.id)
	}
	if wire.Content(&r.Command, r.Unattributed() != nil) != r.Content {
		return errors.New("its content hash does not fit its command")
	}
	again, err := decideAgain(above, r)
	if err != nil {
		return err
	}
	was, is := wire.AppendRecord(nil, r), wire.AppendRecord(nil, &again)
	if !bytes.Equal(was, is) {
		return fmt.Errorf("decided again it comes out otherwise:\nrecorded %s\nverified %s", was, is)
	}
	return nil
}

// decideAgain decides a record's command as it was decided.
func decideAgain(states domain.States, r *domain.Record) (domain.Record, error) {
	p := prepared{command: r.AsDecided(), content: r.Content, personal: r.Personal}
	d, err := domain.Decide(states, &p.command)
	if err != nil {
		return domain.Record{}, err
	}
	return p.record(r.Seq, d), nil
}
