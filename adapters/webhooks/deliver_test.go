package webhooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

func event(n int) Event {
	return Event{ID: fmt.Sprint("evt_", n), Position: Position{uint64(n), 0}, Type: "lockout.started", Entity: "user/u", At: time.Unix(1_700_000_000, 0), Data: json.RawMessage(`{"until":"x"}`)}
}

func options(dir string) Options {
	return Options{Dir: dir, Now: time.Now, Log: slog.New(slog.DiscardHandler), Observe: func(State, int) {}, Find: func(_ context.Context, at Position) (Event, error) { return event(int(at.Seq)), nil }}
}

var testEndpoint = Endpoint{Name: "e", URL: "https://example.org/", Types: Usual(), Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwxxxxxxxx"}

// answered makes a deliverer whose endpoint answers as it is told.
func answered(t interface{ Fatal(...any) }, dir string, from Position, post func(*Event) outcome) *Deliverer {
	d, err := OpenDeliverer(testEndpoint, from, options(dir))
	if err != nil {
		t.Fatal(err)
	}
	d.post = func(_ context.Context, e *Event, _ time.Time) outcome { return post(e) }
	return d
}

// tookTwo delivers two events, and closes.
func tookTwo(t *testing.T, dir string) *Deliverer {
	t.Helper()
	d := answered(t, dir, Position{}, func(*Event) outcome { return outcome{taken: true, status: 200} })
	for n := 1; n <= 2; n++ {
		if err := d.Deliver(t.Context(), event(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return d
}

// The example of the specification of Standard Webhooks.
func TestSignature(t *testing.T) {
	key, err := secretKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	got := signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Error(got)
	}
}

// A failed attempt is made again when the schedule says so, also in another process,
// and given up behind the last; the clock is the bubble's.
func TestScheduleOverRestarts(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		fail := func(*Event) outcome {
			at = append(at, time.Now())
			return outcome{status: 500}
		}
		var err error
		for restarts := 0; !errors.Is(err, ErrGivenUp); restarts++ {
			if restarts > 3*Attempts {
				t.Fatal("it is never given up")
			}
			d := answered(t, dir, Position{}, fail)
			ctx, cancel := context.WithTimeout(t.Context(), 7*time.Hour) // then the process ends
			err = d.Deliver(ctx, event(1))
			cancel()
			if errors.Is(err, ErrGivenUp) {
				err = errors.Join(err, d.GiveUp(event(1)))
			}
			if closed := d.Close(); closed != nil {
				t.Fatal(closed)
			}
		}
		if len(at) != Attempts {
			t.Fatalf("%d attempts, want %d", len(at), Attempts)
		}
		exact := 0
		for i, pause := range schedule {
			if took := at[i+1].Sub(at[i]); took < pause || took > pause+pause/5+time.Second {
				t.Errorf("attempt %d came after %v, want %v and at most a fifth more", i+2, took, pause)
			} else if took == pause {
				exact++
			}
		}
		if exact == len(schedule) {
			t.Error("endpoints that were down together are asked together")
		}
		d := answered(t, dir, Position{}, fail)
		if err := d.Deliver(t.Context(), event(1)); err != nil || d.Finished() != (Position{1, 0}) || len(at) != Attempts {
			t.Errorf("what was given up is attempted again: %v", err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestOutcomes(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		outs := []outcome{{status: 503, retryAfter: time.Hour}, {status: 302}, {taken: true, status: 204}, {status: 410}}
		var at []time.Time
		d := answered(t, dir, Position{}, func(*Event) outcome {
			at = append(at, time.Now())
			return outs[len(at)-1]
		})
		var seen []string
		d.options.Observe = func(state State, downs int) { seen = append(seen, fmt.Sprint(state, downs)) }
		if err := d.Deliver(t.Context(), event(1)); err != nil || len(at) != 3 || at[1].Sub(at[0]) < time.Hour {
			t.Errorf("%v at %v", err, at)
		}
		if err := d.Deliver(t.Context(), event(2)); !errors.Is(err, ErrGivenUp) || len(at) != 4 {
			t.Errorf("an endpoint that is gone: %v", err)
		}
		if err := d.GiveUp(event(2)); err != nil {
			t.Fatal(err)
		}
		if list, err := Deliveries(dir, "e", GivenUp); err != nil || len(list) != 1 || list[0].Attempts != 1 {
			t.Errorf("one that was attempted once is listed as %+v, %v", list, err)
		}
		if want := []string{"pending1", "pending2", "delivered0", "pending1", "failed0"}; !slices.Equal(seen, want) {
			t.Errorf("observed %v, want %v", seen, want)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// Wherever processes end, every event reaches the endpoint, the first time in order,
// always under its id; what is not given up is delivered once more at most for each
// end.
func TestEveryEventWhateverCrashes(t *testing.T) {
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
			d := answered(t, dir, Position{}, func(e *Event) outcome {
				got = append(got, e.ID)
				if failing--; failing >= 0 {
					d := outcome{status: 500}
					return d
				}
				return outcome{taken: true, status: 200}
			})
			end := rapid.IntRange(1, 6).Draw(t, "events until the end")
			done := d.run(t, events, end)
			if done {
				break
			}
			if ends++; ends > 100 {
				t.Fatal("it doesn't come to an end")
			}
			d.crash(t, rapid.IntRange(0, 400).Draw(t, "bytes that are cut off"))
		}
		firsts := slices.Clone(got)
		seen := make(map[string]bool)
		firsts = slices.DeleteFunc(firsts, func(id string) bool { again := seen[id]; seen[id] = true; return again })
		for i := range events {
			if i >= len(firsts) || firsts[i] != event(i+1).ID {
				t.Fatalf("first deliveries: %v", firsts)
			}
		}
	})
}

// run delivers behind what is finished, until a process is to end.
func (d *Deliverer) run(t *rapid.T, events, end int) (done bool) {
	for n := int(d.Finished().Seq) + 1; n <= events; n++ {
		if end--; end < 0 {
			return false
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // whoever has to wait ends instead
		if err := d.Deliver(ctx, event(n)); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if d.Finished().Seq < uint64(n) {
			d.makeDue()
			n--
		}
	}
	return true
}

// makeDue lets the next attempt be due, as time would.
func (d *Deliverer) makeDue() {
	for _, delivery := range d.journal.all {
		delivery.Next = time.Time{}
	}
}

// crash cuts the end of the journal off, but for its beginning: as if the last lines
// had not reached the disk.
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

// What was given up is made again under its id, by the process that runs.
func TestRedrive(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	var got []string
	answer := outcome{status: 410}
	d := answered(t, dir, Position{}, func(e *Event) outcome {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, e.ID)
		return answer
	})
	for n := 1; n <= 3; n++ {
		if err := d.Deliver(t.Context(), event(n)); !errors.Is(err, ErrGivenUp) {
			t.Fatal(err)
		}
		if err := d.GiveUp(event(n)); err != nil {
			t.Fatal(err)
		}
	}
	mu.Lock()
	answer = outcome{taken: true, status: 200}
	mu.Unlock()
	if _, err := Redrive(dir, "e", []string{"evt_9"}); err == nil {
		t.Error("one that isn't there is driven again")
	}
	if n, err := Redrive(dir, "e", []string{"evt_2"}); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if err := d.again(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := Redrive(dir, "e", nil); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	for range 2 { // the second time nothing waits
		if err := d.again(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if want := []string{"evt_1", "evt_2", "evt_3", "evt_2", "evt_1", "evt_3"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if list, err := Deliveries(dir, "e", GivenUp); err != nil || len(list) != 0 {
		t.Errorf("%v %v", list, err)
	}
}

// How often the event in turn was turned down is told also by the next process.
func TestObserveOverRestarts(t *testing.T) {
	dir := t.TempDir()
	d := answered(t, dir, Position{}, func(*Event) outcome { return outcome{status: 500} })
	if _, _, err := d.attempt(t.Context(), &Event{ID: "evt_1", Position: Position{1, 0}}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	o, downs := options(dir), 0
	o.Observe = func(_ State, now int) { downs = now }
	d, err := OpenDeliverer(testEndpoint, Position{}, o)
	if err != nil || downs != 1 {
		t.Fatalf("turned down %d times, want 1: %v", downs, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}
