package eventstore_test

import (
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

// TestWithdrawal_DuplicateRequest checks that a request that is sent again under another
// command id and at another time gets the first verdict under its own id, at every stage
// of the first one. With other content it is invalid. No record is appended (WD-9,
//
func TestWithdrawal_DuplicateRequest(t *testing.T) {
	r := newRealm(t)
	store, open := gate(r)
	l := r.open(newFolded(), store)
	again := func(id, withdrawal, usd string) domain.Command {
		c := withdraw(id, withdrawal, usd)
		c.Source, c.Time = "gateway/other", c.Time.Add(time.Minute)
		return c
	}
	submit(t, l, activate("a", "alice", "card"))
	closed(t, "the activation is in flight", store.sent(1))
	inFlight := submit(t, l, withdraw("1", "w1", "150000"))
	closed(t, "a withdrawal is in flight", store.sent(2))
	denied := submit(t, l, withdraw("2", "w2", "60000"))
	type sent struct {
		where                    string
		first, again, other, own *eventstore.Ticket
	}
	send := func(where, id, withdrawal, usd string, first *eventstore.Ticket) sent {
		return sent{where, first, submit(t, l, again(id, withdrawal, usd)),
			submit(t, l, again(id+"x", withdrawal, "1")), submit(t, l, again(id, withdrawal, usd))}
	}
	all := []sent{send("in flight", "3", "w1", "150000", inFlight),
		send("denied, in one commit", "4", "w2", "60000", denied)}
	open()
	answer(t, denied)
	all = append(all, send("on disk", "5", "w1", "150000", inFlight),
		send("denied, on disk", "6", "w2", "60000", denied))
	check := func(s sent) {
		v, w, x, own := answer(t, s.first), answer(t, s.again), answer(t, s.other), answer(t, s.own)
		if !w.Duplicate || w.Source != "gateway/other" || w.ID == v.ID || formatted(w) != formatted(own) {
			t.Errorf("%s: got %s, want a duplicate under its own id, %s", s.where, formatted(w), formatted(own))
		}
		w.Source, w.ID = v.Source, v.ID
		if formattedFirst(w) != formatted(v) {
			t.Errorf("%s, duplicate: got %s, want %s", s.where, formatted(w), formatted(v))
		}
		if x.Status != domain.Invalid || x.Reason != domain.IDReused ||
			!strings.HasPrefix(x.Detail, "withdrawal:") {
			t.Errorf("%s, other request: got %s, want %s", s.where, formatted(x), domain.IDReused)
		}
	}
	for _, s := range all {
		check(s)
	}
	mustClose(t, l)
	l = r.open(newFolded(), r.store)
	defer mustClose(t, l)
	check(send("after a restart", "7", "w1", "150000", inFlight))
	check(send("denied, after a restart", "8", "w2", "60000", denied))
	wants(t, "a command id that only a repeat used", do(t, l, withdraw("8", "w8", "50000")), "")
	r.verify(4)
}
