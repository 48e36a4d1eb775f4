package domain

import "time"

// deadline is an event that time alone will bring.
type deadline struct {
	at    time.Time
	rank  int // of its type, among those due at one instant
	order int64
	event EventData
}

// The order of deadlines that fall due at one instant.
const (
	rankExpired = iota
	rankAbandoned
	rankCodeRestricted
	rankCodeExpired
	rankActivated
)

// sooner is the order of A-07 between users: instant, then type.
func (d *deadline) sooner(o *deadline) bool {
	if !d.at.Equal(o.at) {
		return d.at.Before(o.at)
	}
	return d.rank < o.rank
}

// before is the order of A-07 within a user: then the order of setting.
func (d *deadline) before(o *deadline) bool {
	return d.sooner(o) || !o.sooner(d) && d.order < o.order
}

// Due returns the user's next deadline, and whether there is one.
func (u *User) Due() (time.Time, bool) {
	d, ok := u.deadline()
	return d.at, ok
}

// deadline is the one that falls due next.
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

// lapse is the event of the i-th of a user's deadlines of one type.
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

// follow brings what a deadline entails at once: an activation revokes the
// passcode and the card (DEV-5, A-07).
func (d *deciding) follow(whose int, due *deadline) {
	if due.rank == rankActivated {
		d.revokeTemporary(whose, due.at)
	}
}

// At is u as it will stand at t if nothing else happens: everything due at or
// before t has happened.
func (u User) At(t time.Time) User {
	if due, ok := u.Due(); !ok || due.After(t) {
		return u
	}
	u, _ = u.Lapsed("", t)
	return u
}

// Lapsed is At for a user of a name, and what it makes of the user's items.
func (u User) Lapsed(name string, t time.Time) (User, []ItemChange) {
	d := deciding{}
	d.Users = append(d.Users, UserChange{Name: name, Before: u, After: u})
	d.Entities, d.Time = []Entity{UserEntity(name)}, t
	d.carry()
	return d.Users[0].After, d.Items
}
