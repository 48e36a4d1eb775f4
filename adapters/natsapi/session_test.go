package natsapi

import (
	"slices"
	"testing"
	"time"

	"authledger/domain/access"
)

// TestSessions_EventsAfterTheSession checks that a caller receives the events after the record of its
// session only, although the node can publish an older event after the session has begun.
func TestSessions_EventsAfterTheSession(t *testing.T) {
	s := newSessions(time.Now)
	s.begin(&access.Caller{Name: "olga", Role: access.Auditor}, 2)
	for seq, want := range map[uint64][]string{1: nil, 2: nil, 3: {"olga"}} {
		if got := s.readers("login.succeeded", seq); !slices.Equal(got, want) {
			t.Errorf("event of record %d: got readers %q, want %q", seq, got, want)
		}
	}
}
