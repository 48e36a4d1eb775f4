package projections

import (
	"math/bits"
	"slices"
	"time"

	"authledger/domain"
)

// locks is every spell that a user was locked, a row each.
//
// A spell that nothing has ended yet is found by its user. One that has ended
// lies in the class of its length, by its begin: of a class whose spells are
// shorter than d, those in force at t began within d before t, and no other
// need be looked at.
var locks = &Projection{Name: "locks", Version: 2, Table: 'l', Fold: foldLocks}

// lasting is the class of the spells that nothing has ended yet. The others
// are 1 more than the bits of their length in seconds.
const (
	lasting    = 0
	classesMax = 1 + 64
)

// spellRow is one spell. Its end and what ended it are zero while it lasts;
// its until is what was set last.
type spellRow struct {
	begin, until, end time.Time
	first, last       int64  // the records that began and ended it
	how               string // the type of the event that ended it
	user              string
}

func (r *spellRow) Members(v domain.Visitor) {
	v.Instant("begin", &r.begin, domain.Need)
	v.Instant("until", &r.until, domain.Free)
	v.Instant("end", &r.end, domain.Free)
	v.Count("first", &r.first, domain.Need)
	v.Count("last", &r.last, domain.Free)
	v.Text("how", &r.how, domain.Free)
	v.Text("user", &r.user, domain.Need)
}

func foldLocks(rows *Rows, s *Step) error {
	if !slices.ContainsFunc(s.Record.Events, onLock) {
		return nil
	}
	for _, u := range s.Users {
		spell := spellRow{user: u.Name}
		was, err := rows.Get(lastingKey(rows.Key(), u.Name), &spell)
		if err != nil {
			return err
		}
		held := was
		for _, e := range s.Record.Events {
			if !s.of(e, u.Entity) {
				continue
			}
			held = spell.fold(rows, int64(s.Record.Seq), e, held)
		}
		if held {
			rows.Put(lastingKey(rows.Key(), u.Name), &spell)
		} else if was {
			rows.Remove(lastingKey(rows.Key(), u.Name))
		}
	}
	return nil
}

func onLock(e domain.Event) bool {
	switch e.Data.(type) {
	case *domain.LockoutStarted, *domain.LockoutExtended, *domain.LockoutExpired, *domain.LockoutReleased:
		return true
	}
	return false
}

// fold takes one event in, and reports whether the lock is held after it.
func (r *spellRow) fold(rows *Rows, seq int64, e domain.Event, held bool) bool {
	switch data := e.Data.(type) {
	case *domain.LockoutStarted:
		*r = spellRow{begin: e.At, until: data.Until, first: seq, user: r.user}
		return true
	case *domain.LockoutExtended:
		r.until = data.Until
	case *domain.LockoutExpired, *domain.LockoutReleased:
		if held {
			r.end, r.last, r.how = e.At, seq, e.Data.EventType()
			rows.Put(r.endedKey(rows.Key()), r)
		}
		return false
	}
	return held
}

func lastingKey(k key, user string) key { return append(k, lasting).tail(user) }

func (r *spellRow) endedKey(k key) key {
	class := 1 + bits.Len64(uint64(r.end.Unix()-r.begin.Unix()))
	return append(k, byte(class)).instant(r.begin).number(uint64(r.last)).tail(r.user)
}

// classReach is how long before t a spell of a class may have begun to be still
// in force at t, 0 if that is longer than a Duration can say.
func classReach(class int) time.Duration {
	const sayable = 1 + 33 // 2^33 seconds are 272 years
	if class > sayable {
		return 0
	}
	return time.Duration(1)<<(class-1)*time.Second + time.Second
}

// covers reports whether the spell, as the whole log knows it, is in force at t
// (LOCK-2): its end is not part of it.
func (r *spellRow) covers(t time.Time) bool {
	switch {
	case r.begin.After(t):
		return false
	case !r.end.IsZero():
		return t.Before(r.end)
	}
	return r.until.IsZero() || t.Before(r.until)
}
