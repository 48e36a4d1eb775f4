package webhooks

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// attempt sends the event if it is due. It reports whether the event needs no further
// attempt, and returns the instant of the next attempt otherwise.
func (d *Deliverer) attempt(ctx context.Context, e *Event) (done bool, next time.Time, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if known := d.unwritten[e.ID]; known != nil {
		return known.State == Delivered, known.Next, d.finishAttempt(known)
	}
	now := d.options.Now()
	tried := Delivery{ID: e.ID, Position: e.Position.String(), Type: e.Type, State: Pending}
	if before := d.journal.all[e.ID]; before != nil {
		tried = *before
	}
	switch {
	case tried.State != Pending:
		return true, next, nil // an earlier process has delivered the event or given it up
	case isExhausted(&tried):
		return true, next, errGivenUp
	case now.Before(tried.Next) && tried.Time.Sub(now) < clockBackMax:
		return false, tried.Next, nil
	}
	out := d.post(ctx, e, now)
	if ctx.Err() != nil && !out.accepted {
		return true, next, ctx.Err() // the node stops: the attempt does not count
	}
	now = d.options.Now()
	d.applyOutcome(&tried, out, now)
	scheduleNext(&tried, out, now)
	return tried.State == Delivered, tried.Next, d.finishAttempt(&tried)
}

// finishAttempt writes the state of the current event to the journal and passes it to
// [Options.Observe].
func (d *Deliverer) finishAttempt(now *Delivery) error {
	d.skipped = 0
	if err := d.write(now); err != nil {
		return err
	}
	if d.failures = 0; now.State == Pending {
		d.failures = now.Attempts
	}
	d.options.Observe(now.State, d.failures)
	return nil
}

func (d *Deliverer) write(now *Delivery) error {
	d.unwritten[now.ID] = now
	if err := d.journal.write(&line{Delivery: now}); err != nil {
		return fmt.Errorf("webhook %s: %w", d.endpoint.Name, err)
	}
	delete(d.unwritten, now.ID)
	return nil
}

// applyOutcome stores the outcome of an attempt in t.
func (d *Deliverer) applyOutcome(t *Delivery, out outcome, now time.Time) {
	t.Attempts, t.Time, t.Status, t.Error, t.Next = t.Attempts+1, now.UTC(), out.status, out.cause, time.Time{}
	if out.accepted {
		t.State = Delivered
		return
	}
	d.options.Log.Warn("webhook attempt failed", "endpoint", d.endpoint.Name, "id", t.ID, "attempt", t.Attempts, "status", t.Status, "cause", t.Error)
}

// scheduleNext stores the instant of the next attempt in a pending delivery.
func scheduleNext(t *Delivery, out outcome, now time.Time) {
	if t.State != Pending {
		return
	}
	if isExhausted(t) {
		t.Next = now.UTC()
		return
	}
	pause := schedule[t.Attempts-1]
	pause += rand.N(pause/5 + 1) // spreads the attempts of endpoints that failed together
	t.Next = now.Add(max(pause, out.retryAfter)).UTC()
}

// isExhausted reports whether a delivery gets no further attempt: it had the maximum
// number of attempts, or the endpoint answered 410.
func isExhausted(t *Delivery) bool { return t.Attempts >= Attempts || t.Status == http.StatusGone }
