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

// TestClose_QueuedCommands checks that Close answers the queued commands and rejects new
// ones.
func TestClose_QueuedCommands(t *testing.T) {
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
	for { // until Close has begun
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
		t.Fatalf("end of the log: got %d, %v, want at least 1", last, err)
	}
	if n := len(r.records()); n < len(tickets) {
		t.Errorf("records of the queued commands: got %d, want at least %d", n, len(tickets))
	}
	head, err := eventstore.OpenHead(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer head.Close()
	if head.At() != o.State.Position() || head.At().Stream != last {
		t.Errorf("head: got %+v, want position %d", head.At(), last)
	}
}

// TestClose_HungDisk checks that a node stops although its disk does not answer, for
// every way in which the context of Close ends.
func TestClose_HungDisk(t *testing.T) {
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
				t.Error("Close: got nil, want an error")
			}
			for _, ticket := range []*eventstore.Ticket{first, second, waiting} {
				if v, err := ticket.Wait(t.Context()); !errors.Is(err, eventstore.ErrStopped) {
					t.Errorf("command of unknown outcome: got %s, %v, want an error", formatted(v), err)
				}
			}
			if _, err := l.Submit(t.Context(), failure("new", "alice")); !errors.Is(err, eventstore.ErrStopped) {
				t.Errorf("Submit after Close: got %v, want ErrStopped", err)
			}
		})
	}
}

// TestWait_ContextEnds checks that the outcome is unknown to a caller that stops
// waiting, and that the duplicate returns the verdict.
func TestWait_ContextEnds(t *testing.T) {
	r := newRealm(t)
	store, open := gate(r)
	l := r.open(newFolded(), store)
	defer mustClose(t, l)
	ctx, cancel := context.WithCancel(t.Context())
	ticket := submit(t, l, failure("a", "alice"))
	cancel()
	if _, err := ticket.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait: got %v, want the error of its context", err)
	}
	open()
	if v := do(t, l, failure("a", "alice")); !v.Duplicate || v.Seq != 1 {
		t.Errorf("duplicate: got %s, want the duplicate of record 1", formatted(v))
	}
	r.verify(1)
}

// TestLedger_FaultOfStore checks that a server that lost acknowledged messages is a
// fault, and that the ledger then answers no more commands.
func TestLedger_FaultOfStore(t *testing.T) {
	r := newRealm(t)
	l := r.open(newFolded(), brokenStore{r.store})
	ticket := submit(t, l, failure("a", "alice"))
	closed(t, "the ledger stops", l.Failed())
	if _, err := ticket.Wait(t.Context()); !errors.Is(err, eventstore.ErrStopped) {
		t.Errorf("Wait: got %v, want ErrStopped and the fault", err)
	}
	wantFault(t, l.Close(t.Context()), 1, 0, "lost")
}

type brokenStore struct{ eventstore.Store }

func (s brokenStore) Append(_ context.Context, _ []byte, expect uint64) <-chan error {
	outcome := make(chan error, 1)
	outcome <- eventstore.Faultf(expect+1, "lost")
	return outcome
}

// TestLedger_NoMonotonicReading checks that no folded time has a monotonic reading. The
// log does not store it, and comparisons prefer it: after the wall clock is set back, a
// rebuild would decide differently.
func TestLedger_NoMonotonicReading(t *testing.T) {
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
			t.Errorf("folded time %v: want UTC without a monotonic reading", at)
		}
	}
	if len(state.times) != 8 {
		t.Errorf("folded times: got %d, want 4 of each of 2 records", len(state.times))
	}
}

// watched is a State that records the times that it folds.
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

func TestSubmit_NearlyFullDisk(t *testing.T) {
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
	t.Error("Submit on a nearly full disk: got nil, want ErrDiskFull")
}
