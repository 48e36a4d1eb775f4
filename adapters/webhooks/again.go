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

// Redrive asks that deliveries be made again, by their ids: by the node that runs, or
// by the next one. With none, all that were given up.
func Redrive(dir, name string, ids []string) (asked int, err error) {
	known, err := Deliveries(dir, name, "")
	if err != nil {
		return 0, err
	}
	all := make(map[string]State)
	for _, d := range known {
		all[d.ID] = d.State
	}
	if len(ids) == 0 {
		for _, d := range known {
			if d.State == GivenUp {
				ids = append(ids, d.ID)
			}
		}
	}
	if len(ids) == 0 {
		return 0, nil
	}
	for _, id := range ids {
		switch state, ok := all[id]; {
		case !ok:
			return 0, fmt.Errorf("%s has no delivery %q: see webhook deliveries", name, id)
		case state == Pending:
			return 0, fmt.Errorf("delivery %s is still being attempted", id)
		}
	}
	return len(ids), changeAgain(dir, name, func(waiting []string) []string {
		for _, id := range ids {
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
			return fmt.Errorf("more than %d deliveries wait to be made again", againMax)
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
	for {
		if err := d.again(ctx); err != nil && ctx.Err() == nil {
			d.options.Log.Error("webhooks are not driven again", "endpoint", d.endpoint.Name, "cause", err)
		}
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

// redrive makes one attempt.
func (d *Deliverer) redrive(ctx context.Context, id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.journal.all[id]
	if before == nil || before.State == Pending {
		return nil // forgotten since, or on its way
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
	tried.Attempts, tried.Time, tried.Status, tried.Error = tried.Attempts+1, d.options.Now().UTC(), out.status, out.wrong
	if out.taken {
		tried.State = Delivered
	}
	if err := d.journal.write(&line{Delivery: &tried}); err != nil {
		return err
	}
	d.options.Observe(tried.State, d.downs)
	return nil
}
