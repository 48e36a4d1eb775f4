package projections

import (
	"time"

	"authledger/domain"
)

// deadlines is when each user's next deadline falls due, the earliest first. A
// user whose newest record is a backfill has none: its deadlines ride ahead of
// its next command.
var deadlines = &Projection{Name: "deadlines", Version: 1, Table: 'd', Fold: foldDeadlines}

func foldDeadlines(rows *Rows, s *Step) error {
	for _, u := range s.Users {
		before, had := timed(u.Before)
		after, has := timed(u.After)
		if had == has && before.Equal(after) {
			continue
		}
		if had {
			rows.Remove(rows.Key().instant(before).tail(string(u.Entity)))
		}
		if has {
			rows.Put(rows.Key().instant(after).tail(string(u.Entity)), nil)
		}
	}
	return nil
}

// timed is the deadline that the timer is to fire for u, if there is one.
func timed(u *domain.User) (time.Time, bool) {
	if u.Backfilled {
		return time.Time{}, false
	}
	return u.Due()
}
