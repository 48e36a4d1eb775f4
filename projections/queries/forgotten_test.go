package queries

import (
	"strconv"
	"testing"
	"time"

	"authledger/domain"
	"authledger/projections/logtest"
)

// An answer about an instant between an erasure and the next record of the user has the time of the
// erasure, although that record starts a new person.
func TestLockoutBetweenErasureAndNewPerson(t *testing.T) {
	h := newRefLog()
	login := &domain.LoginReport{User: "alice", Outcome: domain.Succeeded}
	for i, data := range []domain.CommandData{
		login, &domain.PersonForget{User: "alice", Case: "C", By: "olga"}, login,
	} {
		h.Do(domain.Command{Source: "s", ID: strconv.Itoa(i), Time: logtest.Epoch.Add(time.Duration(i) * time.Hour),
			Data: data})
	}
	h.Commit()
	q := openTest(t, h)
	erased := logtest.Epoch.Add(time.Hour)
	for at, want := range map[time.Duration]time.Time{
		-1: {}, 0: erased, time.Minute: erased, time.Hour - 1: erased, time.Hour: {},
	} {
		l, err := q.Lockout(t.Context(), "alice", erased.Add(at), nil)
		if err != nil {
			t.Fatal(err)
		}
		if !l.Forgotten.Equal(want) {
			t.Errorf("%v after the erasure: got forgotten at %v, want %v", at, l.Forgotten, want)
		}
	}
}
