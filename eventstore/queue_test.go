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

// gate is a store that delays every outcome until it is opened.
func gate(r *realm) (store *faulty, open func()) {
	opened := make(chan struct{})
	store = newFaulty(r.store, nil)
	store.hold = func(uint64) <-chan struct{} { return opened }
	return store, func() { close(opened) }
}

// jam sends two commits whose outcomes are delayed, so that later commands wait in their
// queue.
func jam(t *testing.T, l *eventstore.Ledger, store *faulty) (first, second *eventstore.Ticket) {
	t.Helper()
	first = submit(t, l, failure("jam1", "jam"))
	closed(t, "the first commit is sent", store.sent(1))
	second = submit(t, l, failure("jam2", "jam"))
	closed(t, "the second commit is sent", store.sent(2))
	return first, second
}

// TestDuplicate_EveryStage checks that a duplicate gets the verdict of the first
// command, at whichever stage that is, and that another command under its id is rejected
// (domain.md, "Idempotency").
func TestDuplicate_EveryStage(t *testing.T) {
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
	answer(t, inBatch) // all earlier commands are then folded

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
			t.Errorf("%s, first command: got %s, want accepted", test.where, formatted(first))
		}
		if !again.Duplicate || formattedFirst(again) != formatted(first) {
			t.Errorf("%s, duplicate: got %s, want %s as a duplicate", test.where, formatted(again), formatted(first))
		}
		if other.Status != domain.Invalid || other.Reason != domain.IDReused || other.Seq != 0 {
			t.Errorf("%s, other command under the id: got %s, want %s", test.where, formatted(other), domain.IDReused)
		}
	}
	r.verify(3)
}

// TestInvalid_OrderOfChecks checks that an invalid command is not recorded and does not
// use its id, and that a bad name is reported before the id, and the id before the clock
//
func TestInvalid_OrderOfChecks(t *testing.T) {
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
		{"a bad name with a taken id", verify("taken", "Alice", 0), domain.InvalidCharacter},
		{"a bad name and a bad clock", verify("n1", "Alice", time.Hour), domain.InvalidCharacter},
		{"a taken id and a bad clock", verify("taken", "bob", time.Hour), domain.IDReused},
		{"a taken id with another time", verify("taken", "alice", 1), domain.IDReused},
		{"a clock ahead", verify("n1", "alice", skew+1), domain.ClockSkew},
		{"a slow clock", verify("n1", "alice", -skew-1), domain.ClockSkew},
		{"a backfill from the future", backfilled(verify("n1", "alice", skew+1)), domain.ClockSkew},
		{"a bad name of a login and a bad clock",
			func() domain.Command { c := failure("n1", "Alice"); c.Time = c.Time.Add(time.Hour); return c }(),
			domain.ClockSkew},
		{"the permitted skew, and the id is still free", verify("n1", "alice", skew), ""},
		{"a backfill of the past", backfilled(verify("n2", "bob", -1000*time.Hour)), ""},
		{"the first again, long after", verify("taken", "alice", 0), ""},
	} {
		v := do(t, l, test.command)
		if v.Reason != test.want || (v.Status == domain.Invalid) != (test.want != "") {
			t.Errorf("%s: got %s, want reason %q", test.given, formatted(v), test.want)
		}
	}
	r.verify(3)
}

// TestSubmit_TooLarge checks that a record that fits into no commit is rejected, and
// that later commands are decided.
func TestSubmit_TooLarge(t *testing.T) {
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	defer mustClose(t, l)
	huge := failure("huge", "alice")
	huge.Caller = string(make([]byte, eventstore.RecordBytesMax))
	if v := do(t, l, huge); v.Status != domain.Invalid || v.Reason != domain.TooLarge {
		t.Errorf("huge record: got %s, want %s", formatted(v), domain.TooLarge)
	}
	do(t, l, failure("next", "alice"))
	r.verify(1)
}

// queueOfOne is the number of commands that a single caller may have waiting in one queue.
const queueOfOne = eventstore.QueueMax / 2

func TestSubmit_FullQueue(t *testing.T) {
	r := newRealm(t)
	store, open := gate(r)
	l := r.open(newFolded(), store)
	defer mustClose(t, l)
	jam(t, l, store)
	tickets := make([]*eventstore.Ticket, queueOfOne)
	for i := range tickets {
		tickets[i] = submit(t, l, failure(fmt.Sprint("q", i), "alice"))
	}
	if _, err := l.Submit(t.Context(), failure("one more", "alice")); !errors.Is(err, eventstore.ErrBusy) {
		t.Errorf("Submit to a full queue: got %v, want ErrBusy", err)
	}
	if h := l.Health(); h.Queued != queueOfOne {
		t.Errorf("queued: got %d, want %d", h.Queued, queueOfOne)
	}
	ctx, cancel := context.WithCancel(t.Context())
	for i := range queueOfOne {
		submit(t, l, backfilled(failure(fmt.Sprint("b", i), "bob")))
	}
	cancel()
	if _, err := l.Submit(ctx, backfilled(failure("one more", "bob"))); !errors.Is(err, context.Canceled) {
		t.Errorf("backfill to a full queue: got %v, want the error of its context", err)
	}
	open()
	last := uint64(2)
	for i, ticket := range tickets { // in order of arrival, before any backfill
		if v := answer(t, ticket); v.Seq != last+1 {
			t.Fatalf("command %d: got record %d, want %d", i, v.Seq, last+1)
		}
		last++
	}
}

// TestQueue_LiveBeforeBackfill checks that live commands do not wait for an import.
func TestQueue_LiveBeforeBackfill(t *testing.T) {
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
			t.Errorf("live command %d: got record %d, want %d", i, v.Seq, 3+i)
		}
	}
	for i, ticket := range past {
		if v := answer(t, ticket); v.Seq != uint64(13+i) {
			t.Fatalf("backfill %d: got record %d, want %d", i, v.Seq, 13+i)
		}
	}
	r.verify(712)
}

// TestDuplicate_Flood checks that a flood of duplicates does not delay other commands: a
// commit is sent after CommitRecordsMax commands, with or without records.
func TestDuplicate_Flood(t *testing.T) {
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
	state := &countingState{folded: newFolded()}
	l := r.open(state, store)
	defer mustClose(t, l)
	do(t, l, failure("again", "bob"))
	for i := range uint64(2) {
		submit(t, l, failure(fmt.Sprint("jam", i), "jam"))
		closed(t, "a commit is in flight", store.sent(2+i))
	}
	live := submit(t, l, failure("live", "alice"))
	for range queueOfOne {
		submit(t, l, backfilled(failure("again", "bob")))
	}
	before := state.times.Load()
	close(one) // one more commit may be sent, and then no more commands are taken
	closed(t, "the next commit is sent", store.sent(4))
	if looked := state.times.Load() - before; looked < 1 || looked > eventstore.CommitRecordsMax {
		t.Errorf("commands decided before the next commit: got %d, want 1 to %d", looked,
			eventstore.CommitRecordsMax)
	}
	close(all)
	answer(t, live)
}

// countingState counts the calls of Command.
type countingState struct {
	*folded
	times atomic.Int64
}

func (s *countingState) Command(source, id string) (uint64, domain.Hash, bool, error) {
	s.times.Add(1)
	return s.folded.Command(source, id)
}

// TestPolicy_WaitingCommands checks that an adopted policy is in force from the next
// record on, also for commands that were prepared under the former policy and wait in
// the same batch.
func TestPolicy_WaitingCommands(t *testing.T) {
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
		login := record.Personal != nil
		if login != (record.Command.ID != "wide" && record.Command.ID != "narrow") {
			t.Errorf("%s: got a personal block %t, want %t", record.Command.ID, login, !login)
		}
	}
	want := []string{"sourc by ibkr-sls@1", "syste by ibkr-sls@1", "user/ by posix-host@1",
		"syste by posix-host@1", "sourc by ibkr-sls@1"}
	if !slices.Equal(entities, want) {
		t.Errorf("entities and policies: got %q, want %q", entities, want)
	}
	// The ledger recorded each of these commands under another policy than the present one.
	for _, id := range []string{"before", "between", "after"} {
		if v := do(t, l, named(id)); !v.Duplicate {
			t.Errorf("%s, sent again: got %s, want a duplicate", id, formatted(v))
		}
	}
	r.verify(7)
}
