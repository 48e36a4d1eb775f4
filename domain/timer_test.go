package domain

import (
	"testing"
	"time"
)

func TestTimer(t *testing.T) {
	short := with(IBKRSLS(), func(p *Policy) { p.DurationSeconds, p.AttemptTTLSeconds, p.Failures = 300, 300, 2 })
	hold(t, short, []rule{
		{"LOCK-2 the timer records a lock's end when it was due",
			given{times(2, fail(0))}, when{timer(5 * minute), fail(6 * minute)},
			then{
				"accepted", "lockout.expired",
				"accepted", "login.failed failures=1 reason=bad_credentials", "1 left"}},
		{"LOCK-6 and the lapse of a reservation",
			given{begin("a", 0)}, when{timer(5 * minute)},
			then{"accepted", "login.abandoned attempt=a"}},
		{"one record for all that is due at one instant, in the order of A-07 (A-53)",
			given{begin("b", 0), begin("a", 0), times(2, fail(0))}, when{timer(5 * minute)},
			then{"accepted", "lockout.expired", "login.abandoned attempt=b", "login.abandoned attempt=a"}},
		{"a record for each instant: the later one waits for the earlier (A-53)",
			given{begin("a", 0), begin("b", 1)}, when{timer(5*minute + 1), timer(5 * minute), timer(5*minute + 1)},
			then{
				"invalid moot",
				"accepted", "login.abandoned attempt=a",
				"accepted", "login.abandoned attempt=b"}},
		{"once only",
			given{begin("a", 0), timer(5 * minute)}, when{timer(5 * minute)},
			then{"invalid moot"}},
		{"never what a command has carried already",
			given{begin("a", 0), fail(5 * minute)}, when{timer(5 * minute)},
			then{"invalid moot"}},
		{"never what an event made moot",
			given{begin("a", 0), finishOK("a", 5*minute-1)}, when{timer(5 * minute)},
			then{"invalid moot"}},
		{"never early, nor at the old end of an extended lock (LOCK-2)",
			given{times(2, fail(0)), fail(minute)}, when{timer(6*minute - 1), timer(5 * minute), timer(6 * minute)},
			then{
				"invalid moot",
				"invalid moot",
				"accepted", "lockout.expired"}},
		{"not of a user whose newest record is a backfill (A-01)",
			given{backfilled(begin("a", 0))}, when{timer(5 * minute)},
			then{"invalid moot"}},
		{"a live command ends that (A-01)",
			given{backfilled(begin("a", 0)), verify(0)}, when{timer(5 * minute)},
			then{"accepted", "login.abandoned attempt=a"}},
		{"a deadline falls due whatever a new policy thinks of the name",
			given{begin("a", 0), adopt(0, func(p *Policy) { p.UsernamePattern = "^[0-9]{1,9}$" })}, when{timer(5 * minute)},
			then{"accepted", "login.abandoned attempt=a"}},
		{"a record of the timer is no lateness for what comes next, at the same instant",
			given{begin("a", 0), timer(5 * minute)}, when{succeed(5 * minute)},
			then{"accepted", "login.succeeded", "2 left"}},
		{"nothing is due on what is no user, or on nobody",
			given{}, when{
				send(0, &TimerFire{Entity: "source/0007"}), send(0, &TimerFire{Entity: "user/nobody"})},
			then{"invalid bad_field", "invalid moot"}},
	})
}

// Two nodes that fire the same deadline must name it alike, and no two
// deadlines may share a name.
func TestTimerNamesADeadlineByEntityAndInstant(t *testing.T) {
	alice, bob := UserEntity("alice"), UserEntity("bob")
	here := NewTimerFire(alice, epoch)
	elsewhere := NewTimerFire(alice, epoch.In(time.FixedZone("elsewhere", 3600)))
	if here.ID != elsewhere.ID || here.Source != TimerSource {
		t.Errorf("%q and %q of %q name one deadline", here.ID, elsewhere.ID, here.Source)
	}
	if later := NewTimerFire(alice, epoch.Add(1)); later.ID == here.ID {
		t.Errorf("%q names two instants", later.ID)
	}
	if other := NewTimerFire(bob, epoch); other.ID == here.ID {
		t.Errorf("%q names two users", other.ID)
	}
	if ForClients(timerFireType) || !ForClients("login.begin") || ForClients("login.end") {
		t.Error("clients may send what is the ledger's, or may not send what is theirs")
	}
}
