package eventstore_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"authledger/domain"
	"authledger/eventstore"
)

// Another writer was faster: what was in flight is decided anew, in order of
// arrival, on what the other one wrote, and so is whoever asked for it again.
func TestOvertaken(t *testing.T) {
	r := newRealm(t)
	slow, open := gate(r)
	a, b := r.open(newFolded(), slow), r.open(newFolded(), r.store.Join())
	defer mustClose(t, a)
	begin := func(id string) domain.Command {
		return command(id, &domain.LoginBegin{User: "alice", Attempt: "x", Platform: "tws"})
	}
	do(t, b, begin("b1"))
	mustClose(t, b)

	first := submit(t, a, begin("a1")) // would be accepted on what a knows
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
		{first, 2, domain.AttemptOpen, false}, {again, 2, domain.AttemptOpen, true}, {other, 0, domain.IDReused, false},
		{second, 3, "", false}, {waiting, 4, "", false},
	} {
		if v := answer(t, test.ticket); v.Seq != test.seq || v.Reason != test.reason || v.Duplicate != test.duplicate {
			t.Errorf("command %d: %s", i, told(v))
		}
	}
	r.verify(4)
}

// However often a node is overtaken, and however many commits its commands need,
// they are decided in the order in which they came.
func TestOrderSurvivesBeingOvertaken(t *testing.T) {
	r := newRealm(t)
	slow, open := gate(r)
	a, b := r.open(newFolded(), slow), r.open(newFolded(), r.store.Join())
	defer mustClose(t, a)
	first := 0
	slow.interject = func(position uint64) {
		if position == 2 && first == 1 { // between a's catching up and its next try
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
			t.Errorf("command %d has record %d", i, v.Seq)
		}
	}
	r.verify(len(tickets) + 2)
}

// staged is a State that folds and looks up when a test lets it.
type staged struct {
	*folded
	folding  <-chan struct{} // until when Fold waits
	looking  <-chan struct{} // until when the look for the command "hook" waits
	looked   chan struct{}   // closed when it is looked for
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

// What is on disk and not folded yet is folded once, before what the other
// writer wrote.
func TestOvertakenWhileFolding(t *testing.T) {
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

// A duplicate that is looked at just when its first has been answered finds it
// above the state, with nobody left to wait for.
func TestADuplicateOfWhatWasJustAnswered(t *testing.T) {
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
		t.Errorf("the duplicate: %s", told(v))
	}
	r.verify(3)
}
