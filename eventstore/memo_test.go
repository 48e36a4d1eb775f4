package eventstore_test

import (
	"testing"

	"authledger/domain"
)

// readsOfUsers is a State that counts the reads of each user.
type readsOfUsers struct {
	*folded
	reads map[string]int
}

func (s *readsOfUsers) User(name string) (domain.User, error) {
	s.reads[name]++
	return s.folded.User(name)
}

// TestSequencer_ReadsUserOnce checks that the decision, the assignment of a key and the fold of the record
// share at most one read of the state, and that a later command of the user sees the record.
func TestSequencer_ReadsUserOnce(t *testing.T) {
	r := newRealm(t)
	state := &readsOfUsers{newFolded(), map[string]int{}}
	o := r.options(state, r.store)
	o.Scrubs = nil // they read users too
	l := mustOpen(t, o)
	for i, id := range []string{"first", "second"} {
		login := &domain.LoginReport{User: "alice", Outcome: domain.Failed, Reason: "bad_credentials",
			IP: "192.0.2.7"}
		do(t, l, command(id, login))
		// The sequencer has decided the command. It decides the second without a read if the answer to the
		// first arrived before its commit left the overlay.
		if got := state.reads["alice"]; got < 1 || got > i+1 {
			t.Errorf("%s command: got %d reads so far, want 1 to %d", id, got, i+1)
		}
	}
	mustClose(t, l)
	u, err := state.folded.User("alice")
	if err != nil || len(u.Run.Failures) != 2 {
		t.Errorf("got %d failures, %v, want 2", len(u.Run.Failures), err)
	}
}
