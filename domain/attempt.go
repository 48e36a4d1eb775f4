package domain

import (
	"slices"
	"time"
)

// Attempt is an open reservation (LOCK-6).
type Attempt struct {
	ID    string
	Until time.Time // when it lapses
}

func (a *Attempt) Members(v Visitor) {
	v.Text("id", &a.ID, Need)
	v.Instant("until", &a.Until, Need)
}

func (u *User) open(attempt string) bool {
	return slices.ContainsFunc(u.Attempts, func(a Attempt) bool { return a.ID == attempt })
}

func (u *User) close(attempt string) {
	if u.open(attempt) {
		u.Attempts = slices.DeleteFunc(slices.Clone(u.Attempts), func(a Attempt) bool { return a.ID == attempt })
	}
}

// finished closes the reservation of a recorded finish, refused or not.
func (u *User) finished(c *Command) {
	if finish, ok := c.Data.(*LoginFinish); ok {
		u.close(finish.Attempt)
	}
}

// retryAfter is the first instant at which failures and reservations leave room
// for one more, if nothing else happens. There is none now.
func (u *User) retryAfter(p *Policy) time.Time {
	var leave []time.Time
	for _, f := range u.Run.Failures {
		leave = append(leave, f.Add(p.window()+1))
	}
	for _, a := range u.Attempts {
		leave = append(leave, a.Until)
	}
	slices.SortFunc(leave, time.Time.Compare)
	// What has left already comes first, and what is in use fills the limit: so
	// the one to wait for is counted from the end.
	return leave[len(leave)-int(p.Failures)]
}
