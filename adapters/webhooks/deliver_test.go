package webhooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"authledger/domain"
)

func event(n int) Event {
	return Event{ID: fmt.Sprintf("evt_test_%d_0", n), Position: domain.EventPosition{Seq: uint64(n)},
		Type: "lockout.started", Entity: "user/u", At: time.Unix(1_700_000_000, 0),
		Data: json.RawMessage(`{"until":"x"}`)}
}

func options(dir string) Options {
	return Options{
		Dir: dir, LedgerID: "test", Now: time.Now, Log: slog.New(slog.DiscardHandler), Observe: func(State, int) {},
		Record: recordAt, Show: asIs,
	}
}

// asIs returns a payload of a realm without pseudonyms.
func asIs(payload []byte) []byte { return payload }

// recordAt returns the record of [event] n.
func recordAt(_ context.Context, n uint64) (domain.Record, error) {
	e := domain.Event{Entity: "user/u", At: time.Unix(1_700_000_000, 0), Data: new(domain.LockoutStarted)}
	return domain.Record{Seq: n, Events: []domain.Event{e}}, nil
}

var testEndpoint = Endpoint{Name: "e", URL: "https://example.org/", Types: domain.DefaultWebhookTypes(),
	Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwxxxxxxxx"}

// answered opens a deliverer whose attempts call post instead of an endpoint.
func answered(t interface{ Fatal(...any) }, dir string, from domain.EventPosition,
	post func(*Event) outcome) *Deliverer {
	d, err := OpenDeliverer(testEndpoint, from, options(dir))
	if err != nil {
		t.Fatal(err)
	}
	d.post = func(_ context.Context, e *Event, _ time.Time) outcome { return post(e) }
	return d
}

// deliverTwo delivers two events to an endpoint that accepts them, and closes the deliverer.
func deliverTwo(t *testing.T, dir string) *Deliverer {
	t.Helper()
	d := answered(t, dir, domain.EventPosition{},
		func(*Event) outcome { return outcome{accepted: true, status: 200} })
	for n := 1; n <= 2; n++ {
		if err := d.deliver(t.Context(), event(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return d
}

// The deliverer retries a failed attempt at the instants of the schedule, also in another
// process, and gives up after the last attempt.
func TestScheduleOverRestarts(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		fail := func(*Event) outcome {
			at = append(at, time.Now())
			return outcome{status: 500}
		}
		var err error
		for restarts := 0; !errors.Is(err, errGivenUp); restarts++ {
			if restarts > 3*Attempts {
				t.Fatalf("delivery after %d processes: got %v, want %v", restarts, err, errGivenUp)
			}
			d := answered(t, dir, domain.EventPosition{}, fail)
			ctx, cancel := context.WithTimeout(t.Context(), 7*time.Hour) // then the process ends
			err = d.deliver(ctx, event(1))
			cancel()
			if errors.Is(err, errGivenUp) {
				err = errors.Join(err, d.giveUp(event(1)))
			}
			if failed := d.Close(); failed != nil {
				t.Fatal(failed)
			}
		}
		if len(at) != Attempts {
			t.Fatalf("got %d attempts, want %d", len(at), Attempts)
		}
		exact := 0
		for i, pause := range schedule {
			if took := at[i+1].Sub(at[i]); took < pause || took > pause+pause/5+time.Second {
				t.Errorf("attempt %d: got after %v, want %v and at most a fifth more", i+2, took, pause)
			} else if took == pause {
				exact++
			}
		}
		if exact == len(schedule) {
			t.Error("every pause is exact, want pauses of different length for different endpoints")
		}
		d := answered(t, dir, domain.EventPosition{}, fail)
		if err := d.deliver(t.Context(), event(1)); err != nil || d.Finished() != (domain.EventPosition{Seq: 1}) ||
			len(at) != Attempts {
			t.Errorf("deliver after giving up: got %v, finished %v, %d attempts; want nil, 1.0, %d", err, d.Finished(),
				len(at), Attempts)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestOutcomes(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		outs := []outcome{{status: 503, retryAfter: time.Hour}, {status: 302}, {accepted: true, status: 204},
			{status: 410}}
		var at []time.Time
		d := answered(t, dir, domain.EventPosition{}, func(*Event) outcome {
			at = append(at, time.Now())
			return outs[len(at)-1]
		})
		var seen []string
		d.options.Observe = func(state State, failures int) {
			seen = append(seen, fmt.Sprint(state, failures))
		}
		if err := d.deliver(t.Context(), event(1)); err != nil || len(at) != 3 || at[1].Sub(at[0]) < time.Hour {
			t.Errorf("deliver: got %v and attempts at %v, want 3, the second after an hour", err, at)
		}
		if err := d.deliver(t.Context(), event(2)); !errors.Is(err, errGivenUp) || len(at) != 4 {
			t.Errorf("deliver after 410: got %v and %d attempts, want errGivenUp and 4", err, len(at))
		}
		if err := d.giveUp(event(2)); err != nil {
			t.Fatal(err)
		}
		if list, err := Deliveries(dir, "e", GivenUp); err != nil || len(list) != 1 || list[0].Attempts != 1 {
			t.Errorf("Deliveries: got %+v, %v, want one with one attempt", list, err)
		}
		want := []string{"pending1", "pending2", "delivered0", "pending1", "failed0"}
		if !slices.Equal(seen, want) {
			t.Errorf("Observe: got %v, want %v", seen, want)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// A running process retries deliveries that were given up, under their ids.
func TestRedrive(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	var got []string
	answer := outcome{status: 410}
	d := answered(t, dir, domain.EventPosition{}, func(e *Event) outcome {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, e.ID)
		return answer
	})
	for n := 1; n <= 3; n++ {
		if err := d.deliver(t.Context(), event(n)); !errors.Is(err, errGivenUp) {
			t.Fatal(err)
		}
		if err := d.giveUp(event(n)); err != nil {
			t.Fatal(err)
		}
	}
	mu.Lock()
	answer = outcome{accepted: true, status: 200}
	mu.Unlock()
	if _, err := Redrive(dir, "e", []string{"evt_test_9_0"}); err == nil {
		t.Error("Redrive of an unknown delivery: got no error, want one")
	}
	if n, err := Redrive(dir, "e", []string{"evt_test_2_0"}); err != nil || n != 1 {
		t.Fatalf("Redrive of evt_test_2_0: got %d, %v, want 1", n, err)
	}
	if err := d.makeRedrives(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := Redrive(dir, "e", nil); err != nil || n != 2 {
		t.Fatalf("Redrive of all deliveries: got %d, %v, want 2", n, err)
	}
	for range 2 { // the second time the queue is empty
		if err := d.makeRedrives(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{"evt_test_1_0", "evt_test_2_0", "evt_test_3_0", "evt_test_2_0", "evt_test_1_0",
		"evt_test_3_0"}
	if !slices.Equal(got, want) {
		t.Errorf("got attempts %v, want %v", got, want)
	}
	if list, err := Deliveries(dir, "e", GivenUp); err != nil || len(list) != 0 {
		t.Errorf("Deliveries: got %v, %v, want none given up", list, err)
	}
}

// The next process also reports the number of failed attempts of the current event.
func TestObserveOverRestarts(t *testing.T) {
	dir := t.TempDir()
	d := answered(t, dir, domain.EventPosition{}, func(*Event) outcome { return outcome{status: 500} })
	if _, _, err := d.attempt(t.Context(),
		&Event{ID: "evt_test_1_0", Position: domain.EventPosition{Seq: 1}}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	o, failures := options(dir), 0
	o.Observe = func(_ State, now int) { failures = now }
	d, err := OpenDeliverer(testEndpoint, domain.EventPosition{}, o)
	if err != nil || failures != 1 {
		t.Fatalf("%d failed attempts, want 1: %v", failures, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}
