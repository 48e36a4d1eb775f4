package domain

import "testing"

func TestLockout(t *testing.T) {
	hold(t, IBKRSLS(), []rule{
		{"LOCK-1 ten counted failures lock",
			given{times(9, fail(0))}, when{fail(hour)},
			then{accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"},
				&LockoutStarted{Until: after(day + hour)}, lockedUntil(day + hour)}},
		{"LOCK-1 nine counted failures do not lock",
			given{times(8, fail(0))}, when{fail(hour)},
			then{accepted, &LoginFailed{Failures: 9, Reason: "bad_credentials"}, triesLeft(1)}},
		{"LOCK-1 failure exactly at the end of the window counts (A-06)",
			given{fail(0), times(8, fail(hour))}, when{fail(day)},
			then{accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"},
				&LockoutStarted{Until: after(2 * day)}, lockedUntil(2 * day)}},
		{"LOCK-1 oldest failure is dropped one nanosecond later",
			given{fail(0), times(8, fail(hour))}, when{fail(day + 1)},
			then{accepted, &LoginFailed{Failures: 9, Reason: "bad_credentials"}, triesLeft(1)}},
		{"LOCK-1 dropped failure stays dropped",
			given{fail(0), times(8, fail(hour)), fail(day + 1)}, when{fail(day + 2)},
			then{accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"},
				&LockoutStarted{Until: after(2*day + 2)}, lockedUntil(2*day + 2)}},
		{"LOCK-1 uncounted failure drops old failures from its count",
			given{fail(0), fail(1)}, when{failed("cancelled", day), failed("cancelled", day+1),
				failed("cancelled", day+2)},
			then{
				accepted, &LoginFailed{Failures: 2, Reason: "cancelled"}, triesLeft(8),
				accepted, &LoginFailed{Failures: 1, Reason: "cancelled"}, triesLeft(9),
				accepted, &LoginFailed{Failures: 0, Reason: "cancelled"}, triesLeft(10)}},
		{"LOCK-1 all failures at one instant",
			given{times(9, fail(0))}, when{fail(0)},
			then{accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"}, &LockoutStarted{Until: after(day)},
				lockedUntil(day)}},
		{"LOCK-2 a failure during the lock moves its end (A-04)",
			given{times(10, fail(0))}, when{fail(hour)},
			then{accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"},
				&LockoutExtended{Until: after(day + hour)}, lockedUntil(day + hour)}},
		{"LOCK-2 uncounted failure does not move the end",
			given{times(10, fail(0))}, when{failed("gateway_error", hour)},
			then{accepted, &LoginFailed{Failures: 10, Reason: "gateway_error"}, lockedUntil(day)}},
		{"LOCK-2 count does not exceed the limit during a lockout (A-06)",
			given{times(30, fail(0))}, when{fail(0)},
			then{accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"}, &LockoutExtended{Until: after(day)},
				lockedUntil(day)}},
		{"LOCK-2 locked until just before the end",
			given{times(10, fail(0))}, when{begin("a", day-1)},
			then{refused(LockedOut), &LoginRefused{Reason: LockedOut}, lockedUntil(day)}},
		{"LOCK-2 lockout has expired at its end, and the count restarts at 0",
			given{times(10, fail(0))}, when{fail(day)},
			then{accepted, &LockoutExpired{}, &LoginFailed{Failures: 1, Reason: "bad_credentials"}, triesLeft(9)}},
		{"LOCK-2 a failure just before its end locks for another day",
			given{times(10, fail(0))}, when{fail(day - 1), begin("a", day), succeed(2*day - 1)},
			then{
				accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"},
				&LockoutExtended{Until: after(2*day - 1)}, lockedUntil(2*day - 1),
				refused(LockedOut), &LoginRefused{Reason: LockedOut}, lockedUntil(2*day - 1),
				accepted, &LockoutExpired{}, &LoginSucceeded{}, triesLeft(10)}},
		{"LOCK-3 begin and success are refused during a lockout, and the count stays",
			given{begin("a", 0), times(10, fail(0))},
			when{begin("b", minute), succeed(minute), finishOK("a", minute), fail(minute)},
			then{
				refused(LockedOut), &LoginRefused{Reason: LockedOut}, lockedUntil(day),
				refused(LockedOut), &LoginRefused{Reason: LockedOut, Reported: Succeeded}, lockedUntil(day),
				refused(LockedOut), &LoginRefused{Reason: LockedOut, Reported: Succeeded}, lockedUntil(day),
				accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"},
				&LockoutExtended{Until: after(day + minute)}, lockedUntil(day + minute)}},
		{"LOCK-3 failed finish is recorded during a lockout (A-04)",
			given{begin("a", 0), times(10, fail(0))}, when{finishFailed("a", "wrong_case", minute)},
			then{accepted, &LoginFailed{Failures: 10, Reason: "wrong_case"},
				&LockoutExtended{Until: after(day + minute)}, lockedUntil(day + minute)}},
		{"LOCK-4 a success resets the count",
			given{times(9, fail(0)), succeed(0)}, when{fail(0)},
			then{accepted, &LoginFailed{Failures: 1, Reason: "bad_credentials"}, triesLeft(9)}},
		{"LOCK-4 successful finish resets the count",
			given{times(5, fail(0)), begin("a", 0), finishOK("a", 0)}, when{fail(0)},
			then{accepted, &LoginFailed{Failures: 1, Reason: "bad_credentials"}, triesLeft(9)}},
	})
}

func TestRefusalsExtend(t *testing.T) {
	hold(t, with(IBKRSLS(), func(p *Policy) { p.RefusalsExtend = true }), []rule{
		{"LOCK-3 refused begin extends the lockout (A-51)",
			given{times(10, fail(0))}, when{begin("a", hour)},
			then{refused(LockedOut), &LoginRefused{Reason: LockedOut}, &LockoutExtended{Until: after(day + hour)},
				lockedUntil(day + hour)}},
		{"LOCK-3 refused success extends the lockout (A-51)",
			given{times(10, fail(0))}, when{succeed(hour), finishOK("a", 2*hour)},
			then{
				refused(LockedOut), &LoginRefused{Reason: LockedOut, Reported: Succeeded},
				&LockoutExtended{Until: after(day + hour)}, lockedUntil(day + hour),
				refused(LockedOut), &LoginRefused{Reason: LockedOut, Reported: Succeeded},
				&LockoutExtended{Until: after(day + 2*hour)}, lockedUntil(day + 2*hour)}},
		{"LOCK-3 other refusals do not extend the lockout (A-51)",
			given{times(9, fail(0)), begin("a", 0)}, when{begin("a", 0), begin("b", 0), finishOK("c", 0)},
			then{
				refused(AttemptOpen), &LoginRefused{Reason: AttemptOpen}, triesLeft(0),
				refused(AttemptsInFlight), &LoginRefused{Reason: AttemptsInFlight}, retryAfter(5 * minute),
				refused(AttemptExpired), &LoginRefused{Reason: AttemptExpired, Reported: Succeeded}, triesLeft(0)}},
		{"LOCK-5 refused release does not extend the lockout (A-51)",
			given{times(10, fail(0))}, when{release(hour), begin("a", day)},
			then{
				refused(IdentityNotVerified), &LockoutRefused{Reason: IdentityNotVerified},
				accepted, &LockoutExpired{}, &LoginStarted{Until: after(day + 5*minute)}, triesLeft(9)}},
	})
}

func TestUntilReleased(t *testing.T) {
	forever := with(IBKRSLS(), func(p *Policy) { p.DurationSeconds, p.Failures = 0, 2 })
	hold(t, forever, []rule{
		{"LOCK-2 a duration of 0 locks until released (A-43)",
			given{fail(0)}, when{fail(0)},
			then{accepted, &LoginFailed{Failures: 2, Reason: "bad_credentials"}, &LockoutStarted{},
				lockedUntilReleased}},
		{"LOCK-2 lockout until released does not end, and its failures leave the window",
			given{times(2, fail(0))}, when{succeed(9999 * day), failed("cancelled", 9999*day)},
			then{
				refused(LockedOut), &LoginRefused{Reason: LockedOut, Reported: Succeeded}, lockedUntilReleased,
				accepted, &LoginFailed{Failures: 0, Reason: "cancelled"}, lockedUntilReleased}},
		{"LOCK-2 failure leaves the lockout until released",
			given{times(2, fail(0))}, when{fail(hour)},
			then{accepted, &LoginFailed{Failures: 2, Reason: "bad_credentials"}, &LockoutExtended{},
				lockedUntilReleased}},
		{"LOCK-5 a release ends it",
			given{times(2, fail(0)), verify(hour)}, when{release(hour), fail(hour)},
			then{
				accepted, &LockoutReleased{},
				accepted, &LoginFailed{Failures: 1, Reason: "bad_credentials"}, triesLeft(1)}},
	})
}
