package domain

import (
	"errors"
	"testing"
	"time"
)

var errDisk = errors.New("disk")

// broken is a [States] whose methods return an error.
type broken struct{ *ledger }

func (broken) User(string) (User, error)       { return User{}, errDisk }
func (broken) Clock(Entity) (time.Time, error) { return time.Time{}, errDisk }

// If a state cannot be read, Decide must return the error and not decide with an empty state.
func TestDecide_ReturnsReadErrors(t *testing.T) {
	l := newLedger(IBKRSLS())
	for _, s := range []step{fail(0), begin("a", 0), finishOK("a", 0), named("Alice", ""),
		named("bob", UnknownUser),
		verify(0), release(0), timer(0), adopt(0, func(*Policy) {}),
		send(0, &IdentityRecord{User: "alice"})} {
		c := s(l)
		if d, err := Decide(broken{l}, c); !errors.Is(err, errDisk) || d.Status != "" {
			t.Errorf("%s: got status %q and error %v, want the read error", c.Data.CommandType(), d.Status, err)
		}
	}
}
