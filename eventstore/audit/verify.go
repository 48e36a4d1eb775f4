package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// Verified is the result of a verification: the commits and records that were proved, and
// the position of the last one.
type Verified struct {
	Commits, Records uint64
	End              domain.Position
}

// Verify proves a whole log:
//
//   - each commit follows from the commit before it;
//   - the log holds the commit at the position of the head;
//   - each id is used once;
//   - each content hash fits its command;
//   - each verdict, decided again on the records before it, is equal to the recorded one,
//     byte for byte.
//
// Verify folds the log into state, which MUST be empty, and writes nothing else. It
// returns a *Fault at the first difference. It calls progress, if that is not nil, with
// the stream position of each proved commit and the last position of the log.
func Verify(ctx context.Context, m eventstore.Manifest, log eventstore.Reader, head domain.Position, state eventstore.State, progress func(stream, last uint64)) (Verified, error) {
	var v Verified
	if err := log.Check(ctx); err != nil {
		return v, fmt.Errorf("check the log: %w", err)
	}
	if err := eventstore.CheckHolds(ctx, log, "head", head); err != nil {
		return v, err
	}
	last, err := log.Last(ctx)
	if err != nil {
		return v, fmt.Errorf("find the log's end: %w", err)
	}
	for c, err := range eventstore.Commits(ctx, m, log, domain.Position{}) {
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

// verifyCommit decides each record of the commit again, on state and the records before it.
func verifyCommit(state eventstore.State, c *domain.Commit) error {
	over := eventstore.NewOverlay(state)
	for i := range c.Records {
		r := &c.Records[i]
		if err := verifyRecord(over, r); err != nil {
			return &eventstore.Fault{Stream: c.Stream, Seq: r.Seq, Err: err}
		}
		if err := over.Add(r, over); err != nil {
			return err
		}
	}
	return nil
}

// verifyKey returns an error if r names the key of another owner.
func verifyKey(over *eventstore.Overlay, r *domain.Record) error {
	if r.Personal == nil || r.Personal.Slot == 0 {
		return nil
	}
	last, err := over.LastKeySlot()
	if err != nil || r.Personal.Slot > last {
		return err
	}
	own, err := over.KeySlot(r.KeyOwner())
	if err == nil && own != r.Personal.Slot {
		return fmt.Errorf("the personal data is sealed under the key in slot %d, which is assigned to another owner", r.Personal.Slot)
	}
	return err
}

func verifyRecord(over *eventstore.Overlay, r *domain.Record) error {
	reused, err := over.Knows(r.Command.Source, r.Command.ID)
	if err != nil {
		return err
	}
	if reused {
		return fmt.Errorf("the command %s/%s is recorded twice", r.Command.Source, r.Command.ID)
	}
	if wire.Content(&r.Command, r.Unattributed() != nil) != r.Content {
		return errors.New("the content hash does not fit the command")
	}
	if r.Command.DecidedOnArrival() == r.Command.Arrived.IsZero() {
		return errors.New("the instant of arrival is missing from a command that depends on it, or is recorded for a command that does not")
	}
	if err := verifyKey(over, r); err != nil {
		return err
	}
	command := r.AsDecided()
	d, err := domain.Decide(over, &command)
	if err != nil {
		return err
	}
	again := eventstore.NewRecord(r.Seq, &command, r.Content, r.Personal, d)
	recorded, verified := wire.AppendRecord(nil, r), wire.AppendRecord(nil, &again)
	if !bytes.Equal(recorded, verified) {
		return fmt.Errorf("the verdict is not reproducible:\nrecorded %s\nverified %s", recorded, verified)
	}
	return nil
}
