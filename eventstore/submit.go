package eventstore

import (
	"context"
	"errors"
	"time"

	"authledger/domain"
)

// Do submits c and waits for its verdict.
func (l *Ledger) Do(ctx context.Context, c domain.Command) (domain.Verdict, error) {
	t, err := l.Submit(ctx, c)
	if err != nil {
		return domain.Verdict{}, err
	}
	return t.Wait(ctx)
}

// Submit adds c to its queue. For a live command, it returns ErrBusy when the caller's
// share of the queue is full. For a backfill, it waits until the share has capacity.
//
// The ledger decides the commands that one goroutine submits for one caller, all live or
// all backfill, in that order. It serves the callers round robin. Commands of one intake,
// or of one importer (see [Ticket.OrderWith]), keep their order across callers.
func (l *Ledger) Submit(ctx context.Context, c domain.Command) (*Ticket, error) {
	t, err := l.Prepare(c)
	if err != nil {
		return nil, err
	}
	return t, l.Enqueue(ctx, t)
}

// Prepare hashes and seals c, which needs no state. Many goroutines may call it ahead of
// Enqueue, to spread that work.
func (l *Ledger) Prepare(c domain.Command) (*Ticket, error) {
	return l.prepareAt(c, l.now())
}

// PrepareStored prepares a command that an intake has stored at an instant. The ledger measures
// the clock skew of the command from that instant. If the instant is in the future, the clock
// of the intake is wrong, and the ledger uses its own clock instead. The command waits in the
// backfill queue, so that the sequencer first decides the commands of clients that wait for a
// verdict.
func (l *Ledger) PrepareStored(c domain.Command, at time.Time) (*Ticket, error) {
	if now := l.now(); at.After(now) {
		at = now
	}
	t, err := l.prepareAt(c, at.UTC().Round(0))
	if err == nil {
		t.stored = true
	}
	return t, err
}

func (l *Ledger) prepareAt(c domain.Command, arrived time.Time) (*Ticket, error) {
	p, err := l.sequencer.prepare(c, l.sequencer.policy.Load(), arrived)
	if err != nil {
		return nil, err
	}
	return &Ticket{prepared: p, ledger: l, done: make(chan struct{})}, nil
}

// Enqueue adds a prepared command to its queue. It MUST be called at most once for a
// ticket. Submit describes the order and the errors.
func (l *Ledger) Enqueue(ctx context.Context, t *Ticket) error {
	switch {
	case l.isStopping():
		return l.stoppedBy()
	case l.diskFull.Load():
		return ErrDiskFull
	}
	if !t.prepared.command.Backfill && !t.stored {
		if !l.sequencer.live.add(t) {
			return ErrBusy
		}
		return nil
	}
	err := l.sequencer.backfill.wait(ctx, t, l.ended)
	if errors.Is(err, ErrStopped) {
		return l.stoppedBy()
	}
	return err
}
