package domain

import "testing"

func TestLockout(t *testing.T) {
	hold(t, IBKRSLS(), []rule{
		{"LOCK-1 ten counted failures lock",
			given{times(9, fail(0))}, when{fail(hour)},
			then{"accepted", "login.failed failures=10 reason=bad_credentials", "lockout.started until=25h",
				"locked until 25h"}},
		{"LOCK-1 nine counted failures do not lock",
			given{times(8, fail(0))}, when{fail(hour)},
			then{"accepted", "login.failed failures=9 reason=bad_credentials", "1 left"}},
		{"LOCK-1 failure exactly at the end of the window counts (A-06)",
			given{fail(0), times(8, fail(hour))}, when{fail(day)},
			then{"accepted", "login.failed failures=10 reason=bad_credentials", "lockout.started until=48h",
				"locked until 48h"}},
		{"LOCK-1 oldest failure is dropped one nanosecond later",
			given{fail(0), times(8, fail(hour))}, when{fail(day + 1)},
			then{"accepted", "login.failed failures=9 reason=bad_credentials", "1 left"}},
		{"LOCK-1 dropped failure stays dropped",
			given{fail(0), times(8, fail(hour)), fail(day + 1)}, when{fail(day + 2)},
			then{"accepted", "login.failed failures=10 reason=bad_credentials", "lockout.started until=48h+2ns",
				"locked until 48h+2ns"}},
		{"LOCK-1 uncounted failure drops old failures from its count",
			given{fail(0), fail(1)}, when{failed("cancelled", day), failed("cancelled", day+1),
				failed("cancelled", day+2)},
			then{
				"accepted", "login.failed failures=2 reason=cancelled", "8 left",
				"accepted", "login.failed failures=1 reason=cancelled", "9 left",
				"accepted", "login.failed failures=0 reason=cancelled", "10 left"}},
		{"LOCK-1 all failures at one instant",
			given{times(9, fail(0))}, when{fail(0)},
			then{"accepted", "login.failed failures=10 reason=bad_credentials", "lockout.started until=24h",
				"locked until 24h"}},
		{"LOCK-2 a failure during the lock moves its end (A-04)",
			given{times(10, fail(0))}, when{fail(hour)},
			then{"accepted", "login.failed failures=10 reason=bad_credentials", "lockout.extended until=25h",
				"locked until 25h"}},
		{"LOCK-2 uncounted failure does not move the end",
			given{times(10, fail(0))}, when{failed("gateway_error", hour)},
			then{"accepted", "login.failed failures=10 reason=gateway_error", "locked until 24h"}},
		{"LOCK-2 count does not exceed the limit during a lockout (A-06)",
			given{times(30, fail(0))}, when{fail(0)},
			then{"accepted", "login.failed failures=10 reason=bad_credentials", "lockout.extended until=24h",
				"locked until 24h"}},
		{"LOCK-2 locked until just before the end",
			given{times(10, fail(0))}, when{begin("a", day-1)},
			then{"refused locked_out", "login.refused reason=locked_out", "locked until 24h"}},
		{"LOCK-2 lockout has expired at its end, and the count restarts at 0",
			given{times(10, fail(0))}, when{fail(day)},
			then{"accepted", "lockout.expired", "login.failed failures=1 reason=bad_credentials", "9 left"}},
		{"LOCK-2 a failure just before its end locks for another day",
			given{times(10, fail(0))}, when{fail(day - 1), begin("a", day), succeed(2*day - 1)},
			then{
				"accepted", "login.failed failures=10 reason=bad_credentials", "lockout.extended until=48h-1ns",
				"locked until 48h-1ns",
				"refused locked_out", "login.refused reason=locked_out", "locked until 48h-1ns",
				"accepted", "lockout.expired", "login.succeeded", "10 left"}},
		{"LOCK-3 begin and success are refused during a lockout, and the count stays",
			given{begin("a", 0), times(10, fail(0))},
			when{begin("b", minute), succeed(minute), finishOK("a", minute), fail(minute)},
			then{
				"refused locked_out", "login.refused reason=locked_out", "locked until 24h",
				"refused locked_out", "login.refused reason=locked_out reported=succeeded", "locked until 24h",
				"refused locked_out", "login.refused reason=locked_out reported=succeeded", "locked until 24h",
				"accepted", "login.failed failures=10 reason=bad_credentials", "lockout.extended until=24h1m",
				"locked until 24h1m"}},
		{"LOCK-3 failed finish is recorded during a lockout (A-04)",
			given{begin("a", 0), times(10, fail(0))}, when{finishFailed("a", "wrong_case", minute)},
			then{"accepted", "login.failed failures=10 reason=wrong_case", "lockout.extended until=24h1m",
				"locked until 24h1m"}},
		{"LOCK-4 a success resets the count",
			given{times(9, fail(0)), succeed(0)}, when{fail(0)},
			then{"accepted", "login.failed failures=1 reason=bad_credentials", "9 left"}},
		{"LOCK-4 successful finish resets the count",
			given{times(5, fail(0)), begin("a", 0), finishOK("a", 0)}, when{fail(0)},
			then{"accepted", "login.failed failures=1 reason=bad_credentials", "9 left"}},
	})
}

func TestRefusalsExtend(t *testing.T) {
	hold(t, with(IBKRSLS(), func(p *Policy) { p.RefusalsExtend = true }), []rule{
		{"LOCK-3 refused begin extends the lockout (A-51)",
			given{times(10, fail(0))}, when{begin("a", hour)},
			then{"refused locked_out", "login.refused reason=locked_out", "lockout.extended until=25h",
				"locked until 25h"}},
		{"LOCK-3 refused success extends the lockout (A-51)",
			given{times(10, fail(0))}, when{succeed(hour), finishOK("a", 2*hour)},
			then{
				"refused locked_out", "login.refused reason=locked_out reported=succeeded", "lockout.extended until=25h",
				"locked until 25h",
				"refused locked_out", "login.refused reason=locked_out reported=succeeded", "lockout.extended until=26h",
				"locked until 26h"}},
		{"LOCK-3 other refusals do not extend the lockout (A-51)",
			given{times(9, fail(0)), begin("a", 0)}, when{begin("a", 0), begin("b", 0), finishOK("c", 0)},
			then{
				"refused attempt_open", "login.refused reason=attempt_open", "0 left",
				"refused attempts_in_flight", "login.refused reason=attempts_in_flight", "0 left, retry after 5m",
				"refused attempt_expired", "login.refused reason=attempt_expired reported=succeeded", "0 left"}},
		{"LOCK-5 refused release does not extend the lockout (A-51)",
			given{times(10, fail(0))}, when{release(hour), begin("a", day)},
			then{
				"refused identity_not_verified", "lockout.refused reason=identity_not_verified",
				"accepted", "lockout.expired", "login.started until=24h5m", "9 left"}},
	})
}

func TestUntilReleased(t *testing.T) {
	forever := with(IBKRSLS(), func(p *Policy) { p.DurationSeconds, p.Failures = 0, 2 })
	hold(t, forever, []rule{
		{"LOCK-2 a duration of 0 locks until released (A-43)",
			given{fail(0)}, when{fail(0)},
			then{"accepted", "login.failed failures=2 reason=bad_credentials", "lockout.started",
				"locked until released"}},
		{"LOCK-2 lockout until released does not end, and its failures leave the window",
			given{times(2, fail(0))}, when{succeed(9999 * day), failed("cancelled", 9999*day)},
			then{
				"refused locked_out", "login.refused reason=locked_out reported=succeeded", "locked until released",
				"accepted", "login.failed failures=0 reason=cancelled", "locked until released"}},
		{"LOCK-2 failure leaves the lockout until released",
			given{times(2, fail(0))}, when{fail(hour)},
			then{"accepted", "login.failed failures=2 reason=bad_credentials", "lockout.extended",
				"locked until released"}},
		{"LOCK-5 a release ends it",
			given{times(2, fail(0)), verify(hour)}, when{release(hour), fail(hour)},
			then{
				"accepted", "lockout.released",
				"accepted", "login.failed failures=1 reason=bad_credentials", "1 left"}},
	})
}
