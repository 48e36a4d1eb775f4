package projections

import (
	"context"
	"time"

	"authledger/domain"
)

// deadlines holds the next deadline of each user, the earliest first. A user whose newest
// record is a backfill has no row, because the timer does not fire for the user. The next
// command of the user applies the deadlines that have passed.
var deadlines = &Projection{Name: "deadlines", Version: 1, Table: 'd', Fold: foldDeadlines}

func foldDeadlines(t *Table, s *Step) error {
	for _, u := range s.Users {
		before, had := timerDeadline(u.Before)
		after, has := timerDeadline(u.After)
		if had == has && before.Equal(after) {
			continue
		}
		if had {
			t.Remove(t.Key().Instant(before).Tail(string(u.Entity)))
		}
		if has {
			t.Put(t.Key().Instant(after).Tail(string(u.Entity)), nil)
		}
	}
	return nil
}

// timerDeadline returns the deadline at which the timer fires for u, if u has one.
func timerDeadline(u *domain.User) (time.Time, bool) {
	if u.Backfilled {
		return time.Time{}, false
	}
	return u.Due()
}

// Due returns at most limit deadlines at or before t, the earliest first, of entities whose
// newest record is not a backfill. It reflects every commit whose Fold has returned.
func (e *Engine) Due(t time.Time, limit int) ([]domain.Deadline, error) {
	v, err := e.View(context.Background())
	if err != nil {
		return nil, err
	}
	defer v.Close()
	var due []domain.Deadline
	for k := range v.Scan(deadlines.key(), deadlines.key().Instant(t).After()) {
		if len(due) == limit {
			break
		}
		at, entity, err := k[1:].CutInstant()
		if err != nil {
			return nil, v.Damage(k, err)
		}
		due = append(due, domain.Deadline{Entity: domain.Entity(entity), At: at})
	}
	return due, v.Err()
}
