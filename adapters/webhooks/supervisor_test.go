package webhooks

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
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
	if _, err := OpenEndpoints(dir, time.Now).Add(Endpoint{Name: "e", URL: "https://example.org"}); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		begun := time.Now()
		var starts []time.Duration
		NewSupervisor(SupervisorOptions{
			Dir: dir, LedgerID: "test", Now: time.Now, Log: slog.New(slog.DiscardHandler), Metrics: noMetrics{},
			Record: recordAt,
			SeqAt:  func(context.Context, time.Time) (uint64, error) { return 0, nil },
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
