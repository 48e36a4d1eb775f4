package main

import (
	"errors"
	"sync"
	"testing"
	"time"

	"authledger/adapters/tokens/tokenstest"
	"authledger/domain/access"
	"authledger/eventstore"
)

// TestDeadLetters_InParallel lets eight callers retry or drop one dead letter at a time. Each caller
// gets the result of the operation, or learns that the dead letter no longer exists.
func TestDeadLetters_InParallel(t *testing.T) {
	s := serveOverNATS(t)
	node, deadLetters := s.inside(t), s.NATS.DeadLetters(s.Ledger)
	const callers = 8
	ids := []string{"e-1", "e-2", "e-3", "e-4", "e-5", "e-6"}
	for _, id := range ids {
		node.mustPublish(t,
			intakeMessage("late", id, "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`))
	}
	s.untilDeadLetters(t, deadLetters, len(ids))
	s.add(t, tokenstest.Spec{Name: "late", Role: access.Gateway})
	for position := uint64(1); position <= uint64(len(ids)); position++ {
		results := make([]error, callers)
		var group sync.WaitGroup
		for i := range callers {
			group.Go(func() {
				if position%2 == 0 {
					results[i] = deadLetters.Drop(t.Context(), "operator", position)
					return
				}
				_, results[i] = deadLetters.Retry(t.Context(), "operator", position)
			})
		}
		group.Wait()
		for i, err := range results {
			if err != nil && !errors.Is(err, eventstore.ErrNoRecord) {
				t.Errorf("dead letter %d, caller %d: got %v, want no error or %v", position, i, err,
					eventstore.ErrNoRecord)
			}
		}
	}
	if n := s.deadLetterCount(t, deadLetters); n != 0 {
		t.Errorf("dead letters: got %d, want 0", n)
	}
}
