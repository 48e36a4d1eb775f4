package webhooks

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"authledger/domain"
)

// Handle repeats a failed write of the journal without another attempt.
func TestHandleRepeatsFailedWrite(t *testing.T) {
	dir := t.TempDir()
	defer func() { syncFile = (*os.File).Sync }()
	synctest.Test(t, func(t *testing.T) {
		posts := 0
		d := answered(t, dir, domain.EventPosition{},
			func(*Event) outcome { posts++; return outcome{accepted: true, status: 200} })
		writes := 0
		syncFile = func(*os.File) error {
			if writes++; writes <= 3 {
				return errors.New("no space left on device")
			}
			return nil
		}
		r, _ := recordAt(t.Context(), 1) // never an error
		begun := time.Now()
		if err := d.Handle(t.Context(), &r, 0); err != nil {
			t.Fatal(err)
		}
		got, want := time.Since(begun), 7*writePauseFirst
		if got != want || posts != 1 || d.Finished() != (domain.EventPosition{Seq: 1}) {
			t.Errorf("got %d posts, finished %v after %v; want 1, 1.0, %v", posts, d.Finished(), got, want)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// Handle gives up an event, so that the next event follows.
func TestHandleGivesUp(t *testing.T) {
	dir := t.TempDir()
	d := answered(t, dir, domain.EventPosition{}, func(*Event) outcome { return outcome{status: 410} })
	r, _ := recordAt(t.Context(), 1) // never an error
	if err := d.Handle(t.Context(), &r, 0); err != nil || d.Finished() != (domain.EventPosition{Seq: 1}) {
		t.Errorf("got %v, finished %v; want nil, 1.0", err, d.Finished())
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if list, err := Deliveries(dir, "e", GivenUp); err != nil || len(list) != 1 {
		t.Errorf("got %+v, %v; want one delivery that was given up", list, err)
	}
}

// noMetrics discards the counts.
type noMetrics struct{}

func (noMetrics) Endpoint(string)               {}
func (noMetrics) RemoveEndpoint(string)         {}
func (noMetrics) Delivered(string, string, int) {}

// The supervisor restarts a deliverer that fails after pauses that double, up to a
// minute.
func TestSupervisorRestartsDeliverer(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		begun := time.Now()
		var starts []time.Duration
		NewSupervisor(SupervisorOptions{
			Dir: dir, LedgerID: "test", Now: time.Now, Log: slog.New(slog.DiscardHandler), Metrics: noMetrics{},
			Endpoints: func(context.Context) ([]Endpoint, error) { return []Endpoint{testEndpoint}, nil },
			Record:    recordAt, Show: asIs,
			SeqAt: func(context.Context, time.Time) (uint64, error) { return 0, nil },
			Follow: func(context.Context, *Deliverer) error {
				if starts = append(starts, time.Since(begun).Round(time.Second)); len(starts) == 8 {
					stop()
				}
				return errors.New("the log can't be read")
			},
		}).Run(ctx)
		want := []time.Duration{0, 1, 3, 7, 15, 31, 63, 123}
		for i := range want {
			want[i] *= time.Second
		}
		if !slices.Equal(starts, want) {
			t.Errorf("got starts at %v, want %v", starts, want)
		}
	})
}

// The supervisor starts, replaces and stops deliverers when it is notified of a change, and deletes
// the files of a removed endpoint. It keeps the deliverers while the endpoints can't be read.
func TestSupervisorAppliesChanges(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		changed := make(chan struct{}, 1)
		var mu sync.Mutex // guards the three variables below
		var endpoints []Endpoint
		var failure error
		running := map[string]string{} // secret by name
		s := NewSupervisor(SupervisorOptions{
			Dir: dir, LedgerID: "test", Now: time.Now, Log: slog.New(slog.DiscardHandler), Metrics: noMetrics{},
			Endpoints: func(context.Context) ([]Endpoint, error) {
				mu.Lock()
				defer mu.Unlock()
				return slices.Clone(endpoints), failure
			},
			Changed: changed, Record: recordAt, Show: asIs,
			SeqAt: func(context.Context, time.Time) (uint64, error) { return 0, nil },
			Follow: func(ctx context.Context, d *Deliverer) error {
				mu.Lock()
				running[d.Name()] = d.endpoint.Secret
				mu.Unlock()
				<-ctx.Done()
				mu.Lock()
				defer mu.Unlock()
				delete(running, d.Name())
				return ctx.Err()
			},
		})
		done := make(chan struct{})
		go func() { defer close(done); s.Run(ctx) }()
		apply := func(says string, err error, list ...Endpoint) {
			t.Helper()
			mu.Lock()
			endpoints, failure = list, err
			mu.Unlock()
			changed <- struct{}{}
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			want := map[string]string{}
			for _, e := range list {
				want[e.Name] = e.Secret
			}
			if !maps.Equal(running, want) {
				t.Errorf("%s: got deliverers %v, want %v", says, running, want)
			}
		}
		e, other, rotated := testEndpoint, testEndpoint, testEndpoint
		other.Name, rotated.Secret, rotated.Former = "other", NewSecret(), e.Secret
		apply("added", nil, e)
		apply("second", nil, e, other)
		apply("rotated", nil, rotated, other)
		apply("unreadable", errors.New("disk"), rotated, other)
		apply("readable", nil, rotated, other)
		apply("removed", nil, other)
		if _, err := os.Stat(journalPath(dir, "e")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("journal of the removed endpoint: got %v, want none", err)
		}
		stop()
		<-done
	})
}
