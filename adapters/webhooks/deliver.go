package webhooks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"authledger/domain"
)

// schedule contains the pause after each failed attempt except the last, as Standard
// Webhooks proposes. The pauses add up to more than three days, so an endpoint that is
// down for a weekend misses no event.
var schedule = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// Attempts is the maximum number of attempts of a delivery.
var Attempts = len(schedule) + 1

// errGivenUp is returned by [Deliverer.deliver] when it makes no further attempt.
var errGivenUp = errors.New("webhooks: every attempt failed, or the endpoint answered 410")

const (
	skippedMax    = 4096 // consecutive skipped events after which the journal records a position
	retryAfterMax = 24 * time.Hour

	// clockBackMax is the maximum time by which the clock may precede the last attempt. A
	// greater difference means that the clock was set back. The deliverer then makes the
	// next attempt at once.
	clockBackMax = time.Minute

	// The first and the longest pause before the deliverer repeats a failed write of the
	// journal. Each pause is twice as long as the previous pause.
	writePauseFirst = 50 * time.Millisecond
	writePauseMax   = 10 * time.Second
)

// Options are the dependencies of a [Deliverer]. Every field is required.
type Options struct {
	Dir      string // the data directory
	LedgerID string
	Now      func() time.Time
	Log      *slog.Logger

	// Record returns a record by its sequence number. The deliverer calls it to read the
	// event of a redelivery.
	Record func(ctx context.Context, seq uint64) (domain.Record, error)

	// Show returns a payload with the names of persons in place of their pseudonyms.
	Show func(payload []byte) []byte

	// Observe receives the state of a delivery after each attempt, and the number of
	// failed attempts of the current event. OpenDeliverer calls Observe once with the state
	// "" and the failed attempts of earlier processes.
	Observe func(state State, failures int)
}

// Deliverer sends events to one endpoint. One goroutine calls Handle and Skip; the
// other methods are safe for concurrent use.
type Deliverer struct {
	endpoint  Endpoint
	options   Options
	post      func(ctx context.Context, e *Event, at time.Time) outcome
	closeIdle func()

	mu        sync.Mutex // guards the journal; held during an attempt
	journal   *journal
	due       chan struct{}        // signals that the current event is due
	skipped   int                  // consecutive skipped events that the journal does not record
	skippedAt domain.EventPosition // of the last skipped event
	failures  int                  // failed attempts of the current event

	// unwritten contains the deliveries whose last attempt the journal does not record
	// yet, by event id. The deliverer writes them before it makes another attempt.
	unwritten map[string]*Delivery
}

// OpenDeliverer opens the journal of an endpoint. With a new journal, the deliverer begins
// with the event after the position from. It deletes a journal that ended before that position,
// because it belongs to a removed endpoint with the same name.
func OpenDeliverer(e Endpoint, from domain.EventPosition, o Options) (*Deliverer, error) {
	by, err := newSigner(&e)
	if err != nil {
		return nil, fmt.Errorf("webhook %s: %w", e.Name, err)
	}
	j, err := openJournal(o.Dir, e.Name)
	if err == nil && j.hasStart && j.finished.Before(from) { // of a removed endpoint with the same name
		if err = errors.Join(j.close(), deleteFiles(o.Dir, e.Name)); err == nil {
			j, err = openJournal(o.Dir, e.Name)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("webhook %s: %w", e.Name, err)
	}
	d := &Deliverer{endpoint: e, options: o, journal: j, due: make(chan struct{}, 1), unwritten: make(map[string]*Delivery)}
	d.post, d.closeIdle = newPost(&e, by, o.Show)
	if !j.hasStart {
		if err := j.write(&line{At: from.String()}); err != nil {
			return nil, errors.Join(fmt.Errorf("webhook %s: %w", e.Name, err), j.close())
		}
	}
	for _, known := range j.all {
		if known.State == Pending {
			d.failures = known.Attempts
		}
	}
	o.Observe("", d.failures)
	return d, nil
}

// Name returns the name of the endpoint.
func (d *Deliverer) Name() string { return d.endpoint.Name }

// Wants reports whether the endpoint can select an event of a type. For a refused login,
// Handle then compares the reason.
func (d *Deliverer) Wants(eventType string) bool { return d.endpoint.Wants(eventType) }

// Finished returns the position after which the next process resumes. Every event up to
// this position was delivered, given up or skipped.
func (d *Deliverer) Finished() domain.EventPosition {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.journal.finished
}

// Close writes the position of the last skipped event and closes the journal. The caller
// MUST NOT use the deliverer after Close.
func (d *Deliverer) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closeIdle()
	var err error
	if d.skipped > 0 {
		err = d.journal.write(&line{At: d.skippedAt.String()})
	}
	return errors.Join(err, d.journal.close())
}

// Handle delivers the event with the given index, from 0, in the record r. It skips the
// event if the endpoint does not select it. Handle returns nil when the event is delivered,
// given up or skipped. A delivery or a given-up event is then in the journal on disk.
// Handle returns an error only when ctx ends.
//
// Handle repeats a failed attempt after the pauses of the schedule. The next process
// continues with the remaining pauses. Handle repeats a failed write of the journal after
// pauses of up to 10 s.
func (d *Deliverer) Handle(ctx context.Context, r *domain.Record, index int) error {
	event := NewEvent(d.options.LedgerID, r, index)
	for pause := writePauseFirst; ; pause = min(2*pause, writePauseMax) {
		err := d.finish(ctx, &event)
		if err == nil || ctx.Err() != nil {
			return err
		}
		d.options.Log.Error("webhook delivery failed", "endpoint", d.endpoint.Name, "id", event.ID, "cause", err, "retry_in", pause)
		if err := d.wait(ctx, pause); err != nil {
			return err
		}
	}
}

// finish skips, delivers or gives up an event.
func (d *Deliverer) finish(ctx context.Context, e *Event) error {
	selected, err := d.endpoint.Selects(e)
	if err != nil {
		return err
	}
	if !selected {
		return d.Skip(e.Position)
	}
	err = d.deliver(ctx, *e)
	if errors.Is(err, errGivenUp) {
		return d.giveUp(*e)
	}
	return err
}

// deliver sends an event until the endpoint accepts it, with the pauses of the schedule.
// The attempts of earlier processes count too. deliver returns errGivenUp if no further
// attempt is permitted.
func (d *Deliverer) deliver(ctx context.Context, e Event) error {
	for {
		done, next, err := d.attempt(ctx, &e)
		if done || err != nil {
			return err
		}
		if err := d.wait(ctx, next.Sub(d.options.Now())); err != nil {
			return err
		}
	}
}

// wait blocks for a duration, or until attemptNow is called or ctx ends.
func (d *Deliverer) wait(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
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

// Skip finishes an event that the endpoint does not receive. Skip writes the position to
// the journal after 4096 consecutive skipped events, and Close writes the last position.
// After a crash the next process therefore skips up to 4095 events again.
func (d *Deliverer) Skip(at domain.EventPosition) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.skipped, d.skippedAt = d.skipped+1, at; d.skipped < skippedMax {
		return nil
	}
	d.skipped = 0
	return d.journal.write(&line{At: at.String()})
}

// giveUp records that an event is given up. The deliverer then continues with the next event.
func (d *Deliverer) giveUp(e Event) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	given := Delivery{ID: e.ID, Position: e.Position.String(), Type: e.Type, Time: d.options.Now().UTC()}
	if before := d.journal.all[e.ID]; before != nil {
		given = *before
	}
	given.State, given.Next = GivenUp, time.Time{}
	if err := d.finishAttempt(&given); err != nil {
		return err
	}
	d.options.Log.Error("webhook delivery given up", "endpoint", d.endpoint.Name, "id", e.ID)
	return nil
}
