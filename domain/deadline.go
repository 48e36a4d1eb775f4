package domain

import "time"

// deadline is an event that occurs at an instant without a command.
type deadline struct {
	at    time.Time
	rank  int   // of its type: orders the deadlines at one instant
	order int64 // orders the deadlines of one type at one instant
	event EventData
}

// The ranks of deadlines. Of the deadlines at one instant, the lowest rank is first.
const (
	rankExpired = iota
	rankAbandoned
	rankCodeRestricted
	rankCodeExpired
	rankActivated
)

// sooner reports whether d precedes o in the order for deadlines of different users:
// by instant, then by type.
func (d *deadline) sooner(o *deadline) bool {
	if !d.at.Equal(o.at) {
		return d.at.Before(o.at)
	}
	return d.rank < o.rank
}

// before reports whether d precedes o in the order for deadlines of one user: by
// instant, then by type, then in the order in which they were set.
func (d *deadline) before(o *deadline) bool {
	return d.sooner(o) || !o.sooner(d) && d.order < o.order
}

// Due returns the user's next deadline, and whether the user has a deadline.
func (u *User) Due() (time.Time, bool) {
	d, ok := u.deadline()
	return d.at, ok
}

// deadline returns the next deadline, and whether the user has a deadline.
func (u *User) deadline() (next deadline, ok bool) {
	take := func(at time.Time, rank int, order int64) bool {
		d := deadline{at: at, rank: rank, order: order}
		if at.IsZero() || ok && !d.before(&next) {
			return false
		}
		next, ok = d, true
		return true
	}
	var of int
	take(u.Lock.Until, rankExpired, 0)
	for i := range u.Attempts {
		if take(u.Attempts[i].Until, rankAbandoned, int64(i)) {
			of = i
		}
	}
	for i := range u.Codes {
		if at, rank := u.Codes[i].lapse(); take(at, rank, int64(i)) {
			of = i
		}
	}
	for i := range u.Devices {
		if take(u.Devices[i].Due, rankActivated, u.Devices[i].Turn) {
			of = i
		}
	}
	if ok {
		next.event = u.lapse(next.rank, of)
	}
	return next, ok
}

// lapse returns the event of the i-th deadline of one type.
func (u *User) lapse(rank, i int) EventData {
	switch rank {
	case rankAbandoned:
		return &LoginAbandoned{Attempt: u.Attempts[i].ID}
	case rankCodeRestricted:
		return &CodeRestricted{Code: u.Codes[i].ID}
	case rankCodeExpired:
		return &CodeExpired{Code: u.Codes[i].ID}
	case rankActivated:
		return &DeviceActivated{Device: u.Devices[i].ID, Method: Auto}
	}
	return &LockoutExpired{}
}

// emitConsequences records the immediate consequences of a deadline of the i-th user of the
// record: an activation revokes the passcode and the card (DEV-5, A-07).
func (d *deciding) emitConsequences(i int, due *deadline) {
	if due.rank == rankActivated {
		d.revokeTemporary(i, due.at)
	}
}

// At returns u at t if no command is recorded until t: all deadlines at or before t are
// applied.
func (u User) At(t time.Time) User {
	if due, ok := u.Due(); !ok || due.After(t) {
		return u
	}
	u, _ = u.Lapsed("", t)
	return u
}

// Lapsed returns the state that At returns for u, the user with the given name, and the changes
// of the user's items.
func (u User) Lapsed(name string, t time.Time) (User, []ItemChange) {
	d := deciding{}
	d.Users = append(d.Users, UserChange{Name: name, Before: u, After: u})
	d.Entities, d.Time = []Entity{UserEntity(name)}, t
	d.emitOverdue()
	return d.Users[0].After, d.Items
}
