package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

// from returns c as a command of another caller and source.
func from(caller string, c domain.Command) domain.Command {
	c.Caller, c.Source = caller, "gateway/"+caller
	return c
}

// fill submits commands of caller until the ledger returns ErrBusy, and returns their tickets.
func fill(t *testing.T, l *eventstore.Ledger, caller string) (tickets []*eventstore.Ticket) {
	t.Helper()
	for i := 0; ; i++ {
		ticket, err := l.Submit(t.Context(), from(caller, failure(fmt.Sprint("q", i), "alice")))
		if errors.Is(err, eventstore.ErrBusy) {
			return tickets
		}
		if err != nil || i > eventstore.QueueMax {
			t.Fatalf("command %d of %s: got error %v, want a full queue before", i, caller, err)
		}
		tickets = append(tickets, ticket)
	}
}

// TestQueue_RoundRobin checks that callers that fill their lines of the queue leave
// capacity for other callers, and that the sequencer serves all callers round robin.
func TestQueue_RoundRobin(t *testing.T) {
	r := newRealm(t)
	store, open := gate(r)
	l := r.open(newFolded(), store)
	defer mustClose(t, l)
	jam(t, l, store)
	var floods [][]*eventstore.Ticket
	for _, caller := range []string{"a", "b", "c"} {
		floods = append(floods, fill(t, l, caller))
	}
	var late []*eventstore.Ticket
	for i := range 50 {
		late = append(late, submit(t, l, from("late", failure(fmt.Sprint("q", i), "bob"))))
	}
	open()
	for i, ticket := range late { // one of each caller in each round, after the two commands of jam
		if v, last := answer(t, ticket), uint64(2+4*(i+1)); v.Seq > last {
			t.Errorf("command %d of the late caller has record %d, want at most %d", i, v.Seq, last)
		}
	}
	for _, flood := range floods {
		last := uint64(0)
		for i, ticket := range flood {
			v := answer(t, ticket)
			if v.Seq <= last {
				t.Fatalf("command %d of the flood: got record %d, want one after %d", i, v.Seq, last)
			}
			last = v.Seq
		}
	}
}

// TestQueue_BackfillCapacity checks that a backfill waits for the capacity of its own
// caller only.
func TestQueue_BackfillCapacity(t *testing.T) {
	r := newRealm(t)
	store, open := gate(r)
	l := r.open(newFolded(), store)
	defer mustClose(t, l)
	jam(t, l, store)
	for i := range queueOfOne {
		submit(t, l, from("a", backfilled(failure(fmt.Sprint("q", i), "alice"))))
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := l.Submit(ended, from("a", backfilled(failure("next", "alice"))))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("backfill of a caller with a full line: got %v, want %v", err, context.Canceled)
	}
	other, err := l.Submit(ended, from("b", backfilled(failure("next", "bob"))))
	if err != nil {
		t.Fatalf("a backfill of another caller: %v", err)
	}
	open()
	if v := answer(t, other); v.Seq != 4 { // the second of its round
		t.Errorf("the backfill of another caller has record %d, want 4", v.Seq)
	}
}

// TestQueue_OrderOfIntakeAndImport checks that the commands of one intake, and of one
// importer, keep their order across callers.
func TestQueue_OrderOfIntakeAndImport(t *testing.T) {
	r := newRealm(t)
	store, open := gate(r)
	l := r.open(newFolded(), store)
	defer mustClose(t, l)
	jam(t, l, store)
	lines := map[string][]*eventstore.Ticket{}
	for i := range 90 {
		caller := []string{"a", "a", "b"}[i%3]
		stored, err1 := l.PrepareStored(from(caller, failure(fmt.Sprint("s", i), "alice")), noon)
		imported, err2 := l.Prepare(from(caller, backfilled(failure(fmt.Sprint("i", i), "bob"))))
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		imported.OrderWith("import")
		if err := errors.Join(l.Enqueue(t.Context(), stored), l.Enqueue(t.Context(), imported)); err != nil {
			t.Fatal(err)
		}
		lines["stored"], lines["import"] = append(lines["stored"], stored), append(lines["import"], imported)
	}
	open()
	for line, tickets := range lines {
		last := uint64(0)
		for i, ticket := range tickets {
			v := answer(t, ticket)
			if v.Seq <= last {
				t.Fatalf("%s, command %d: got record %d, want one after %d", line, i, v.Seq, last)
			}
			last = v.Seq
		}
	}
}

// TestQueue_Flood checks that during a flood of other callers the commands of one caller
// are answered nearly as fast as on an idle ledger, and that none is rejected.
func TestQueue_Flood(t *testing.T) {
	const (
		commit = 2 * time.Millisecond // duration of a commit, by the bubble's clock
		slower = 4                    // accepted factor of the median
	)
	commands := shorter(200, 60)
	synctest.Test(t, func(t *testing.T) {
		r := newRealm(t)
		store := newFaulty(r.store, nil)
		store.hold = func(uint64) <-chan struct{} {
			done := make(chan struct{})
			time.AfterFunc(commit, func() { close(done) })
			return done
		}
		l := r.open(newFolded(), store)
		defer mustClose(t, l)
		idle := median(t, l, "idle", commands)
		ctx, stop := context.WithCancel(t.Context())
		var group sync.WaitGroup
		for _, caller := range []string{"a", "b", "c"} {
			group.Go(func() { flood(ctx, t, l, caller) })
		}
		synctest.Wait()
		loaded := median(t, l, "loaded", commands)
		queued := l.Health().Queued
		stop()
		group.Wait()
		t.Logf("median idle %v, during the flood %v, with %d commands waiting", idle, loaded, queued)
		if loaded > slower*idle {
			t.Errorf("median during the flood %v, want at most %d times %v", loaded, slower, idle)
		}
	})
}

// median submits commands of caller one at a time, and returns the median time to the verdict.
func median(t *testing.T, l *eventstore.Ledger, caller string, commands int) time.Duration {
	t.Helper()
	took := make([]time.Duration, commands)
	for i := range took {
		begun := time.Now()
		do(t, l, from(caller, success(fmt.Sprint("m", i), "bob")))
		took[i] = time.Since(begun)
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// flood keeps the line of caller full until ctx ends.
func flood(ctx context.Context, t *testing.T, l *eventstore.Ledger, caller string) {
	var waiting []*eventstore.Ticket
	for i := 0; ctx.Err() == nil; {
		ticket, err := l.Submit(context.Background(), from(caller, success(fmt.Sprint("f", i), "alice")))
		switch {
		case err == nil:
			i++
			waiting = append(waiting, ticket)
		case errors.Is(err, eventstore.ErrBusy):
			if _, err := waiting[0].Wait(context.Background()); err != nil {
				t.Error(err)
				return
			}
			waiting = waiting[1:]
		default:
			t.Error(err)
			return
		}
	}
	for _, ticket := range waiting {
		if _, err := ticket.Wait(context.Background()); err != nil {
			t.Error(err)
			return
		}
	}
}
