package domain

import (
	"slices"
	"time"
)

// Attempt is an open reservation (LOCK-6).
type Attempt struct {
	ID    string
	Until time.Time // when it expires
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

// finished closes the reservation of a login.finish, whether the command was accepted or
// refused.
func (u *User) finished(c *Command) {
	if finish, ok := c.Data.(*LoginFinish); ok {
		u.close(finish.Attempt)
	}
}

// retryAfter returns the first instant at which another attempt is admitted, if nothing else
// happens. The caller MUST have checked that no attempt is admitted now.
func (u *User) retryAfter(p *Policy) time.Time {
	var ends []time.Time // when each failure and reservation stops counting
	for _, f := range u.Run.Failures {
		ends = append(ends, f.Add(p.FailureWindow()+1))
	}
	for _, a := range u.Attempts {
		ends = append(ends, a.Until)
	}
	slices.SortFunc(ends, time.Time.Compare)
	// An attempt is admitted when p.Failures - 1 failures and reservations still count.
	// This is the case at the p.Failures-th end from the last.
	return ends[len(ends)-int(p.Failures)]
}
