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
				refused(AttemptsInFlight), &LoginRefused{Reason: AttemptsInFlight}, retryAfter(5 * minute),
				accepted, &LoginAbandoned{Attempt: "a"}, &LoginAbandoned{Attempt: "b"}, &LoginAbandoned{Attempt: "c"},
				&LoginStarted{Until: after(10 * minute)}, triesLeft(2)}},
		{"LOCK-2 fast sender clock does not end a lockout",
			given{times(3, arrives(0, finishFailed("x", "bad_code", slow)))},
			when{arrives(second, begin("a", fast)), arrives(10*minute-1, begin("a", 14*minute)),
				arrives(10*minute, begin("a", 5*minute+1))},
			then{
				refused(LockedOut), &LoginRefused{Reason: LockedOut}, lockedUntil(10 * minute),
				refused(LockedOut), &LoginRefused{Reason: LockedOut}, lockedUntil(10 * minute),
				accepted, &LockoutExpired{}, &LoginStarted{Until: after(15 * minute)}, triesLeft(2)}},
		{"LOCK-6 finish with a fast sender clock is in time",
			given{arrives(0, begin("a", 0))}, when{arrives(minute, finishOK("a", 6*minute))},
			then{accepted, &LoginSucceeded{}, triesLeft(3)}},
		{"LOCK-6 finish with a slow sender clock is too late",
			given{arrives(0, begin("a", 0))}, when{arrives(5*minute, finishOK("a", minute))},
			then{refused(AttemptExpired), &LoginAbandoned{Attempt: "a"},
				&LoginRefused{Reason: AttemptExpired, Reported: Succeeded}, triesLeft(3)}},
		{"arrival before the user's clock is late and decided at the clock",
			given{fail(minute)}, when{arrives(0, begin("a", 2*minute))},
			then{accepted.late(minute), &LoginStarted{Until: after(6 * minute)}, triesLeft(1)}},
		{"report is decided at the sender's time",
			given{}, when{arrives(hour, fail(minute))},
			then{accepted, &LoginFailed{Failures: 1, Reason: "bad_credentials"}, triesLeft(2)}},
		{"backfilled begin is decided at the sender's time",
			given{}, when{backfilled(arrives(hour, begin("a", minute)))},
			then{accepted, &LoginStarted{Until: after(6 * minute)}, triesLeft(2)}},
		{"rules of version 1 decide at the sender's time",
			given{version(1, begin("a", slow)), version(1, begin("b", slow)), version(1, begin("c", slow))},
			when{version(1, begin("d", 2*second))},
			then{accepted, on(second, &LoginAbandoned{Attempt: "a"}), on(second, &LoginAbandoned{Attempt: "b"}),
				on(second, &LoginAbandoned{Attempt: "c"}), &LoginStarted{Until: after(5*minute + 2*second)},
				triesLeft(2)}},
	})
}
