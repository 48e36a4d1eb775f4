package eventstore_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"authledger/domain"
	"authledger/eventstore"
)

// TestLostFence_DecidesAgain checks that after a commit of another writer, the commands
// in flight and their duplicates are decided again on that commit, in order of arrival.
func TestLostFence_DecidesAgain(t *testing.T) {
	r := newRealm(t)
	slow, open := gate(r)
	a, b := r.open(newFolded(), slow), r.open(newFolded(), r.store.Join())
	defer mustClose(t, a)
	begin := func(id string) domain.Command {
		return command(id, &domain.LoginBegin{User: "alice", Attempt: "x", Platform: "tws"})
	}
	do(t, b, begin("b1"))
	mustClose(t, b)

	first := submit(t, a, begin("a1")) // accepted on the state of a alone
	closed(t, "the first commit is sent", slow.sent(1))
	again, other := submit(t, a, begin("a1")), submit(t, a, success("a1", "alice"))
	second := submit(t, a, failure("a2", "bob"))
	closed(t, "the second commit is sent", slow.sent(2))
	waiting := submit(t, a, success("a3", "bob"))
	open()
	for i, test := range []struct {
		ticket    *eventstore.Ticket
		seq       uint64
		reason    domain.Reason
		duplicate bool
	}{
		{first, 2, domain.AttemptOpen, false}, {again, 2, domain.AttemptOpen, true},
		{other, 0, domain.IDReused, false},
		{second, 3, "", false}, {waiting, 4, "", false},
	} {
		v := answer(t, test.ticket)
		if v.Seq != test.seq || v.Reason != test.reason || v.Duplicate != test.duplicate {
			t.Errorf("command %d: got %s, want record %d, reason %q, duplicate %t", i, formatted(v), test.seq,
				test.reason, test.duplicate)
		}
	}
	r.verify(4)
}

// TestLostFence_KeepsOrder checks that commands are decided in order of arrival after
// any number of lost fences and commits.
func TestLostFence_KeepsOrder(t *testing.T) {
	r := newRealm(t)
	slow, open := gate(r)
	a, b := r.open(newFolded(), slow), r.open(newFolded(), r.store.Join())
	defer mustClose(t, a)
	first := 0
	slow.interject = func(position uint64) {
		if position == 2 && first == 1 { // after a has caught up and before its next attempt
			do(t, b, failure("b2", "alice"))
			mustClose(t, b)
		}
		if position == 2 {
			first++
		}
	}
	do(t, b, failure("b1", "alice"))
	x, y := jam(t, a, slow)
	tickets := []*eventstore.Ticket{x, y}
	for i := range 30 {
		big := failure(fmt.Sprint("big", i), "bob")
		big.Caller = strings.Repeat("x", eventstore.RecordBytesMax*3/4)
		tickets = append(tickets, submit(t, a, big))
	}
	open()
	for i, ticket := range tickets {
		if v := answer(t, ticket); v.Seq != uint64(i)+3 {
			t.Errorf("command %d: got record %d, want %d", i, v.Seq, i+3)
		}
	}
	r.verify(len(tickets) + 2)
}

// staged is a State whose Fold and Command wait for the test.
type staged struct {
	*folded
	folding  <-chan struct{} // Fold waits until it is closed
	looking  <-chan struct{} // Command waits for the command "hook" until it is closed
	looked   chan struct{}   // closed when Command is called for "hook"
	lookedAt sync.Once
}

func (s *staged) Fold(c *domain.Commit) error {
	<-s.folding
	return s.folded.Fold(c)
}

func (s *staged) Command(source, id string) (uint64, domain.Hash, bool, error) {
	if id == "hook" {
		s.lookedAt.Do(func() { close(s.looked) })
		<-s.looking
	}
	return s.folded.Command(source, id)
}

// TestLostFence_WhileFolding checks that a commit that is on disk and not folded is
// folded once, before the commit of the other writer.
func TestLostFence_WhileFolding(t *testing.T) {
	r := newRealm(t)
	gate := make(chan struct{})
	store := newFaulty(r.store, nil)
	a := r.open(&staged{folded: newFolded(), folding: gate}, store)
	first := submit(t, a, failure("a1", "alice"))
	closed(t, "the first commit is sent", store.sent(1))

	b := r.open(newFolded(), r.store.Join())
	do(t, b, failure("b1", "alice"))
	mustClose(t, b)

	second := submit(t, a, failure("a2", "alice"))
	closed(t, "the second commit is sent", store.sent(2))
	close(gate)
	if v, w := answer(t, first), answer(t, second); v.Seq != 1 || w.Seq != 3 {
		t.Errorf("records %d and %d, want 1 and 3", v.Seq, w.Seq)
	}
	mustClose(t, a)
	r.verify(3)
}

// TestDuplicate_JustAnswered checks a duplicate that finds the first command in a layer
// that is already answered.
func TestDuplicate_JustAnswered(t *testing.T) {
	r := newRealm(t)
	store, open := gate(r)
	answered, looked := make(chan struct{}), make(chan struct{})
	state := &staged{folded: newFolded(), folding: looked, looking: answered, looked: looked}
	l := r.open(state, store)
	defer mustClose(t, l)
	first, _ := jam(t, l, store)
	hook := submit(t, l, failure("hook", "alice"))
	again := submit(t, l, failure("jam1", "jam"))
	open()
	answer(t, first)
	close(answered)
	answer(t, hook)
	if v := answer(t, again); !v.Duplicate || v.Seq != 1 {
		t.Errorf("duplicate: got %s, want the duplicate of record 1", formatted(v))
	}
	r.verify(3)
}
