package natsapi

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"authledger/domain"
)

// drained is what has its verdict.
type drained struct {
	intake  *intake
	stream  jetstream.Stream
	letters *Letters

	done    uint64 // position up to which all have theirs
	removed uint64 // up to which all are gone from the stream
}

// answer waits for the verdicts, in order, and removes what has its own. An invalid
// command becomes a letter first.
func (d *drained) answer(ctx context.Context, taken <-chan *left) error {
	for {
		select {
		case t, more := <-taken:
			if !more {
				return d.remove(context.WithoutCancel(ctx))
			}
			if err := d.finish(ctx, t); err != nil {
				return err
			}
			if len(taken) > 0 && d.done-d.removed < removeEvery {
				continue
			}
		case <-time.After(idleAfter):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err := d.settle(ctx); err != nil {
			return err
		}
	}
}

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
	d.done = t.position
	d.intake.horizon.answered(t.stored)
	return nil
}

// settle removes what is done, and looks whether that was all.
func (d *drained) settle(ctx context.Context) error {
	if err := d.remove(ctx); err != nil {
		return err
	}
	if d.intake.horizon.live() {
		return nil
	}
	info, err := d.stream.Info(ctx)
	if err != nil {
		return fmt.Errorf("look at the intake: %w", err)
	}
	if info.State.Msgs == 0 || info.State.LastSeq <= d.done {
		d.intake.horizon.release()
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

// horizon is the instant before which everything that was left has its verdict. The
// zero horizon lies before everything: nothing has been looked at.
type horizon struct {
	mu      sync.Mutex
	at      time.Time
	waiting int  // taken, and without a verdict
	up      bool // all that was left has been taken, and what comes is taken at once
}

// Horizon is that of the edge, for the ledger's timers: deadlines wait for what was
// left before them, also while the server that keeps it is away.
func (e *Edge) Horizon(now time.Time) time.Time {
	h := &e.intake.horizon
	h.mu.Lock()
	defer h.mu.Unlock()
	h.up = h.up && e.conn.IsConnected()
	if h.up && h.waiting == 0 {
		h.at = now
	}
	return h.at
}

func (h *horizon) taken() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting++
}

func (h *horizon) answered(stored time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.waiting--; stored.After(h.at) {
		h.at = stored
	}
}

// hold: what is taken from now on is taken anew.
func (h *horizon) hold() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting, h.up = 0, false
}

func (h *horizon) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.up = h.waiting == 0
}

func (h *horizon) live() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.up
}
