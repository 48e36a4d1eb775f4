package webhooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"authledger/domain"
	"authledger/eventstore/durable"
)

// redrivesMax is the maximum number of queued redeliveries of an endpoint.
const redrivesMax = givenUpMax + finishedMax

// redriveInterval is the interval at which a running node reads the queue.
const redriveInterval = time.Second

func redrivesPath(dir, name string) string { return filepath.Join(dir, dirName, name+".again") }

// ErrNoDelivery reports the id of a delivery that the journal does not list.
var ErrNoDelivery = errors.New("not found")

// Redrive queues deliveries of an endpoint by their ids, and returns the number of queued
// ids. The running node, or the next node that starts, makes one attempt for each delivery,
// also for a pending one whose next attempt is not due yet. Without ids Redrive queues
// every delivery that was given up. It is safe for use by several processes.
func Redrive(dir, name string, ids []string) (requested int, err error) {
	known, err := Deliveries(dir, name, "")
	if err != nil {
		return 0, err
	}
	states := make(map[string]State)
	var unique []string
	for _, d := range known {
		states[d.ID] = d.State
		if len(ids) == 0 && d.State == GivenUp {
			unique = append(unique, d.ID)
		}
	}
	for _, id := range ids {
		if states[id] == "" {
			return 0, fmt.Errorf("endpoint %s: delivery %q: %w: list the deliveries with webhook deliveries", name, id, ErrNoDelivery)
		}
		if !slices.Contains(unique, id) {
			unique = append(unique, id)
		}
	}
	if len(unique) == 0 {
		return 0, nil
	}
	return len(unique), updateRedrives(dir, name, func(queued []string) []string {
		for _, id := range unique {
			if !slices.Contains(queued, id) {
				queued = append(queued, id)
			}
		}
		return queued
	})
}

// updateRedrives replaces the queue of an endpoint by the result of update. It holds a lock
// that excludes other processes, and returns after the queue is on disk.
func updateRedrives(dir, name string, update func([]string) []string) error {
	path := redrivesPath(dir, name)
	return durable.Alone(path, func() error {
		queued, err := readRedrives(path)
		if err != nil {
			return err
		}
		if queued = update(queued); len(queued) > redrivesMax {
			return fmt.Errorf("redrive: more than %d deliveries would be queued: wait until a node has made some of them, then try again", redrivesMax)
		}
		text, err := json.Marshal(queued)
		if err != nil {
			return err
		}
		return durable.Replace(path, text)
	})
}

func readRedrives(path string) (queued []string, err error) {
	text, err := durable.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &queued)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return queued, nil
}

// Run makes the queued redeliveries until ctx ends. It logs an error once, and again only
// after the error has changed or disappeared.
func (d *Deliverer) Run(ctx context.Context) {
	tick := time.NewTicker(redriveInterval)
	defer tick.Stop()
	for logged := ""; ; {
		cause := ""
		if err := d.makeRedrives(ctx); err != nil && ctx.Err() == nil {
			cause = err.Error()
		}
		if cause != "" && cause != logged {
			d.options.Log.Error("webhook redeliveries failed", "endpoint", d.endpoint.Name, "cause", cause)
		}
		logged = cause
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (d *Deliverer) makeRedrives(ctx context.Context) error {
	queued, err := readRedrives(redrivesPath(d.options.Dir, d.endpoint.Name))
	if err != nil {
		return err
	}
	for _, id := range queued {
		if err := d.redrive(ctx, id); err != nil {
			return err
		}
		err := updateRedrives(d.options.Dir, d.endpoint.Name, func(now []string) []string {
			return slices.DeleteFunc(now, func(other string) bool { return other == id })
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// redrive makes one attempt for a finished delivery. For a pending delivery it makes the
// next attempt due at once.
func (d *Deliverer) redrive(ctx context.Context, id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.journal.all[id]
	switch {
	case before == nil:
		d.options.Log.Warn("webhook redelivery skipped: the journal no longer lists the delivery", "endpoint", d.endpoint.Name, "id", id)
		return nil
	case d.unwritten[id] != nil:
		return d.write(d.unwritten[id])
	case before.State == Pending:
		return d.attemptNow(*before)
	}
	event, err := d.eventAt(ctx, before.Position)
	if err != nil {
		return err
	}
	out := d.post(ctx, &event, d.options.Now())
	if ctx.Err() != nil && !out.accepted {
		return ctx.Err()
	}
	tried := *before
	d.applyOutcome(&tried, out, d.options.Now())
	if err := d.write(&tried); err != nil {
		return err
	}
	d.options.Observe(tried.State, d.failures)
	return nil
}

// eventAt reads the event at a position from the ledger.
func (d *Deliverer) eventAt(ctx context.Context, position string) (Event, error) {
	at, err := domain.ParseEventPosition(position)
	if err != nil {
		return Event{}, err
	}
	r, err := d.options.Record(ctx, at.Seq)
	if err != nil {
		return Event{}, fmt.Errorf("read the event at %s: %w", at, err)
	}
	if at.Event >= len(r.Events) {
		return Event{}, fmt.Errorf("read the event at %s: record %d has %d events", at, at.Seq, len(r.Events))
	}
	return NewEvent(d.options.LedgerID, &r, at.Event), nil
}

// attemptNow makes the next attempt of the pending delivery due, and notifies the goroutine
// of Handle.
func (d *Deliverer) attemptNow(now Delivery) error {
	now.Next = d.options.Now().UTC()
	if err := d.write(&now); err != nil {
		return err
	}
	select {
	case d.due <- struct{}{}:
	default: // a signal is already pending
	}
	return nil
}
