package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

// Close answers what was taken, and takes nothing new.
func TestCloseDrains(t *testing.T) {
	r := newRealm(t)
	store, open := gate(r)
	o := r.options(newFolded(), store)
	l := mustOpen(t, o)
	first, second := jam(t, l, store)
	tickets := []*eventstore.Ticket{first, second}
	for i := range 600 {
		c := failure(fmt.Sprint("q", i), "alice")
		c.Backfill = i%2 == 0
		tickets = append(tickets, submit(t, l, c))
	}
	done := make(chan struct{})
	go func() { defer close(done); mustClose(t, l) }()
	for { // until it is closing
		if _, err := l.Submit(t.Context(), failure("late", "alice")); errors.Is(err, eventstore.ErrStopped) {
			break
		}
	}
	open()
	closed(t, "the ledger is closed", done)
	for _, ticket := range tickets {
		answer(t, ticket)
	}
	last, err := r.store.Last(t.Context())
	if err != nil || last == 0 {
		t.Fatal(last, err)
	}
	if n := len(r.records()); n < len(tickets) {
		t.Errorf("%d records of %d commands", n, len(tickets))
	}
	head, err := eventstore.OpenHead(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer head.Close()
	if head.At() != o.State.Position() || head.At().Stream != last {
		t.Errorf("the head is at %+v, the log at %d", head.At(), last)
	}
}

// A disk that doesn't answer must not keep a node from stopping, however the
// patience ends.
func TestCloseGivesUp(t *testing.T) {
	for _, ending := range []string{"canceled", "past its deadline"} {
		t.Run(ending, func(t *testing.T) {
			r := newRealm(t)
			store, _ := gate(r)
			l := r.open(newFolded(), store)
			first, second := jam(t, l, store)
			waiting := submit(t, l, failure("waiting", "alice"))
			ctx, cancel := context.WithCancel(t.Context())
			if ending != "canceled" {
				ctx, cancel = context.WithDeadline(t.Context(), time.Now())
			}
			cancel()
			done := make(chan error, 1)
			go func() { done <- l.Close(ctx) }()
			if err := closed(t, "Close gives up", done); err == nil {
				t.Error("Close says that all is well")
			}
			for _, ticket := range []*eventstore.Ticket{first, second, waiting} {
				if v, err := ticket.Wait(t.Context()); !errors.Is(err, eventstore.ErrStopped) {
					t.Errorf("a command of unknown outcome is answered %s, %v", told(v), err)
				}
			}
			if _, err := l.Submit(t.Context(), failure("new", "alice")); !errors.Is(err, eventstore.ErrStopped) {
				t.Errorf("submit to a stopped ledger: %v", err)
			}
		})
	}
}

// Who stops waiting doesn't know; who asks again does.
func TestAnImpatientCallerAsksAgain(t *testing.T) {
	r := newRealm(t)
	store, open := gate(r)
	l := r.open(newFolded(), store)
	defer mustClose(t, l)
	ctx, cancel := context.WithCancel(t.Context())
	ticket := submit(t, l, failure("a", "alice"))
	cancel()
	if _, err := ticket.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the wait ends with %v", err)
	}
	open()
	if v := do(t, l, failure("a", "alice")); !v.Duplicate || v.Seq != 1 {
		t.Errorf("asked again: %s", told(v))
	}
	r.verify(1)
}

// A server that lost what it had vouched for is a fault, and nothing more is
// answered.
func TestAFaultOfTheStoreStops(t *testing.T) {
	r := newRealm(t)
	l := r.open(newFolded(), brokenStore{r.store})
	ticket := submit(t, l, failure("a", "alice"))
	closed(t, "the ledger stops", l.Failed())
	if _, err := ticket.Wait(t.Context()); !errors.Is(err, eventstore.ErrStopped) {
		t.Errorf("the command ends with %v", err)
	}
	wantFault(t, l.Close(t.Context()), 1, 0, "lost")
}

type brokenStore struct{ eventstore.Store }

func (s brokenStore) Append(_ context.Context, _ []byte, expect uint64) <-chan error {
	outcome := make(chan error, 1)
	outcome <- eventstore.Faultf(expect+1, "lost")
	return outcome
}

// Comparing times prefers a monotonic reading, which the log doesn't keep: when
// the wall is set back, what was decided in memory would differ from what a
// rebuild decides. So none gets in.
func TestNoMonotonicReadingGetsIn(t *testing.T) {
	r := newRealm(t)
	r.now = time.Now
	state := &watched{folded: newFolded()}
	l := r.open(state, r.store)
	now, stamped := failure("sent", "alice"), failure("stamped", "alice")
	now.Time = time.Now()
	stamped.Time, stamped.Stamped = time.Time{}, true
	do(t, l, now)
	do(t, l, stamped)
	mustClose(t, l)
	for _, at := range state.times {
		if at != at.Round(0).UTC() {
			t.Errorf("%v is not as the log tells it", at)
		}
	}
	if len(state.times) != 8 {
		t.Errorf("%d times looked at, want 4 of each of 2 records", len(state.times))
	}
}

// watched remembers the times that it is given to fold.
type watched struct {
	*folded
	times []time.Time
}

func (s *watched) Fold(c *domain.Commit) error {
	for _, r := range c.Records {
		s.times = append(s.times, c.Time, r.Time, r.Command.Time, r.Events[0].At)
	}
	return s.folded.Fold(c)
}

func TestANearlyFullDisk(t *testing.T) {
	r := newRealm(t)
	o := r.options(newFolded(), r.store)
	o.DiskFreeMin = math.MaxUint64
	l := mustOpen(t, o)
	defer mustClose(t, l)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if _, err := l.Submit(t.Context(), failure("a", "alice")); errors.Is(err, eventstore.ErrDiskFull) {
			return
		}
	}
	t.Error("commands are accepted though the disk is nearly full")
}
