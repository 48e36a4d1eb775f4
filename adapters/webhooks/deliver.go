package webhooks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// schedule is how long to wait after each failed attempt but the last, as Standard
// Webhooks proposes: an endpoint that is down over a weekend misses nothing.
var schedule = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// Attempts is how often a delivery is attempted before it is given up.
var Attempts = len(schedule) + 1

// ErrGivenUp is what [Deliverer.Deliver] ends with when nothing more is attempted.
var ErrGivenUp = errors.New("webhooks: the endpoint has not taken it, and it is given up")

const (
	skippedMax    = 4096 // events that nobody is told of, before where they end is written down
	retryAfterMax = 24 * time.Hour
	clockBackMax  = time.Minute // a clock further back than the last attempt says nothing of the next
)

// Options says what deliverers need. Everything must be there.
type Options struct {
	Dir  string // the data directory
	Now  func() time.Time
	Log  *slog.Logger
	Find func(ctx context.Context, at Position) (Event, error) // for what is driven again

	// Observe is told what each attempt has made of a delivery ("" when a deliverer is
	// opened), and how often the event that is told now was turned down.
	Observe func(state State, turnedDown int)
}

// Deliverer tells one endpoint. One goroutine delivers; the rest is safe for
// concurrent use.
type Deliverer struct {
	endpoint Endpoint
	options  Options
	post     func(ctx context.Context, e *Event, at time.Time) outcome
	hangUp   func()

	mu      sync.Mutex // of the journal, and of an attempt
	journal *journal
	due     chan struct{} // what waits is to look again
	skipped int
	last    Position // that was skipped
	downs   int      // how often the event that is told now was turned down

	// unkept is what became of attempts that could not be written down: that is to be
	// written, and nobody is asked again because the disk is full.
	unkept map[string]*Delivery
}

// OpenDeliverer opens an endpoint's journal. A new one begins behind from.
func OpenDeliverer(e Endpoint, from Position, o Options) (*Deliverer, error) {
	by, err := newSigner(&e)
	if err != nil {
		return nil, fmt.Errorf("webhook %s: %w", e.Name, err)
	}
	j, err := openJournal(o.Dir, e.Name)
	if err != nil {
		return nil, fmt.Errorf("webhook %s: %w", e.Name, err)
	}
	d := &Deliverer{endpoint: e, options: o, journal: j, due: make(chan struct{}, 1), unkept: make(map[string]*Delivery)}
	d.post, d.hangUp = newPost(&e, by)
	if !j.begun {
		if err := j.write(&line{At: from.String()}); err != nil {
			return nil, errors.Join(fmt.Errorf("webhook %s: %w", e.Name, err), j.close())
		}
	}
	for _, known := range j.all {
		if known.State == Pending {
			d.downs = known.Attempts
		}
	}
	o.Observe("", d.downs)
	return d, nil
}

// Finished is the position behind which to go on: everything up to it is delivered,
// given up, or of no interest.
func (d *Deliverer) Finished() Position {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.journal.finished
}

// Close writes down how far it has come. Nothing is delivered after it.
func (d *Deliverer) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hangUp()
	var err error
	if d.skipped > 0 {
		err = d.journal.write(&line{At: d.last.String()})
	}
	return errors.Join(err, d.journal.close())
}

// Deliver returns when the endpoint has taken the event. It waits as long as the
// endpoint doesn't, and goes on where an earlier process has stopped.
// ErrGivenUp: nothing more is attempted, give it to [Deliverer.GiveUp].
func (d *Deliverer) Deliver(ctx context.Context, e Event) error {
	for {
		done, next, err := d.attempt(ctx, &e)
		if done || err != nil {
			return err
		}
		if err := d.wait(ctx, next); err != nil {
			return err
		}
	}
}

func (d *Deliverer) wait(ctx context.Context, until time.Time) error {
	timer := time.NewTimer(until.Sub(d.options.Now()))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-d.due:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Skip takes note of an event that the endpoint is not told of, not each time on disk.
func (d *Deliverer) Skip(at Position) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.skipped, d.last = d.skipped+1, at; d.skipped < skippedMax {
		return nil
	}
	d.skipped = 0
	return d.journal.write(&line{At: at.String()})
}

// attempt posts the event if it is due, or says when it is.
func (d *Deliverer) attempt(ctx context.Context, e *Event) (done bool, next time.Time, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if known := d.unkept[e.ID]; known != nil {
		return known.State == Delivered, known.Next, d.keep(known)
	}
	now := d.options.Now()
	tried := Delivery{ID: e.ID, Position: e.Position.String(), Type: e.Type, State: Pending}
	if before := d.journal.all[e.ID]; before != nil {
		tried = *before
	}
	switch {
	case tried.State != Pending:
		return true, next, nil // before a crash
	case lost(&tried):
		return true, next, ErrGivenUp
	case now.Before(tried.Next) && tried.Time.Sub(now) < clockBackMax:
		return false, tried.Next, nil
	}
	out := d.post(ctx, e, now)
	if ctx.Err() != nil && !out.taken {
		return true, next, ctx.Err() // the node stops: that was no attempt of the endpoint's
	}
	now = d.options.Now()
	d.judge(&tried, out, now)
	plan(&tried, out, now)
	return tried.State == Delivered, tried.Next, d.keep(&tried)
}

// keep writes down what became of the event that is told now.
func (d *Deliverer) keep(now *Delivery) error {
	d.skipped = 0
	if err := d.write(now); err != nil {
		return err
	}
	if d.downs = 0; now.State == Pending {
		d.downs = now.Attempts
	}
	d.options.Observe(now.State, d.downs)
	return nil
}

func (d *Deliverer) write(now *Delivery) error {
	d.unkept[now.ID] = now
	if err := d.journal.write(&line{Delivery: now}); err != nil {
		return fmt.Errorf("webhook %s: %w", d.endpoint.Name, err)
	}
	delete(d.unkept, now.ID)
	return nil
}

// judge says in t what became of an attempt.
func (d *Deliverer) judge(t *Delivery, out outcome, now time.Time) {
	t.Attempts, t.Time, t.Status, t.Error, t.Next = t.Attempts+1, now.UTC(), out.status, out.wrong, time.Time{}
	if out.taken {
		t.State = Delivered
		return
	}
	d.options.Log.Warn("a webhook was not taken", "endpoint", d.endpoint.Name, "id", t.ID, "attempt", t.Attempts, "status", t.Status, "cause", t.Error)
}

// plan says in t when there is another attempt, if there is.
func plan(t *Delivery, out outcome, now time.Time) {
	if t.State != Pending {
		return
	}
	if lost(t) {
		t.Next = now.UTC()
		return
	}
	pause := schedule[t.Attempts-1]
	pause += rand.N(pause/5 + 1) // so that endpoints that were down together aren't asked together
	t.Next = now.Add(max(pause, out.retryAfter)).UTC()
}

// lost reports whether nothing more is attempted: it was too often, or the endpoint
// wants nothing more.
func lost(t *Delivery) bool { return t.Attempts >= Attempts || t.Status == http.StatusGone }

// GiveUp writes down that an event is not delivered, so that the next one is.
func (d *Deliverer) GiveUp(e Event) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	given := Delivery{ID: e.ID, Position: e.Position.String(), Type: e.Type, Time: d.options.Now().UTC()}
	if before := d.journal.all[e.ID]; before != nil {
		given = *before
	}
	given.State, given.Next = GivenUp, time.Time{}
	if err := d.keep(&given); err != nil {
		return err
	}
	d.options.Log.Error("a webhook is given up", "endpoint", d.endpoint.Name, "id", e.ID)
	return nil
}
