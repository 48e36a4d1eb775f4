package domain

import (
	"iter"
	"time"
)

// User is what the rules read of one user: the fold of its records, bounded
// whatever the history. The zero User has no record.
type User struct {
	Clock      time.Time // last effective time
	Backfilled bool      // the newest record is a backfill: timers keep off

	Run      Run
	Lock     Lock
	Attempts []Attempt // open reservations, oldest first
	Identity Identity
}

// Fold takes a record that names u into the state. It changes nothing that u
// shares with other states.
func (u User) Fold(r *Record) User {
	for _, e := range r.Events {
		if data, ok := e.Data.(userEvent); ok {
			data.evolve(&u, e.At, &r.Command)
		}
	}
	u.Clock, u.Backfilled = r.Time, r.Command.Backfill
	return u
}

// Due returns the user's next deadline, and whether there is one.
func (u *User) Due() (time.Time, bool) {
	e, ok := u.deadline()
	return e.At, ok
}

// deadline is the event that time alone will bring next: the earliest, a lock's
// end before a lapse of the same instant, lapses in the order of their setting
//
func (u *User) deadline() (Event, bool) {
	var next Event
	if !u.Lock.Until.IsZero() {
		next = Event{At: u.Lock.Until, Data: &LockoutExpired{}}
	}
	for i := range u.Attempts {
		if a := &u.Attempts[i]; next.Data == nil || a.Until.Before(next.At) {
			next = Event{At: a.Until, Data: &LoginAbandoned{Attempt: a.ID}}
		}
	}
	return next, next.Data != nil
}

// overdue yields what is due at or before t. The caller lets u know of each
// before it asks for the next.
func (u *User) overdue(t time.Time) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for {
			e, ok := u.deadline()
			if !ok || e.At.After(t) || !yield(e) {
				return
			}
		}
	}
}

// At is u as it will stand at t if nothing else happens: everything due at or
// before t has happened.
func (u User) At(t time.Time) User {
	for e := range u.overdue(t) {
		e.Data.(userEvent).evolve(&u, e.At, nil)
	}
	return u
}

// Members lists the state's members for its row.
func (u *User) Members(v Visitor) {
	v.Instant("clock", &u.Clock, Free)
	v.Flag("backfilled", &u.Backfilled, Free)
	v.Object("run", &u.Run, Free)
	v.Object("lock", &u.Lock, Free)
	v.List("attempts", items[Attempt, *Attempt]{&u.Attempts})
	v.Object("identity", &u.Identity, Free)
}
