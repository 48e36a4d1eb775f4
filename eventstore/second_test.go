package eventstore_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"authledger/eventstore"
)

// TestSequencer_SecondCommit checks that commands wait for the outcome of the commit in flight until
// enough of them wait for a second commit.
func TestSequencer_SecondCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRealm(t)
		store, open := gate(r)
		l := mustOpen(t, r.options(newFolded(), store).SecondMin(eventstore.SecondMin))
		defer mustClose(t, l)
		submit(t, l, failure("first", "alice"))
		closed(t, "the first commit is sent", store.sent(1))
		for i := range eventstore.SecondMin - 1 {
			submit(t, l, failure(fmt.Sprint(i), "bob"))
		}
		synctest.Wait()
		if isClosed(store.sent(2)) {
			t.Error("a second commit is sent although few commands wait")
		}
		last := submit(t, l, failure("last", "alice"))
		closed(t, "the second commit is sent", store.sent(2))
		open()
		if v := answer(t, last); v.Seq != eventstore.SecondMin+1 {
			t.Errorf("the last command: got record %d, want %d", v.Seq, eventstore.SecondMin+1)
		}
		if m, err := r.store.Last(t.Context()); m != 2 || err != nil {
			t.Errorf("got %d commits, %v, want 2", m, err)
		}
	})
}
