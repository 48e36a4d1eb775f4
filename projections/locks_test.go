package projections

import (
	"testing"
	"time"

	"authledger/domain"
	"authledger/projections/logtest"
)

// The event of a record with two users ends the lockout of the user whom the event names
//
func TestLockoutEndsForUserOfEvent(t *testing.T) {
	m := newModel()
	record := func(seq uint64, entities []domain.Entity, events ...domain.Event) {
		command := domain.Command{Source: "test", Data: &domain.TimerFire{Entity: string(entities[0])}}
		r := domain.Record{Seq: seq, Entities: entities, Command: command, Time: events[0].At, Events: events}
		m.record(&domain.Commit{First: seq}, &r)
	}
	a, b := domain.Entity("user/a"), domain.Entity("user/b")
	begin, end := logtest.Epoch, logtest.Epoch.Add(time.Hour)
	longer := &domain.LockoutStarted{Until: end.Add(time.Hour)}
	record(1, []domain.Entity{a}, domain.Event{At: begin, Data: longer})
	record(2, []domain.Entity{b}, domain.Event{At: begin, Data: &domain.LockoutStarted{Until: end}})
	record(3, []domain.Entity{a, b}, domain.Event{At: end, Entity: b, Data: &domain.LockoutExpired{}})
	for user, want := range map[string]bool{"a": true, "b": false} {
		if _, isOpen := m.rows[string(openKey(locks.key(), user))]; isOpen != want {
			t.Errorf("lockout of %s is open: got %t, want %t", user, isOpen, want)
		}
	}
}
