package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

// gate is a store that holds every answer back until it is opened.
func gate(r *realm) (store *faulty, open func()) {
	opened := make(chan struct{})
	store = newFaulty(r.store, nil)
	store.hold = func(uint64) <-chan struct{} { return opened }
	return store, func() { close(opened) }
}

// jam sends two commits whose answers are held back, so that what comes next
// waits in its queue.
func jam(t *testing.T, l *eventstore.Ledger, store *faulty) (first, second *eventstore.Ticket) {
	t.Helper()
	first = submit(t, l, failure("jam1", "jam"))
	closed(t, "the first commit is sent", store.sent(1))
	second = submit(t, l, failure("jam2", "jam"))
	closed(t, "the second commit is sent", store.sent(2))
	return first, second
}

// A command that comes again, wherever the first one is by then, gets the same
// verdict; another command under its id is refused (domain.md, "Idempotency").
func TestDuplicates(t *testing.T) {
	r := newRealm(t)
	store, open := gate(r)
	l := r.open(newFolded(), store)
	defer mustClose(t, l)

	inFlight := submit(t, l, failure("a", "alice"))
	closed(t, "the commit is sent", store.sent(1))
	inFlightAgain, inFlightOther := submit(t, l, failure("a", "alice")), submit(t, l, failure("a", "bob"))
	submit(t, l, failure("jam", "jam"))
	closed(t, "the second commit is sent", store.sent(2))
	inBatch := submit(t, l, failure("b", "alice"))
	inBatchAgain, inBatchOther := submit(t, l, failure("b", "alice")), submit(t, l, success("b", "alice"))
	open()
	answer(t, inBatch) // and so all before it are on disk, and folded

	for _, test := range []struct {
		where               string
		first, again, other *eventstore.Ticket
	}{
		{"in flight", inFlight, inFlightAgain, inFlightOther},
		{"in one batch", inBatch, inBatchAgain, inBatchOther},
		{"on disk", inFlight, submit(t, l, failure("a", "alice")), submit(t, l, failure("a", "bob"))},
	} {
		first, again, other := answer(t, test.first), answer(t, test.again), answer(t, test.other)
		if first.Duplicate || first.Status != domain.Accepted {
			t.Errorf("%s: the first is answered %s", test.where, told(first))
		}
		if !again.Duplicate || toldOnce(again) != told(first) {
			t.Errorf("%s:\nfirst %s\nagain %s", test.where, told(first), told(again))
		}
		if other.Status != domain.Invalid || other.Reason != domain.IDReused || other.Seq != 0 {
			t.Errorf("%s: another command under the id is answered %s", test.where, told(other))
		}
	}
	r.verify(3)
}

// Invalid commands leave no trace and take no id; a bad name is judged before
// the id, the id before the clock.
func TestTheOrderOfInvalid(t *testing.T) {
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	defer mustClose(t, l)
	verify := func(id, user string, off time.Duration) domain.Command {
		c := command(id, &domain.IdentityVerify{User: user, Agent: "support.ann", Channel: "phone"})
		c.Time = c.Time.Add(off)
		return c
	}
	skew := domain.IBKRSLS().MaxClockSkew()
	do(t, l, verify("taken", "alice", 0))
	for _, test := range []struct {
		given   string
		command domain.Command
		want    domain.Reason
	}{
		{"a bad name", verify("n1", "Alice", 0), domain.InvalidCharacter},
		{"a bad name of a taken id", verify("taken", "Alice", 0), domain.InvalidCharacter},
		{"a bad name and a bad clock", verify("n1", "Alice", time.Hour), domain.InvalidCharacter},
		{"a taken id and a bad clock", verify("taken", "bob", time.Hour), domain.IDReused},
		{"a taken id with another time", verify("taken", "alice", 1), domain.IDReused},
		{"a clock ahead", verify("n1", "alice", skew+1), domain.ClockSkew},
		{"a clock behind", verify("n1", "alice", -skew-1), domain.ClockSkew},
		{"a backfill from the future", backfilled(verify("n1", "alice", skew+1)), domain.ClockSkew},
		{"a bad name of a login and a bad clock", func() domain.Command { c := failure("n1", "Alice"); c.Time = c.Time.Add(time.Hour); return c }(), domain.ClockSkew},
		{"the permitted skew, and the id is still free", verify("n1", "alice", skew), ""},
		{"a backfill of the past", backfilled(verify("n2", "bob", -1000*time.Hour)), ""},
		{"the first again, long after", verify("taken", "alice", 0), ""},
	} {
		v := do(t, l, test.command)
		if v.Reason != test.want || (v.Status == domain.Invalid) != (test.want != "") {
			t.Errorf("%s: %s", test.given, told(v))
		}
	}
	r.verify(3)
}

// A record that no commit holds is refused, and what is behind it goes on.
func TestTooLarge(t *testing.T) {
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	defer mustClose(t, l)
	huge := failure("huge", "alice")
	huge.Caller = string(make([]byte, eventstore.RecordBytesMax))
	if v := do(t, l, huge); v.Status != domain.Invalid || v.Reason != domain.TooLarge {
		t.Errorf("a huge record is answered %s", told(v))
	}
	do(t, l, failure("next", "alice"))
	r.verify(1)
}

func TestAFullQueueIsBusy(t *testing.T) {
	r := newRealm(t)
	store, open := gate(r)
	l := r.open(newFolded(), store)
	defer mustClose(t, l)
	jam(t, l, store)
	tickets := make([]*eventstore.Ticket, eventstore.QueueMax)
	for i := range tickets {
		tickets[i] = submit(t, l, failure(fmt.Sprint("q", i), "alice"))
	}
	if _, err := l.Submit(t.Context(), failure("one more", "alice")); !errors.Is(err, eventstore.ErrBusy) {
		t.Errorf("one more than the queue holds: %v, want ErrBusy", err)
	}
	if h := l.Health(); h.Queued != eventstore.QueueMax {
		t.Errorf("%d are queued, want %d", h.Queued, eventstore.QueueMax)
	}
	ctx, cancel := context.WithCancel(t.Context())
	for i := range eventstore.QueueMax {
		submit(t, l, backfilled(failure(fmt.Sprint("b", i), "bob")))
	}
	cancel()
	if _, err := l.Submit(ctx, backfilled(failure("one more", "bob"))); !errors.Is(err, context.Canceled) {
		t.Errorf("a backfill waits for a place until its context ends: %v", err)
	}
	open()
	last := uint64(2)
	for i, ticket := range tickets { // in the order in which they came, before any backfill
		if v := answer(t, ticket); v.Seq != last+1 {
			t.Fatalf("command %d has record %d behind record %d", i, v.Seq, last)
		}
		last++
	}
}

// Whoever reports an attempt live must not wait behind an import.
func TestLiveComesBeforeBackfill(t *testing.T) {
	r := newRealm(t)
	store, open := gate(r)
	l := r.open(newFolded(), store)
	defer mustClose(t, l)
	jam(t, l, store)
	var past, live []*eventstore.Ticket
	for i := range 700 {
		past = append(past, submit(t, l, backfilled(failure(fmt.Sprint("p", i), "bob"))))
	}
	for i := range 10 {
		live = append(live, submit(t, l, failure(fmt.Sprint("l", i), "alice")))
	}
	open()
	for i, ticket := range live {
		if v := answer(t, ticket); v.Seq != uint64(3+i) {
			t.Errorf("live command %d has record %d", i, v.Seq)
		}
	}
	for i, ticket := range past {
		if v := answer(t, ticket); v.Seq != uint64(13+i) {
			t.Fatalf("backfill %d has record %d", i, v.Seq)
		}
	}
	r.verify(712)
}

// Who sends a whole file again must not keep others from their answers: a commit
// is sent when so many commands have been looked at, whatever became of them.
func TestDuplicatesHoldNobodyBack(t *testing.T) {
	r := newRealm(t)
	store := newFaulty(r.store, nil)
	one, all := make(chan struct{}), make(chan struct{})
	store.hold = func(position uint64) <-chan struct{} {
		switch position {
		case 1:
			return nil
		case 2:
			return one
		}
		return all
	}
	state := &asked{folded: newFolded()}
	l := r.open(state, store)
	defer mustClose(t, l)
	do(t, l, failure("again", "bob"))
	for i := range uint64(2) {
		submit(t, l, failure(fmt.Sprint("jam", i), "jam"))
		closed(t, "a commit is in flight", store.sent(2+i))
	}
	live := submit(t, l, failure("live", "alice"))
	for range eventstore.QueueMax {
		submit(t, l, backfilled(failure("again", "bob")))
	}
	before := state.times.Load()
	close(one) // which makes room for one commit in flight, and then nothing more is looked at
	closed(t, "the next commit is sent", store.sent(4))
	if looked := state.times.Load() - before; looked < 1 || looked > eventstore.CommitRecordsMax {
		t.Errorf("%d commands were looked at before a commit was sent", looked)
	}
	close(all)
	answer(t, live)
}

// asked counts how often it is asked for a command.
type asked struct {
	*folded
	times atomic.Int64
}

func (s *asked) Command(source, id string) (uint64, domain.Hash, bool, error) {
	s.times.Add(1)
	return s.folded.Command(source, id)
}

// A policy is in force from the next record on, also for what was prepared
// under the one before and waits in the same batch.
func TestAPolicyReachesWhatIsWaiting(t *testing.T) {
	r := newRealm(t)
	store, open := gate(r)
	l := r.open(newFolded(), store)
	defer mustClose(t, l)
	jam(t, l, store)
	named := func(id string) domain.Command {
		c := failure(id, "a_b")
		c.Data.(*domain.LoginReport).IP = "192.0.2.7"
		return c
	}
	tickets := []*eventstore.Ticket{
		submit(t, l, named("before")), submit(t, l, adopt("wide", domain.POSIXHost())),
		submit(t, l, named("between")), submit(t, l, adopt("narrow", domain.IBKRSLS())),
		submit(t, l, named("after")),
	}
	open()
	var entities []string
	for _, ticket := range tickets {
		v := answer(t, ticket)
		record, err := l.Record(t.Context(), v.Seq)
		if err != nil {
			t.Fatal(err)
		}
		entities = append(entities, string(record.Entities[0])[:5]+" by "+v.Policy)
		if login := record.Personal != nil; login != (record.Command.ID != "wide" && record.Command.ID != "narrow") {
			t.Errorf("%s: personal block %v", record.Command.ID, login)
		}
	}
	want := []string{"sourc by ibkr-sls@1", "syste by ibkr-sls@1", "user/ by posix-host@1", "syste by posix-host@1", "sourc by ibkr-sls@1"}
	if !slices.Equal(entities, want) {
		t.Errorf("%q, want %q", entities, want)
	}
	// Each was recorded under another policy than the one that judges it now.
	for _, id := range []string{"before", "between", "after"} {
		if v := do(t, l, named(id)); !v.Duplicate {
			t.Errorf("%s again: %s", id, told(v))
		}
	}
	r.verify(7)
}
