package main

import (
	"testing"
	"time"

	"authledger/adapters/intake"
)

// version returns the version of the dead letters.
func (s *overNATS) version(t *testing.T, l *intake.DeadLetters) string {
	t.Helper()
	version, err := l.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return version
}

// TestDeadLetterVersion_Changes checks that the version of the list changes with each new dead letter,
// and with a drop, and with nothing else.
func TestDeadLetterVersion_Changes(t *testing.T) {
	s := serveOverNATS(t)
	deadLetters, gateway := s.NATS.DeadLetters(s.Ledger), s.connect(t, "gateway")
	seen := map[string]bool{s.version(t, deadLetters): true}
	for n := 1; n <= 2; n++ {
		gateway.mustPublish(t, invalidMessage("gateway", n))
		for begun := time.Now(); s.deadLetterCount(t, deadLetters) < n; {
			if time.Since(begun) > natsTimeout {
				t.Fatalf("timed out: want %d dead letters", n)
			}
		}
		seen[s.version(t, deadLetters)] = true
	}
	if _, err := deadLetters.Show(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	seen[s.version(t, deadLetters)] = true
	if err := deadLetters.Drop(t.Context(), "operator", 1); err != nil {
		t.Fatal(err)
	}
	seen[s.version(t, deadLetters)] = true
	if len(seen) != 4 {
		t.Errorf("got the versions %v, want 4: of no dead letter, one, two, and after a drop", seen)
	}
}
