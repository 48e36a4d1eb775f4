package natsapi

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"authledger/domain"
)

// drained is what has its verdict.
type drained struct {
	intake  *intake
	stream  jetstream.Stream
	letters *Letters
	room    *room

	done    uint64 // position up to which all have theirs
	removed uint64 // up to which all are gone from the stream

	sighted time.Time // when the stream was looked at, by the ledger's clock
	target  uint64    // the last position that was in it then
}

// answer waits for the verdicts, in order, and removes what has its own, also if
// something goes wrong behind it: else a letter that was dropped meanwhile would be
// written again, and take the room for which the intake waits.
func (d *drained) answer(ctx context.Context, taken <-chan *left) error {
	err := d.finishAll(ctx, taken)
	return errors.Join(err, d.remove(context.WithoutCancel(ctx)))
}

func (d *drained) finishAll(ctx context.Context, taken <-chan *left) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		var err error
		select {
		case t, more := <-taken:
			if !more {
				return nil
			}
			if err = d.finish(ctx, t); err == nil && (len(taken) == 0 || d.done-d.removed >= removeEvery) {
				err = d.remove(ctx)
			}
		case <-tick.C:
			err = d.look(ctx)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// finish waits for a verdict. An invalid command becomes a letter.
func (d *drained) finish(ctx context.Context, t *left) error {
	status := "letter"
	if t.ticket != nil {
		v, err := t.ticket.Wait(ctx)
		if err != nil {
			return err
		}
		if status = string(v.Status); v.Status == domain.Invalid {
			t.rejection = &domain.Rejection{Reason: v.Reason, Detail: v.Detail}
		}
	}
	if t.rejection != nil {
		if err := d.letters.put(ctx, t); err != nil {
			return err
		}
	}
	if observe := d.intake.edge.options.Observe.Intake; observe != nil {
		observe(status)
	}
	d.intake.cause.Store(nil)
	d.done = t.position
	d.room.give(t.message.Size())
	return nil
}

// look sees what lies in the stream. When all that lay there before is gone, what was
// left until then has its verdict: what NATS says of its own clock plays no part.
func (d *drained) look(ctx context.Context) error {
	at := d.intake.horizon.clock()
	info, err := d.stream.Info(ctx)
	if err != nil {
		return fmt.Errorf("look at the intake: %w", err)
	}
	if d.sighted.IsZero() {
		d.sighted, d.target = at, info.State.LastSeq
	}
	if info.State.Msgs == 0 || info.State.FirstSeq > d.target {
		d.intake.horizon.reach(d.sighted)
		d.intake.cause.Store(nil)
		d.sighted = time.Time{}
	}
	return nil
}

// remove takes what is done out of the stream. After a crash before it the commands
// come again, and are duplicates.
func (d *drained) remove(ctx context.Context) error {
	if d.removed == d.done {
		return nil
	}
	if err := d.stream.Purge(ctx, jetstream.WithPurgeSequence(d.done+1)); err != nil {
		return fmt.Errorf("remove what is done from the intake, up to %d: %w", d.done, err)
	}
	d.removed = d.done
	return nil
}
