package domain

import (
	"testing"
	"time"
)

func TestLateCommands(t *testing.T) {
	hold(t, IBKRSLS(), []rule{
		{"late command is decided at the clock of its entity",
			given{fail(hour)}, when{fail(hour - 1)},
			then{"accepted late, at 1h", "login.failed failures=2 reason=bad_credentials", "8 left"}},
		{"command at the clock is not late",
			given{fail(hour)}, when{fail(hour)},
			then{"accepted", "login.failed failures=2 reason=bad_credentials", "8 left"}},
		{"LOCK-2 late success does not end a later lockout",
			given{times(10, fail(hour))}, when{succeed(0)},
			then{"refused locked_out late, at 1h", "login.refused reason=locked_out reported=succeeded",
				"locked until 25h"}},
		{"LOCK-2 late success after the end of the lockout is accepted",
			given{times(10, fail(0)), failed("cancelled", day)}, when{succeed(hour)},
			then{"accepted late, at 24h", "login.succeeded", "10 left"}},
		{"LOCK-1 late failure counts at the clock",
			given{times(9, fail(day+2))}, when{fail(0)},
			then{"accepted late, at 24h+2ns", "login.failed failures=10 reason=bad_credentials",
				"lockout.started until=48h+2ns", "locked until 48h+2ns"}},
		{"LOCK-6 late begin expires the full duration after the clock",
			given{failed("cancelled", hour)}, when{begin("a", 0)},
			then{"accepted late, at 1h", "login.started until=1h5m", "9 left"}},
		{"refused command advances the clock (A-09)",
			given{finishOK("a", hour)}, when{succeed(0)},
			then{"accepted late, at 1h", "login.succeeded", "10 left"}},
		{"invalid command does not advance the clock",
			given{timer(hour)}, when{succeed(0)},
			then{"accepted", "login.succeeded", "10 left"}},
		{"LOCK-5 late verification is valid from the clock",
			given{times(10, fail(hour)), verify(0)}, when{release(hour + 30*minute - 1)},
			then{"accepted", "lockout.released"}},
		{"clock of another user has no effect",
			given{send(hour, &LoginReport{User: "bob", Outcome: Succeeded})}, when{succeed(0)},
			then{"accepted", "login.succeeded", "10 left"}},
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
			then{"accepted", "at 5m: login.abandoned attempt=a", "login.failed failures=1 reason=bad_credentials",
				"1 left"}},
		{"overdue events before a refusal",
			given{begin("a", 0), times(2, fail(minute))}, when{begin("b", 5*minute)},
			then{"refused locked_out", "login.abandoned attempt=a", "login.refused reason=locked_out",
				"locked until 6m"}},
		{"overdue events in order of their instants",
			given{begin("a", 2*minute), times(2, fail(minute)), begin("b", 0)}, when{succeed(hour)},
			then{
				"accepted", "at 7m: lockout.expired", "at 7m: login.abandoned attempt=a", "login.succeeded", "2 left"}},
		{"at one instant: end of lockout, then expired attempts in order (A-07)",
			given{begin("z", 0), begin("a", 0), times(2, fail(0))}, when{succeed(5 * minute)},
			then{
				"accepted", "lockout.expired", "login.abandoned attempt=z", "login.abandoned attempt=a",
				"login.succeeded", "2 left"}},
		{"attempt with the shorter duration expires first",
			given{begin("a", 0), adopt(0, func(p *Policy) { p.AttemptTTLSeconds = 60 }), begin("b", 0)},
			when{succeed(hour)},
			then{
				"accepted", "at 1m: login.abandoned attempt=b", "at 5m: login.abandoned attempt=a",
				"login.succeeded", "2 left"}},
		{"invalid command has no overdue events",
			given{begin("a", 0), adopt(0, func(p *Policy) { p.UsernamePattern = "^[0-9]{1,9}$" })},
			when{release(hour)},
			then{"invalid invalid_character"}},
		{"late command has no overdue events",
			given{begin("a", 0), fail(hour)}, when{fail(minute)},
			then{"accepted late, at 1h", "login.failed failures=2 reason=bad_credentials",
				"lockout.started until=1h5m", "locked until 1h5m"}},
		{"moot deadline has no event (LOCK-5, LOCK-6)",
			given{begin("a", 0), times(2, fail(0)), verify(0), release(0), finishOK("a", 0)}, when{succeed(hour)},
			then{"accepted", "login.succeeded", "2 left"}},
		{"overdue events before identity commands",
			given{begin("a", 0)}, when{verify(5 * minute)},
			then{"accepted", "login.abandoned attempt=a", "identity.verified"}},
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
