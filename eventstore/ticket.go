package eventstore

import (
	"context"
	"errors"
	"fmt"

	"authledger/domain"
)

// Errors of Submit and Wait. Each comment states what the caller may do.
var (
	// ErrBusy reports that the caller's share of the queue is full. The command was not
	// recorded. The caller may send the command later.
	ErrBusy = errors.New("eventstore: too many waiting commands of this caller: send the command again later")
	// ErrDiskFull reports that the disk is nearly full. The command was not recorded. The
	// operator must free space.
	ErrDiskFull = errors.New("eventstore: the disk is nearly full: no command is accepted until the operator frees space")
	// ErrStopped reports that the ledger is closed or has stopped at a fault. Whether the
	// command was recorded is unknown: the caller may send it again, with the same id,
	// once the ledger is open again.
	ErrStopped = errors.New("eventstore: the ledger has stopped")
)

// Ticket is a command that is submitted. The ledger answers it exactly once.
type Ticket struct {
	prepared prepared
	ledger   *Ledger
	timer    bool   // the ledger's own command at a deadline: its time is in the past, and the skew is not checked
	stored   bool   // from an intake: no client waits for its verdict
	line     string // line of the queue; "" for the line of the caller, or of the intake

	done      chan struct{} // closed once the fields below are set
	verdict   domain.Verdict
	duplicate uint64 // record that holds the verdict; 0 if the field verdict holds it
	request   bool   // that record answered the same request under another id
}

// storedLine is the line of all intake commands, because the intake keeps their order across
// callers. A caller's name has no space, so no caller has this line.
const storedLine = "stored commands"

// OrderWith makes t wait in the named line of the queue instead of its caller's line. An
// importer names one line for all its commands, because their order matters although
// they may be of several callers. It MUST be called before Enqueue.
func (t *Ticket) OrderWith(line string) { t.line = line }

// queueKey returns the name of the line in which t waits.
func (t *Ticket) queueKey() string {
	switch {
	case t.line != "":
		return t.line
	case t.stored:
		return storedLine
	}
	return t.prepared.command.Caller
}

// Wait returns the verdict once its commit is on disk and folded. It returns an error that
// wraps ctx.Err() when ctx ends first, and ErrStopped when the ledger stops first. After
// both errors the outcome is unknown, and the caller may send the command again under the
// same id.
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
	return t.duplicateVerdict(&r), nil
}

// duplicateVerdict returns the verdict of the record r with the source and id of t, marked
// as a duplicate.
func (t *Ticket) duplicateVerdict(r *domain.Record) domain.Verdict {
	v := t.ledger.verdict(r)
	v.Source, v.ID, v.Duplicate = t.prepared.command.Source, t.prepared.command.ID, true
	return v
}

// answer answers t with v. Each ticket is answered once, by answer or duplicateOf.
func (t *Ticket) answer(v domain.Verdict) {
	t.verdict = v
	close(t.done)
}

// reject answers t with a verdict that is not recorded.
func (t *Ticket) reject(fault *domain.Rejection) {
	v := fault.Verdict(&t.prepared.command)
	v.Unsynced = t.ledger.unsynced
	t.answer(v)
}

// duplicateOf answers t with the verdict of record seq, which is folded. Wait reads the
// record, so that the sequencer does not wait for the read.
func (t *Ticket) duplicateOf(seq uint64) {
	t.duplicate = seq
	close(t.done)
}

// answerFrom answers t from the record r, which has the source and id of t, or answered the
// same request: with the verdict of r, or with a rejection if t has r's id and other content.
func (t *Ticket) answerFrom(r *domain.Record) {
	if !t.request && !t.prepared.sameContent(r.Content) {
		t.reject(t.prepared.reused())
		return
	}
	t.answer(t.duplicateVerdict(r))
}

var idReused = &domain.Rejection{Reason: domain.IDReused, Field: "id", Detail: "this source used the id before, for a command with other content: use a new id"}

func (l *Ledger) verdict(r *domain.Record) domain.Verdict {
	v := r.Verdict()
	v.Unsynced = l.unsynced
	return v
}
