package webhooks

import "testing"

// Where a node goes on is behind what is delivered, given up or of no interest, and
// never behind what waits; what is made again, and a journal written anew, change
// nothing of it. Nor does the next process.
func TestFinished(t *testing.T) {
	dir := t.TempDir()
	status := 200
	d := answered(t, dir, Position{}, func(*Event) outcome { return outcome{taken: status == 200, status: status} })
	finished := func(want Position) {
		t.Helper()
		if got := d.Finished(); got != want {
			t.Errorf("finished %v, want %v", got, want)
		}
		again := answered(t, dir, Position{}, nil)
		if got := again.Finished(); got != want {
			t.Errorf("the next process: finished %v, want %v", got, want)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for n := 1; n <= 2; n++ {
		if err := d.Deliver(t.Context(), event(n)); err != nil {
			t.Fatal(err)
		}
	}
	finished(Position{2, 0})
	if _, err := Redrive(dir, "e", []string{"evt_1"}); err != nil {
		t.Fatal(err)
	}
	if err := d.again(t.Context()); err != nil {
		t.Fatal(err)
	}
	finished(Position{2, 0})
	status = 500
	waits := event(3)
	if done, _, err := d.attempt(t.Context(), &waits); done || err != nil {
		t.Fatal(done, err)
	}
	finished(Position{2, 0})
	if err := d.journal.compact(); err != nil {
		t.Fatal(err)
	}
	finished(Position{2, 0})
	if err := d.GiveUp(waits); err != nil {
		t.Fatal(err)
	}
	finished(Position{3, 0})
	d.skipped = skippedMax - 1
	if err := d.Skip(Position{9, 4}); err != nil {
		t.Fatal(err)
	}
	finished(Position{9, 4})
	if err := d.journal.compact(); err != nil {
		t.Fatal(err)
	}
	finished(Position{9, 4})
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// Of events of no interest not each is on disk: every so many, and the last at the end;
// what was told since counts for more.
func TestSkipped(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		skipped int
		told    bool
		close   bool
		want    uint64
	}{{skippedMax - 1, false, false, 0}, {skippedMax, false, false, skippedMax}, {1, false, true, skippedMax + 1}, {1, true, true, skippedMax + 3}} {
		d := answered(t, dir, Position{}, func(*Event) outcome { return outcome{taken: true, status: 200} })
		at := d.Finished().Seq
		for range c.skipped {
			at++
			if err := d.Skip(Position{at, 0}); err != nil {
				t.Fatal(err)
			}
		}
		if c.told {
			if err := d.Deliver(t.Context(), event(int(at)+1)); err != nil {
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
		d = answered(t, dir, Position{}, nil)
		if got := d.Finished(); got != (Position{c.want, 0}) {
			t.Errorf("%+v: finished %v", c, got)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
