package webhooks

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"authledger/domain"
)

// A process may end at any point, and the journal may lose its last lines. Every event
// still reaches the endpoint under its id, and the first deliveries are in order.
func TestCrashesLoseNoEvent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "webhooks-*")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		const events = 12
		var got []string
		ends := 0
		for {
			failing := rapid.IntRange(0, 2).Draw(t, "lost answers")
			d := answered(t, dir, domain.EventPosition{}, func(e *Event) outcome {
				got = append(got, e.ID)
				if failing--; failing >= 0 {
					return outcome{status: 500}
				}
				return outcome{accepted: true, status: 200}
			})
			end := rapid.IntRange(1, 6).Draw(t, "events until the end")
			done := d.run(t, events, end)
			if done {
				break
			}
			if ends++; ends > 100 {
				t.Fatal("deliveries after 100 processes: got pending events, want all finished")
			}
			d.crash(t, rapid.IntRange(0, 400).Draw(t, "bytes that are cut off"))
		}
		firsts := slices.Clone(got)
		seen := make(map[string]bool)
		firsts = slices.DeleteFunc(firsts,
			func(id string) bool { makeRedrives := seen[id]; seen[id] = true; return makeRedrives })
		for i := range events {
			if i >= len(firsts) || firsts[i] != event(i+1).ID {
				t.Fatalf("got first deliveries %v, want events 1 to %d in order", firsts, events)
			}
		}
	})
}

// run delivers the events after the last finished event. It stops after end attempts, as if
// the process ended there, and returns false then.
func (d *Deliverer) run(t *rapid.T, events, end int) (done bool) {
	for n := int(d.Finished().Seq) + 1; n <= events; n++ {
		if end--; end < 0 {
			return false
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // a delivery that has to wait returns
		if err := d.deliver(ctx, event(n)); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if d.Finished().Seq < uint64(n) {
			d.makeDue()
			n--
		}
	}
	return true
}

// makeDue makes every pending delivery due.
func (d *Deliverer) makeDue() {
	for _, delivery := range d.journal.all {
		delivery.Next = time.Time{}
	}
}

// crash removes at most cut bytes from the end of the journal, as if they had not reached
// the disk.
func (d *Deliverer) crash(t *rapid.T, cut int) {
	if err := d.journal.close(); err != nil {
		t.Fatal(err)
	}
	at, err := os.Stat(d.journal.path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(d.journal.path, max(0, at.Size()-int64(cut))); err != nil {
		t.Fatal(err)
	}
}
