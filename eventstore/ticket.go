package eventstore

import (
	"context"
	"errors"
	"fmt"

	"authledger/domain"
)

// Errors of submitting. Each says what the caller may do.
var (
	// ErrBusy: the queue is full, nothing was taken. Send again later.
	ErrBusy = errors.New("eventstore: too many commands are waiting, send it again in a moment")
	// ErrDiskFull: the disk is nearly full, nothing was taken. Make space.
	ErrDiskFull = errors.New("eventstore: the disk is nearly full, nothing is accepted until there is space")
	// ErrStopped: the ledger is closed or faulty. Whether the command was
	// recorded is unknown: send it again, with the same id, once it is back.
	ErrStopped = errors.New("eventstore: the ledger has stopped")
)

// Ticket is a command on its way. It is answered exactly once.
type Ticket struct {
	prepared prepared
	ledger   *Ledger
	timer    bool // the ledger's own deadline: its time is past by nature
	stored   bool // an intake kept it: nobody waits for it

	done      chan struct{}
	verdict   domain.Verdict
	duplicate uint64 // the record that answers it, 0 if the verdict does
	request   bool   // that record answered the same request under another id
}

// Wait returns the verdict once its commit is on disk and folded. When ctx ends
// first the outcome is unknown, and so it is with ErrStopped; the command may
// be sent again under its id, before or after.
func (t *Ticket) Wait(ctx context.Context) (domain.Verdict, error) {
	select {
	case <-t.done:
	case <-ctx.Done():
		return domain.Verdict{}, fmt.Errorf("wait for the verdict on %s/%s: %w", t.prepared.command.Source, t.prepared.command.ID, ctx.Err())
	case <-t.ledger.ended:
		select {
		case <-t.done:
		default:
			return domain.Verdict{}, t.ledger.stoppedBy()
		}
	}
	if t.duplicate == 0 {
		return t.verdict, nil
	}
	r, err := t.ledger.Record(ctx, t.duplicate)
	if err != nil {
		return domain.Verdict{}, err
	}
	return t.repeated(&r), nil
}

// repeated is a record's verdict, told once more under t's own id.
func (t *Ticket) repeated(r *domain.Record) domain.Verdict {
	v := t.ledger.verdict(r)
	v.Source, v.ID, v.Duplicate = t.prepared.command.Source, t.prepared.command.ID, true
	return v
}

func (t *Ticket) answer(v domain.Verdict) {
	t.verdict = v
	close(t.done)
}

func (t *Ticket) reject(fault *domain.Rejection) {
	v := fault.Verdict(&t.prepared.command)
	v.Unsynced = t.ledger.unsynced
	t.answer(v)
}

// duplicateOf answers with the verdict of a record that is on disk; whoever
// waits reads it.
func (t *Ticket) duplicateOf(seq uint64) {
	t.duplicate = seq
	close(t.done)
}

// repeats answers with the verdict of the record that has t's source and id, or
// answered its request.
func (t *Ticket) repeats(r *domain.Record) {
	if !t.request && !t.prepared.sameContent(r.Content) {
		t.reject(t.prepared.reused())
		return
	}
	t.answer(t.repeated(r))
}

var idReused = &domain.Rejection{Reason: domain.IDReused, Field: "id", Detail: "this source used the id before, for a command with other content: use a new id"}

func (l *Ledger) verdict(r *domain.Record) domain.Verdict {
	v := r.Verdict()
	v.Unsynced = l.unsynced
	return v
}
