package domain

import "testing"

// TestLogin_DecidedAtArrival is A-59: a live begin or finish is decided at its arrival. The
// sender's clock shortens neither a reservation nor a lockout.
func TestLogin_DecidedAtArrival(t *testing.T) {
	const slow, fast = -299 * second, 299 * second
	three := with(IBKRSLS(), func(p *Policy) { p.Failures, p.DurationSeconds = 3, 600 })
	hold(t, three, []rule{
		{"LOCK-6 reservation with a slow sender clock has the full duration",
			given{arrives(0, begin("a", slow)), arrives(0, begin("b", slow)), arrives(0, begin("c", slow))},
			when{arrives(2*second, begin("d", 2*second)), arrives(5*minute, begin("d", 5*minute))},
			then{
				"refused attempts_in_flight", "login.refused reason=attempts_in_flight", "0 left, retry after 5m",
				"accepted", "login.abandoned attempt=a", "login.abandoned attempt=b", "login.abandoned attempt=c",
				"login.started until=10m", "2 left"}},
		{"LOCK-2 fast sender clock does not end a lockout",
			given{times(3, arrives(0, finishFailed("x", "bad_code", slow)))},
			when{arrives(second, begin("a", fast)), arrives(10*minute-1, begin("a", 14*minute)),
				arrives(10*minute, begin("a", 5*minute+1))},
			then{
				"refused locked_out", "login.refused reason=locked_out", "locked until 10m",
				"refused locked_out", "login.refused reason=locked_out", "locked until 10m",
				"accepted", "lockout.expired", "login.started until=15m", "2 left"}},
		{"LOCK-6 finish with a fast sender clock is in time",
			given{arrives(0, begin("a", 0))}, when{arrives(minute, finishOK("a", 6*minute))},
			then{"accepted", "login.succeeded", "3 left"}},
		{"LOCK-6 finish with a slow sender clock is too late",
			given{arrives(0, begin("a", 0))}, when{arrives(5*minute, finishOK("a", minute))},
			then{"refused attempt_expired", "login.abandoned attempt=a",
				"login.refused reason=attempt_expired reported=succeeded", "3 left"}},
		{"arrival before the user's clock is late and decided at the clock",
			given{fail(minute)}, when{arrives(0, begin("a", 2*minute))},
			then{"accepted late, at 1m", "login.started until=6m", "1 left"}},
		{"report is decided at the sender's time",
			given{}, when{arrives(hour, fail(minute))},
			then{"accepted", "login.failed failures=1 reason=bad_credentials", "2 left"}},
		{"backfilled begin is decided at the sender's time",
			given{}, when{backfilled(arrives(hour, begin("a", minute)))},
			then{"accepted", "login.started until=6m", "2 left"}},
		{"rules of version 1 decide at the sender's time",
			given{version(1, begin("a", slow)), version(1, begin("b", slow)), version(1, begin("c", slow))},
			when{version(1, begin("d", 2*second))},
			then{"accepted", "at 1s: login.abandoned attempt=a", "at 1s: login.abandoned attempt=b",
				"at 1s: login.abandoned attempt=c", "login.started until=5m2s", "2 left"}},
	})
}
