package domain

import (
	"testing"
	"time"
)

func TestTimer(t *testing.T) {
	short := with(IBKRSLS(), func(p *Policy) {
		p.DurationSeconds, p.AttemptTTLSeconds, p.Failures = 300, 300,
			2
	})
	hold(t, short, []rule{
		{"LOCK-2 the timer records a lock's end when it was due",
			given{times(2, fail(0))}, when{timer(5 * minute), fail(6 * minute)},
			then{
				accepted, &LockoutExpired{},
				accepted, &LoginFailed{Failures: 1, Reason: "bad_credentials"}, triesLeft(1)}},
		{"LOCK-6 timer records the expiry of a reservation",
			given{begin("a", 0)}, when{timer(5 * minute)},
			then{accepted, &LoginAbandoned{Attempt: "a"}}},
		{"one record for all that is due at one instant, in the order of A-07 (A-53)",
			given{begin("b", 0), begin("a", 0), times(2, fail(0))}, when{timer(5 * minute)},
			then{accepted, &LockoutExpired{}, &LoginAbandoned{Attempt: "b"}, &LoginAbandoned{Attempt: "a"}}},
		{"one record for each instant, the earlier first (A-53)",
			given{begin("a", 0), begin("b", 1)}, when{timer(5*minute + 1), timer(5 * minute), timer(5*minute + 1)},
			then{
				invalid(Moot),
				accepted, &LoginAbandoned{Attempt: "a"},
				accepted, &LoginAbandoned{Attempt: "b"}}},
		{"timer fires once",
			given{begin("a", 0), timer(5 * minute)}, when{timer(5 * minute)},
			then{invalid(Moot)}},
		{"event that a command recorded is moot",
			given{begin("a", 0), fail(5 * minute)}, when{timer(5 * minute)},
			then{invalid(Moot)}},
		{"moot deadline is not recorded",
			given{begin("a", 0), finishOK("a", 5*minute-1)}, when{timer(5 * minute)},
			then{invalid(Moot)}},
		{"timer before the end, and at the former end of an extended lockout (LOCK-2)",
			given{times(2, fail(0)), fail(minute)}, when{timer(6*minute - 1), timer(5 * minute), timer(6 * minute)},
			then{
				invalid(Moot),
				invalid(Moot),
				accepted, &LockoutExpired{}}},
		{"no timer if the newest record is a backfill (A-01)",
			given{backfilled(begin("a", 0))}, when{timer(5 * minute)},
			then{invalid(Moot)}},
		{"timer after a live command (A-01)",
			given{backfilled(begin("a", 0)), verify(0)}, when{timer(5 * minute)},
			then{accepted, &LoginAbandoned{Attempt: "a"}}},
		{"deadline is due even if a new policy rejects the name",
			given{begin("a", 0), adopt(0, func(p *Policy) { p.UsernamePattern = "^[0-9]{1,9}$" })},
			when{timer(5 * minute)},
			then{accepted, &LoginAbandoned{Attempt: "a"}}},
		{"command at the instant of a timer record is not late",
			given{begin("a", 0), timer(5 * minute)}, when{succeed(5 * minute)},
			then{accepted, &LoginSucceeded{}, triesLeft(2)}},
		{"timer of an entity that is not a user",
			given{}, when{
				send(0, &TimerFire{Entity: "source/0007"}), send(0, &TimerFire{Entity: "user/nobody"})},
			then{invalid(BadField), invalid(Moot)}},
	})
}

// Two nodes use the same id for the same deadline, and different deadlines have different ids.
func TestTimerID_ContainsEntityAndInstant(t *testing.T) {
	alice, bob := UserEntity("alice"), UserEntity("bob")
	here := NewTimerFire(alice, epoch)
	elsewhere := NewTimerFire(alice, epoch.In(time.FixedZone("elsewhere", 3600)))
	if here.ID != elsewhere.ID || here.Source != TimerSource {
		t.Errorf("ids of one deadline: got %q and %q with source %q, want one id of %s", here.ID, elsewhere.ID,
			here.Source, TimerSource)
	}
	if later := NewTimerFire(alice, epoch.Add(1)); later.ID == here.ID {
		t.Errorf("id %q of two instants, want different ids", later.ID)
	}
	if other := NewTimerFire(bob, epoch); other.ID == here.ID {
		t.Errorf("id %q of two users, want different ids", other.ID)
	}
	if ForClients(timerFireType) || !ForClients("login.begin") || ForClients("login.end") {
		t.Error("ForClients: got true for timer.fire or false for login.begin, want the opposite")
	}
}
