package projections

import (
	"testing"
	"time"

	"authledger/domain"
)

// A record of two users ends the lock of the one whose event it is.
func TestALockEndsForTheUserWhoseEventItIs(t *testing.T) {
	m := newModel()
	record := func(seq uint64, entities []domain.Entity, events ...domain.Event) {
		r := domain.Record{Seq: seq, Entities: entities, Time: events[0].At, Events: events}
		m.record(&domain.Commit{First: seq}, &r)
	}
	later := epoch.Add(time.Hour)
	record(1, []domain.Entity{"user/a"}, domain.Event{At: epoch, Data: &domain.LockoutStarted{Until: later.Add(time.Hour)}})
	record(2, []domain.Entity{"user/b"}, domain.Event{At: epoch, Data: &domain.LockoutStarted{Until: later}})
	record(3, []domain.Entity{"user/a", "user/b"}, domain.Event{At: later, Entity: "user/b", Data: &domain.LockoutExpired{}})
	for user, want := range map[string]bool{"a": true, "b": false} {
		if _, lasts := m.rows[string(lastingKey(locks.key(), user))]; lasts != want {
			t.Errorf("the lock of %s lasts: %t", user, lasts)
		}
	}
}
