package webhooks

import (
	"testing"

	"authledger/domain"
)

// A node resumes at the first pending event: every event before it was delivered, given up
// or skipped. Redeliveries, a compacted journal and a restart do not change that position.
func TestFinished(t *testing.T) {
	dir := t.TempDir()
	status := 200
	d := answered(t, dir, domain.EventPosition{},
		func(*Event) outcome { return outcome{accepted: status == 200, status: status} })
	finished := func(want domain.EventPosition) {
		t.Helper()
		if got := d.Finished(); got != want {
			t.Errorf("got finished %v, want %v", got, want)
		}
		makeRedrives := answered(t, dir, domain.EventPosition{}, nil)
		if got := makeRedrives.Finished(); got != want {
			t.Errorf("the next process: got finished %v, want %v", got, want)
		}
		if err := makeRedrives.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for n := 1; n <= 2; n++ {
		if err := d.deliver(t.Context(), event(n)); err != nil {
			t.Fatal(err)
		}
	}
	finished(domain.EventPosition{Seq: 2})
	if _, err := Redrive(dir, "e", []string{"evt_test_1_0"}); err != nil {
		t.Fatal(err)
	}
	if err := d.makeRedrives(t.Context()); err != nil {
		t.Fatal(err)
	}
	finished(domain.EventPosition{Seq: 2})
	status = 500
	pending := event(3)
	if done, _, err := d.attempt(t.Context(), &pending); done || err != nil {
		t.Fatalf("attempt with status 500: got done %t, %v, want false", done, err)
	}
	finished(domain.EventPosition{Seq: 2})
	if err := d.journal.compact(); err != nil {
		t.Fatal(err)
	}
	finished(domain.EventPosition{Seq: 2})
	if err := d.giveUp(pending); err != nil {
		t.Fatal(err)
	}
	finished(domain.EventPosition{Seq: 3})
	d.skipped = skippedMax - 1
	if err := d.Skip(domain.EventPosition{Seq: 9, Event: 4}); err != nil {
		t.Fatal(err)
	}
	finished(domain.EventPosition{Seq: 9, Event: 4})
	if err := d.journal.compact(); err != nil {
		t.Fatal(err)
	}
	finished(domain.EventPosition{Seq: 9, Event: 4})
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// The journal records a position after skippedMax consecutive skipped events, and the
// position of the last skipped event at Close. A later delivery replaces that position.
func TestSkipped(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		skipped int
		deliver bool
		close   bool
		want    uint64
	}{{skippedMax - 1, false, false, 0}, {skippedMax, false, false, skippedMax},
		{1, false, true, skippedMax + 1}, {1, true, true, skippedMax + 3}} {
		d := answered(t, dir, domain.EventPosition{},
			func(*Event) outcome { return outcome{accepted: true, status: 200} })
		at := d.Finished().Seq
		for range c.skipped {
			at++
			if err := d.Skip(domain.EventPosition{Seq: at}); err != nil {
				t.Fatal(err)
			}
		}
		if c.deliver {
			if err := d.deliver(t.Context(), event(int(at)+1)); err != nil {
				t.Fatal(err)
			}
		}
		end := d.journal.close
		if c.close {
			end = d.Close
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		d = answered(t, dir, domain.EventPosition{}, nil)
		if got := d.Finished(); got != (domain.EventPosition{Seq: c.want}) {
			t.Errorf("%+v: got finished %v, want %d.0", c, got, c.want)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
