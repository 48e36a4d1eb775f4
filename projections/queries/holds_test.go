package queries

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"authledger/domain"
	"authledger/projections/logtest"
)

// writeCases appends commands about the personal data of few users and few cases, so that holds begin, end
// and begin again, and users are erased and start anew.
func writeCases(c *logtest.Generator, h *refLog, n int) {
	at := logtest.Epoch
	for i := range n {
		at = at.Add(logtest.Pick(c, 0, time.Minute, time.Hour))
		user, number := logtest.Pick(c, "alice", "bob", "carol"), logtest.Pick(c, "L-1", "L-2", "L-3")
		var data domain.CommandData
		switch c.IntN(8) {
		case 0:
			data = &domain.LoginReport{User: user, Outcome: domain.Succeeded}
		case 1:
			data = &domain.PersonForget{User: user, Case: number, By: "olga", Purpose: some(c, "request")}
		case 2, 3, 4:
			data = &domain.PersonHold{User: user, Case: number, By: "olga", Purpose: some(c, "order")}
		default:
			data = &domain.PersonRelease{User: user, Case: number, By: "otto"}
		}
		h.Do(domain.Command{Source: "desk", ID: fmt.Sprint(i), Time: at, Data: data})
		if c.IntN(3) == 0 {
			h.Commit()
		}
	}
	h.Commit()
}

// refHolds returns the holds in the states of the users at a moment, the oldest first.
func (h *refLog) refHolds(at time.Time, asOf uint64) (all []Hold) {
	for _, r := range h.Records[:asOf] {
		c, isHold := r.Command.Data.(*domain.PersonHold)
		if !isHold || r.Status != domain.Accepted {
			continue
		}
		u, _ := h.stateAt(domain.UserEntity(c.User), at, asOf).User(c.User) // a state in memory has no error
		for _, hold := range u.Holds {
			if hold.Case == c.Case && hold.Since.Equal(r.Time) && !h.isReleased(c, r.Seq, at, asOf) {
				all = append(all, Hold{c.User, c.Case, c.By, c.Purpose, r.Time, r.Seq})
			}
		}
	}
	return all
}

// isReleased reports whether a release ends the hold of the record first up to the moment. A release
// and a later hold of one case can have the same time.
func (h *refLog) isReleased(hold *domain.PersonHold, first uint64, at time.Time, asOf uint64) bool {
	for _, r := range h.Records[first:asOf] {
		c, isRelease := r.Command.Data.(*domain.PersonRelease)
		isOf := isRelease && r.Status == domain.Accepted && c.User == hold.User && c.Case == hold.Case
		if isOf && !r.Time.After(at) {
			return true
		}
	}
	return false
}

func (h *refLog) refErasures(at time.Time, asOf uint64) (all []Erasure) {
	for _, r := range h.Records[:asOf] {
		c, isForget := r.Command.Data.(*domain.PersonForget)
		if isForget && r.Status == domain.Accepted && !r.Time.After(at) {
			all = append(all, Erasure{c.User, c.Case, c.By, c.Purpose, r.Time, r.Seq})
		}
	}
	return all
}

// At any instant and position, the pages have the holds that stand and the erasures, each once and in
// order, of all users and of one user.
func TestHoldsAndErasuresEqualReferenceFold(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, h, t := logtest.NewGenerator(rapid.Uint64().Draw(rt, "seed"), 1), newRefLog(), require{rt}
		writeCases(c, h, rapid.IntRange(1, 80).Draw(rt, "records"))
		if len(h.Records) == 0 {
			return
		}
		q, closeRows := open(t, h)
		defer closeRows()
		for range 8 {
			at, asOf, up := question(c, h)
			if c.IntN(3) == 0 {
				at = at.AddDate(1, 0, 0) // every record is before the instant
			}
			a := querier{q, at, asOf, 1 + c.IntN(6), c.IntN(2) == 0}
			f := Filter{User: some(c, "alice", "bob", "dave")}
			holds := matching(a, h.refHolds(at, up), func(x *Hold) bool { return isAny(f.User, x.User) })
			t.Same("holds", holds, collect(t, a, func(p Page) (*RealmHolds, error) {
				return q.Holds(rt.Context(), at, asOf, f, p)
			}))
			erasures := matching(a, h.refErasures(at, up),
				func(x *Erasure) bool { return isAny(f.User, x.User) })
			t.Same("erasures", erasures, collect(t, a, func(p Page) (*RealmErasures, error) {
				return q.Erasures(rt.Context(), at, asOf, f, p)
			}))
		}
	})
}

// A page about the present reads no ended hold: the standing holds are on the first page, between more ended
// holds than a page reads, of all users and of the user.
func TestHoldsOfThePresentReadNoEndedHold(t *testing.T) {
	h, at := newRefLog(), logtest.Epoch
	do := func(data domain.CommandData) {
		at = at.Add(time.Second)
		h.Do(domain.Command{Source: "desk", ID: fmt.Sprint(len(h.Records)), Time: at, Data: data})
	}
	do(&domain.LoginReport{User: "alice", Outcome: domain.Succeeded})
	do(&domain.PersonHold{User: "alice", Case: "L-1", By: "olga"})
	for range entriesMax + 1 {
		do(&domain.PersonHold{User: "alice", Case: "L-2", By: "olga"})
		do(&domain.PersonRelease{User: "alice", Case: "L-2", By: "olga"})
		if len(h.Records)%200 == 0 {
			h.Commit()
		}
	}
	do(&domain.PersonHold{User: "alice", Case: "L-0", By: "olga"})
	h.Commit()
	q := openTest(t, h)
	for _, user := range []string{"", "alice"} {
		for isOldest, want := range map[bool][]string{true: {"L-1", "L-0"}, false: {"L-0", "L-1"}} {
			l, err := q.Holds(t.Context(), at.AddDate(1, 0, 0), nil, Filter{User: user}, testPage(2, isOldest, ""))
			if err != nil || len(l.Items) != 2 || l.More {
				t.Fatalf("user %q: got %+v, %v, want 2 holds and no other page", user, l, err)
			}
			if got := []string{l.Items[0].Case, l.Items[1].Case}; !slices.Equal(got, want) {
				t.Errorf("user %q, oldest first %t: got the holds of %v, want %v", user, isOldest, got, want)
			}
		}
	}
}
