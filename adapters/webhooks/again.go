package webhooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"authledger/durable"
)

// againMax bounds what waits to be driven again.
const againMax = givenUpMax + finishedMax

// againEvery is how soon a running node notices.
const againEvery = time.Second

func againPath(dir, name string) string { return filepath.Join(dir, dirName, name+".again") }

// Redrive asks that deliveries be made again, by their ids, and that what waits for its
// next attempt waits no longer: by the node that runs, or by the next one. With none,
// all that were given up.
func Redrive(dir, name string, ids []string) (asked int, err error) {
	known, err := Deliveries(dir, name, "")
	if err != nil {
		return 0, err
	}
	states := make(map[string]State)
	var once []string
	for _, d := range known {
		states[d.ID] = d.State
		if len(ids) == 0 && d.State == GivenUp {
			once = append(once, d.ID)
		}
	}
	for _, id := range ids {
		if states[id] == "" {
			return 0, fmt.Errorf("%s has no delivery %q: see webhook deliveries", name, id)
		}
		if !slices.Contains(once, id) {
			once = append(once, id)
		}
	}
	if len(once) == 0 {
		return 0, nil
	}
	return len(once), changeAgain(dir, name, func(waiting []string) []string {
		for _, id := range once {
			if !slices.Contains(waiting, id) {
				waiting = append(waiting, id)
			}
		}
		return waiting
	})
}

func changeAgain(dir, name string, of func([]string) []string) error {
	path := againPath(dir, name)
	return durable.Alone(path, func() error {
		waiting, err := readAgain(path)
		if err != nil {
			return err
		}
		if waiting = of(waiting); len(waiting) > againMax {
			return fmt.Errorf("more than %d deliveries would wait to be made again: let a node make some, then ask for the others", againMax)
		}
		text, err := json.Marshal(waiting)
		if err != nil {
			return err
		}
		return durable.Replace(path, text)
	})
}

func readAgain(path string) (waiting []string, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &waiting)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return waiting, nil
}

// Run makes deliveries again that [Redrive] was asked for, until ctx ends.
func (d *Deliverer) Run(ctx context.Context) {
	tick := time.NewTicker(againEvery)
	defer tick.Stop()
	for said := ""; ; {
		why := ""
		if err := d.again(ctx); err != nil && ctx.Err() == nil {
			why = err.Error()
		}
		if why != "" && why != said {
			d.options.Log.Error("webhooks are not driven again", "endpoint", d.endpoint.Name, "cause", why)
		}
		said = why
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (d *Deliverer) again(ctx context.Context) error {
	waiting, err := readAgain(againPath(d.options.Dir, d.endpoint.Name))
	if err != nil {
		return err
	}
	for _, id := range waiting {
		if err := d.redrive(ctx, id); err != nil {
			return err
		}
		err := changeAgain(d.options.Dir, d.endpoint.Name, func(now []string) []string {
			return slices.DeleteFunc(now, func(other string) bool { return other == id })
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// redrive makes one attempt, or lets what waits for one be attempted now.
func (d *Deliverer) redrive(ctx context.Context, id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.journal.all[id]
	switch {
	case before == nil:
		d.options.Log.Warn("a webhook is not driven again: its delivery is forgotten", "endpoint", d.endpoint.Name, "id", id)
		return nil
	case d.unkept[id] != nil:
		return d.write(d.unkept[id])
	case before.State == Pending:
		return d.hurry(*before)
	}
	at, err := ParsePosition(before.Position)
	if err != nil {
		return err
	}
	event, err := d.options.Find(ctx, at)
	if err != nil {
		return fmt.Errorf("find the event at %s: %w", at, err)
	}
	out := d.post(ctx, &event, d.options.Now())
	if ctx.Err() != nil && !out.taken {
		return ctx.Err()
	}
	tried := *before
	d.judge(&tried, out, d.options.Now())
	if err := d.write(&tried); err != nil {
		return err
	}
	d.options.Observe(tried.State, d.downs)
	return nil
}

// hurry lets the event that is told now be attempted again at once.
func (d *Deliverer) hurry(now Delivery) error {
	now.Next = d.options.Now().UTC()
	if err := d.write(&now); err != nil {
		return err
	}
	select {
	case d.due <- struct{}{}:
	default: // it looks anyway
	}
	return nil
}
