package eventstore_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"authledger/domain"
)

// TestArrival_LiveLogins checks A-59: a live begin is decided at the instant at which
// the ledger received it or the intake stored it, and the record holds that instant.
// Backfilled begins and reports keep the time of the sender. The arrival is no part of
// the content.
func TestArrival_LiveLogins(t *testing.T) {
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	const slow = -299 * time.Second
	begin := func(id string, off time.Duration) domain.Command {
		c := command(id, &domain.LoginBegin{User: "alice", Attempt: id, Platform: "tws"})
		c.Time = noon.Add(off)
		c.Arrived = noon.Add(time.Hour) // a caller cannot set it: the ledger does
		return c
	}
	record := func(v domain.Verdict) domain.Record {
		t.Helper()
		got, err := l.Record(t.Context(), v.Seq)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	first := do(t, l, begin("a", slow))
	got := record(first)
	if !got.Time.Equal(noon) || !got.Command.Arrived.Equal(noon) ||
		!got.Command.Time.Equal(noon.Add(slow)) || got.Late {
		t.Errorf("begin of a slow clock: got %+v, want decided at noon, and the sender's time kept", got)
	}
	if again := do(t, l, begin("a", slow)); !again.Duplicate || again.Seq != first.Seq {
		t.Errorf("duplicate begin: got %+v, want the first verdict", again)
	}
	if v := do(t, l, begin("b", slow-2*time.Second)); v.Reason != domain.ClockSkew {
		t.Errorf("begin beyond the skew: %s %s, want clock_skew", v.Status, v.Reason)
	}
	stored, err := l.PrepareStored(begin("c", slow-time.Minute), noon.Add(-time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Enqueue(t.Context(), stored); err != nil {
		t.Fatal(err)
	}
	v, err := stored.Wait(t.Context())
	if err != nil || v.Status != domain.Accepted {
		t.Fatalf("stored begin: got %+v, %v, want accepted", v, err)
	}
	if got := record(v); !got.Command.Arrived.Equal(noon.Add(-time.Minute)) {
		t.Errorf("a stored begin arrived at %v, want the instant at which it was stored", got.Command.Arrived)
	}
	for i, c := range []domain.Command{
		command("r", &domain.LoginReport{User: "bob", Outcome: domain.Succeeded}),
		command("f", &domain.LoginBegin{User: "carol", Attempt: "f", Platform: "tws"}),
	} {
		c.Time, c.Backfill = noon.Add(slow), i == 1
		if got := record(do(t, l, c)); !got.Time.Equal(noon.Add(slow)) || !got.Command.Arrived.IsZero() {
			t.Errorf("%s: at %v, arrived %v, want the sender's time", c.ID, got.Time, got.Command.Arrived)
		}
	}
	mustClose(t, l)
	r.verify(4)
}

// TestArrival_SlowClock checks that guesses with a clock that is slow by nearly the
// permitted skew do not exceed the limit.
func TestArrival_SlowClock(t *testing.T) {
	r := newRealm(t)
	var ahead atomic.Int64 // since noon, in nanoseconds; atomic, because the timers read the clock too
	o := r.options(newFolded(), r.store)
	o.Now = func() time.Time { return noon.Add(time.Duration(ahead.Load())) }
	l := mustOpen(t, o)
	limit := int(domain.IBKRSLS().Failures)
	accepted := 0
	for i := range 2 * limit {
		c := command(fmt.Sprint("g", i), &domain.LoginBegin{User: "alice", Attempt: fmt.Sprint(i), Platform: "tws"})
		c.Time = o.Now().Add(-299 * time.Second)
		if do(t, l, c).Status == domain.Accepted {
			accepted++
		}
		if i == limit-1 {
			ahead.Add(int64(2 * time.Second))
		}
	}
	if accepted != limit {
		t.Errorf("%d attempts in flight, want %d", accepted, limit)
	}
	mustClose(t, l)
	r.verify(2 * limit)
}
