package domain

import (
	"testing"
	"time"
)

func TestLateCommands(t *testing.T) {
	hold(t, IBKRSLS(), []rule{
		{"a late command is folded at its entity's clock",
			given{fail(hour)}, when{fail(hour - 1)},
			then{"accepted late, at 1h", "login.failed failures=2 reason=bad_credentials", "8 left"}},
		{"one of the very instant is not late",
			given{fail(hour)}, when{fail(hour)},
			then{"accepted", "login.failed failures=2 reason=bad_credentials", "8 left"}},
		{"LOCK-2 a late success does not undo the lock that came after it",
			given{times(10, fail(hour))}, when{succeed(0)},
			then{"refused locked_out late, at 1h", "login.refused reason=locked_out reported=succeeded", "locked until 25h"}},
		{"LOCK-2 a late success of a lock that is over is let in",
			given{times(10, fail(0)), failed("cancelled", day)}, when{succeed(hour)},
			then{"accepted late, at 24h", "login.succeeded", "10 left"}},
		{"LOCK-1 a late failure lies at the clock: no gap shrinks the run",
			given{times(9, fail(day+2))}, when{fail(0)},
			then{"accepted late, at 24h+2ns", "login.failed failures=10 reason=bad_credentials", "lockout.started until=48h+2ns", "locked until 48h+2ns"}},
		{"LOCK-6 a late begin lapses a whole time to live after the clock",
			given{failed("cancelled", hour)}, when{begin("a", 0)},
			then{"accepted late, at 1h", "login.started until=1h5m", "9 left"}},
		{"a refused command moves the clock like any other (A-09)",
			given{finishOK("a", hour)}, when{succeed(0)},
			then{"accepted late, at 1h", "login.succeeded", "10 left"}},
		{"an invalid one does not",
			given{timer(hour)}, when{succeed(0)},
			then{"accepted", "login.succeeded", "10 left"}},
		{"LOCK-5 a late verification holds from the clock on",
			given{times(10, fail(hour)), verify(0)}, when{release(hour + 30*minute - 1)},
			then{"accepted", "lockout.released"}},
		{"another user's clock plays no part",
			given{send(hour, &LoginReport{User: "bob", Outcome: Succeeded})}, when{succeed(0)},
			then{"accepted", "login.succeeded", "10 left"}},
	})
}

func TestCarriedDeadlines(t *testing.T) {
	short := with(IBKRSLS(), func(p *Policy) { p.DurationSeconds, p.AttemptTTLSeconds, p.Failures = 300, 300, 2 })
	hold(t, short, []rule{
		{"what is overdue rides ahead, stamped when it was due (A-07)",
			given{begin("a", 0)}, when{fail(hour)},
			then{"accepted", "at 5m: login.abandoned attempt=a", "login.failed failures=1 reason=bad_credentials", "1 left"}},
		{"also ahead of a refusal",
			given{begin("a", 0), times(2, fail(minute))}, when{begin("b", 5*minute)},
			then{"refused locked_out", "login.abandoned attempt=a", "login.refused reason=locked_out", "locked until 6m"}},
		{"in order of their instants, whatever they are",
			given{begin("a", 2*minute), times(2, fail(minute)), begin("b", 0)}, when{succeed(hour)},
			then{
				"accepted", "at 7m: lockout.expired", "at 7m: login.abandoned attempt=a", "login.succeeded", "2 left"}},
		{"of one instant a lock's end comes before a lapse, lapses in the order of their begin (A-07)",
			given{begin("z", 0), begin("a", 0), times(2, fail(0))}, when{succeed(5 * minute)},
			then{
				"accepted", "lockout.expired", "login.abandoned attempt=z", "login.abandoned attempt=a",
				"login.succeeded", "2 left"}},
		{"a shorter time to live lapses first, whoever began first",
			given{begin("a", 0), adopt(0, func(p *Policy) { p.AttemptTTLSeconds = 60 }), begin("b", 0)}, when{succeed(hour)},
			then{
				"accepted", "at 1m: login.abandoned attempt=b", "at 5m: login.abandoned attempt=a",
				"login.succeeded", "2 left"}},
		{"nothing rides ahead of an invalid command",
			given{begin("a", 0), adopt(0, func(p *Policy) { p.UsernamePattern = "^[0-9]{1,9}$" })}, when{release(hour)},
			then{"invalid invalid_character"}},
		{"a late command carries nothing: its entity's clock has passed it all",
			given{begin("a", 0), fail(hour)}, when{fail(minute)},
			then{"accepted late, at 1h", "login.failed failures=2 reason=bad_credentials", "lockout.started until=1h5m", "locked until 1h5m"}},
		{"an event that made a deadline moot leaves none (LOCK-5, LOCK-6)",
			given{begin("a", 0), times(2, fail(0)), verify(0), release(0), finishOK("a", 0)}, when{succeed(hour)},
			then{"accepted", "login.succeeded", "2 left"}},
		{"identity commands carry them too",
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
		{"five minutes ahead (A-06)", 5 * minute, false, true},
		{"a nanosecond more", 5*minute + 1, false, false},
		{"five minutes behind", -5 * minute, false, true},
		{"a nanosecond more", -5*minute - 1, false, false},
		{"an importer may be behind", -5*minute - 1, true, true},
		{"by years", -9999 * day, true, true},
		{"not ahead (A-47)", 5*minute + 1, true, false},
	} {
		r := p.CheckClock(&Command{Time: epoch.Add(c.ahead), Backfill: c.backfill}, epoch)
		if ok := r == nil; ok != c.ok || !ok && r.Reason != ClockSkew {
			t.Errorf("%s: %v, want ok %v", c.says, r, c.ok)
		}
	}
}

// The distance to such a time overflows a Duration.
func TestClockSkewOfAnotherEra(t *testing.T) {
	p := IBKRSLS()
	first, last := time.Time{}, time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	if p.CheckClock(&Command{Time: first}, epoch) == nil || p.CheckClock(&Command{Time: last}, epoch) == nil {
		t.Error("a live command of the year 1 or 9999 passes")
	}
	if r := p.CheckClock(&Command{Time: first, Backfill: true}, epoch); r != nil {
		t.Errorf("a backfill of the year 1: %v", r)
	}
}
