package audit

import (
	"context"
	"errors"
	"fmt"

	"authledger/domain"
	"authledger/eventstore"
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
// Verify folds the log into state, which MUST be empty, and writes nothing else. It returns a
// *Fault at the first difference. State may then contain some commits after the difference. It
// calls progress, if that is not nil, from one goroutine with the stream position of each proved
// commit and the last position of the log.
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
	p := startProver(func(stream uint64) {
		if progress != nil {
			progress(stream, last)
		}
	})
	return p.end(decideLog(ctx, m, log, state, p))
}

// decideLog decides each commit of the log again, gives the verdicts to the prover, and folds the
// commit into state.
func decideLog(ctx context.Context, m eventstore.Manifest, log eventstore.Reader, state eventstore.State, p *prover) error {
	for c, err := range eventstore.Commits(ctx, m, log, domain.Position{}) {
		if err != nil {
			return err
		}
		again, err := decideCommit(state, &c)
		if !p.prove(c, again) || err != nil {
			return err
		}
		if err := state.Fold(&c); err != nil {
			return fmt.Errorf("fold records %d to %d: %w", c.First, c.Last(), err)
		}
	}
	return nil
}

// verifyCommit decides each record of the commit again, on state and the records before it, and
// proves that the verdicts are equal.
func verifyCommit(state eventstore.State, c *domain.Commit) error {
	again, err := decideCommit(state, c)
	if proof := proveCommit(c, again); proof != nil {
		return proof
	}
	return err
}

// decideCommit decides each record of the commit again, on state and the records before it. After
// an error it returns the records before the error, and the record at the error if that was
// decided.
func decideCommit(state eventstore.State, c *domain.Commit) (again []domain.Record, err error) {
	again = make([]domain.Record, 0, len(c.Records))
	over := eventstore.NewOverlay(state)
	for i := range c.Records {
		r := &c.Records[i]
		d, err := decideRecord(over, r)
		if err != nil {
			return again, &eventstore.Fault{Stream: c.Stream, Seq: r.Seq, Err: err}
		}
		again = append(again, d)
		if err := over.Add(r, over); err != nil {
			return again, err
		}
	}
	return again, nil
}

func decideRecord(over *eventstore.Overlay, r *domain.Record) (domain.Record, error) {
	reused, err := over.Knows(r.Command.Source, r.Command.ID)
	if err != nil {
		return domain.Record{}, err
	}
	if reused {
		return domain.Record{}, fmt.Errorf("the command %s/%s is recorded twice", r.Command.Source, r.Command.ID)
	}
	if r.Command.DecidedOnArrival() == r.Command.Arrived.IsZero() {
		return domain.Record{}, errors.New("the instant of arrival is missing from a command that depends on it, or is recorded for a command that does not")
	}
	if err := verifyKey(over, r); err != nil {
		return domain.Record{}, err
	}
	command := r.AsDecided()
	d, err := domain.Decide(over, &command)
	if err != nil {
		return domain.Record{}, err
	}
	return eventstore.NewRecord(r.Seq, &command, r.Content, r.Personal, d), nil
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
