package domain

import (
	"testing"
	"time"
)

func TestLateCommands(t *testing.T) {
	hold(t, IBKRSLS(), []rule{
		{"late command is decided at the clock of its entity",
			given{fail(hour)}, when{fail(hour - 1)},
			then{accepted.late(hour), &LoginFailed{Failures: 2, Reason: "bad_credentials"}, triesLeft(8)}},
		{"command at the clock is not late",
			given{fail(hour)}, when{fail(hour)},
			then{accepted, &LoginFailed{Failures: 2, Reason: "bad_credentials"}, triesLeft(8)}},
		{"LOCK-2 late success does not end a later lockout",
			given{times(10, fail(hour))}, when{succeed(0)},
			then{refused(LockedOut).late(hour), &LoginRefused{Reason: LockedOut, Reported: Succeeded},
				lockedUntil(day + hour)}},
		{"LOCK-2 late success after the end of the lockout is accepted",
			given{times(10, fail(0)), failed("cancelled", day)}, when{succeed(hour)},
			then{accepted.late(day), &LoginSucceeded{}, triesLeft(10)}},
		{"LOCK-1 late failure counts at the clock",
			given{times(9, fail(day+2))}, when{fail(0)},
			then{accepted.late(day + 2), &LoginFailed{Failures: 10, Reason: "bad_credentials"},
				&LockoutStarted{Until: after(2*day + 2)}, lockedUntil(2*day + 2)}},
		{"LOCK-6 late begin expires the full duration after the clock",
			given{failed("cancelled", hour)}, when{begin("a", 0)},
			then{accepted.late(hour), &LoginStarted{Until: after(hour + 5*minute)}, triesLeft(9)}},
		{"refused command advances the clock (A-09)",
			given{finishOK("a", hour)}, when{succeed(0)},
			then{accepted.late(hour), &LoginSucceeded{}, triesLeft(10)}},
		{"invalid command does not advance the clock",
			given{timer(hour)}, when{succeed(0)},
			then{accepted, &LoginSucceeded{}, triesLeft(10)}},
		{"LOCK-5 late verification is valid from the clock",
			given{times(10, fail(hour)), verify(0)}, when{release(hour + 30*minute - 1)},
			then{accepted, &LockoutReleased{}}},
		{"clock of another user has no effect",
			given{send(hour, &LoginReport{User: "bob", Outcome: Succeeded})}, when{succeed(0)},
			then{accepted, &LoginSucceeded{}, triesLeft(10)}},
	})
}

func TestOverdueEvents(t *testing.T) {
	short := with(IBKRSLS(), func(p *Policy) {
		p.DurationSeconds, p.AttemptTTLSeconds, p.Failures = 300, 300,
			2
	})
	hold(t, short, []rule{
		{"overdue events come first with their own time (A-07)",
			given{begin("a", 0)}, when{fail(hour)},
			then{accepted, on(5*minute, &LoginAbandoned{Attempt: "a"}),
				&LoginFailed{Failures: 1, Reason: "bad_credentials"}, triesLeft(1)}},
		{"overdue events before a refusal",
			given{begin("a", 0), times(2, fail(minute))}, when{begin("b", 5*minute)},
			then{refused(LockedOut), &LoginAbandoned{Attempt: "a"}, &LoginRefused{Reason: LockedOut},
				lockedUntil(6 * minute)}},
		{"overdue events in order of their instants",
			given{begin("a", 2*minute), times(2, fail(minute)), begin("b", 0)}, when{succeed(hour)},
			then{
				accepted, on(7*minute, &LockoutExpired{}), on(7*minute, &LoginAbandoned{Attempt: "a"}), &LoginSucceeded{},
				triesLeft(2)}},
		{"at one instant: end of lockout, then expired attempts in order (A-07)",
			given{begin("z", 0), begin("a", 0), times(2, fail(0))}, when{succeed(5 * minute)},
			then{
				accepted, &LockoutExpired{}, &LoginAbandoned{Attempt: "z"}, &LoginAbandoned{Attempt: "a"},
				&LoginSucceeded{}, triesLeft(2)}},
		{"attempt with the shorter duration expires first",
			given{begin("a", 0), adopt(0, func(p *Policy) { p.AttemptTTLSeconds = 60 }), begin("b", 0)},
			when{succeed(hour)},
			then{
				accepted, on(minute, &LoginAbandoned{Attempt: "b"}), on(5*minute, &LoginAbandoned{Attempt: "a"}),
				&LoginSucceeded{}, triesLeft(2)}},
		{"invalid command has no overdue events",
			given{begin("a", 0), adopt(0, func(p *Policy) { p.UsernamePattern = "^[0-9]{1,9}$" })},
			when{release(hour)},
			then{invalid(InvalidCharacter)}},
		{"late command has no overdue events",
			given{begin("a", 0), fail(hour)}, when{fail(minute)},
			then{accepted.late(hour), &LoginFailed{Failures: 2, Reason: "bad_credentials"},
				&LockoutStarted{Until: after(hour + 5*minute)}, lockedUntil(hour + 5*minute)}},
		{"moot deadline has no event (LOCK-5, LOCK-6)",
			given{begin("a", 0), times(2, fail(0)), verify(0), release(0), finishOK("a", 0)}, when{succeed(hour)},
			then{accepted, &LoginSucceeded{}, triesLeft(2)}},
		{"overdue events before identity commands",
			given{begin("a", 0)}, when{verify(5 * minute)},
			then{accepted, &LoginAbandoned{Attempt: "a"}, &IdentityVerified{}}},
	})
}

func TestClockSkew(t *testing.T) {
	p := IBKRSLS()
	for _, c := range []struct {
		says     string
		ahead    time.Duration // of the server's clock
		backfill bool
		ok       bool
	}{
		{"the same instant", 0, false, true},
		{"5 minutes ahead (A-06)", 5 * minute, false, true},
		{"a nanosecond more", 5*minute + 1, false, false},
		{"five minutes behind", -5 * minute, false, true},
		{"a nanosecond more", -5*minute - 1, false, false},
		{"backfill behind by more than the skew", -5*minute - 1, true, true},
		{"backfill behind by years", -9999 * day, true, true},
		{"backfill ahead (A-47)", 5*minute + 1, true, false},
	} {
		r := p.CheckClock(&Command{Time: epoch.Add(c.ahead), Backfill: c.backfill}, epoch)
		if ok := r == nil; ok != c.ok || !ok && r.Reason != ClockSkew {
			t.Errorf("%s: CheckClock = %v, want ok %v", c.says, r, c.ok)
		}
	}
}

// The difference to such a time overflows a Duration.
func TestClockSkewOfAnotherEra(t *testing.T) {
	p := IBKRSLS()
	first, last := time.Time{}, time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	if p.CheckClock(&Command{Time: first}, epoch) == nil || p.CheckClock(&Command{Time: last}, epoch) == nil {
		t.Error("CheckClock of a live command of the year 1 or 9999: got nil, want a rejection")
	}
	if r := p.CheckClock(&Command{Time: first, Backfill: true}, epoch); r != nil {
		t.Errorf("CheckClock of a backfill of the year 1: got %v, want nil", r)
	}
}
