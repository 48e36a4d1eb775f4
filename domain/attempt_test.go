package domain

import "testing"

func TestReservations(t *testing.T) {
	hold(t, with(IBKRSLS(), func(p *Policy) { p.Failures = 3 }), []rule{
		{"LOCK-6 failures and reservations fill the limit together, and say when to retry (A-35)",
			given{fail(0), begin("a", 0), begin("b", second)}, when{begin("c", second)},
			then{"refused attempts_in_flight", "login.refused reason=attempts_in_flight", "0 left, retry after 5m"}},
		{"LOCK-6 the first failure to leave frees a place, a nanosecond after the window's edge (A-35)",
			given{fail(0), fail(hour), begin("a", day-minute)}, when{begin("b", day), begin("b", day+1)},
			then{
				"refused attempts_in_flight", "login.refused reason=attempts_in_flight", "0 left, retry after 24h+1ns",
				"accepted", "login.started until=24h5m+1ns", "0 left"}},
		{"LOCK-6 more than the limit in use: as many must leave",
			given{begin("a", 0), begin("b", minute), begin("c", 2*minute), fail(2 * minute)}, when{begin("d", 2*minute)},
			then{"refused attempts_in_flight", "login.refused reason=attempts_in_flight", "0 left, retry after 6m"}},
		{"LOCK-6 a failed finish leaves as much room as before",
			given{begin("a", 0), begin("b", 0), begin("c", 0)}, when{finishFailed("a", "bad_code", 0), begin("d", 0)},
			then{
				"accepted", "login.failed failures=1 reason=bad_code", "0 left",
				"refused attempts_in_flight", "login.refused reason=attempts_in_flight", "0 left, retry after 5m"}},
		{"LOCK-6 an uncounted finish makes room",
			given{begin("a", 0), begin("b", 0), begin("c", 0)}, when{finishFailed("a", "cancelled", 0), begin("d", 0)},
			then{
				"accepted", "login.failed failures=0 reason=cancelled", "1 left",
				"accepted", "login.started until=5m", "0 left"}},
		{"LOCK-6 a reservation is open until just before its end (A-06)",
			given{begin("a", 0)}, when{finishOK("a", 5*minute-1)},
			then{"accepted", "login.succeeded", "3 left"}},
		{"LOCK-6 a reservation lapses at its end, counts as nothing, and its success comes too late",
			given{begin("a", 0)}, when{finishOK("a", 5*minute)},
			then{"refused attempt_expired", "login.abandoned attempt=a", "login.refused reason=attempt_expired reported=succeeded", "3 left"}},
		{"LOCK-6 a counted failure of a lapsed attempt still counts",
			given{begin("a", 0)}, when{finishFailed("a", "bad_code", 5*minute)},
			then{"accepted", "login.abandoned attempt=a", "login.failed failures=1 reason=bad_code", "2 left"}},
		{"LOCK-6 an unknown attempt the same (A-13)",
			given{}, when{finishOK("a", 0), finishFailed("a", "bad_code", 0), finishFailed("a", "cancelled", 0)},
			then{
				"refused attempt_expired", "login.refused reason=attempt_expired reported=succeeded", "3 left",
				"accepted", "login.failed failures=1 reason=bad_code", "2 left",
				"accepted", "login.failed failures=1 reason=cancelled", "2 left"}},
		{"LOCK-6 a second finish is one of an unknown attempt (A-13)",
			given{begin("a", 0), finishFailed("a", "bad_code", 0)}, when{finishOK("a", 0), finishFailed("a", "bad_code", 0)},
			then{
				"refused attempt_expired", "login.refused reason=attempt_expired reported=succeeded", "2 left",
				"accepted", "login.failed failures=2 reason=bad_code", "1 left"}},
		{"LOCK-6 a lapsed attempt's failure may be the last",
			given{begin("a", 0), times(2, fail(0))}, when{finishFailed("a", "bad_code", 5*minute)},
			then{
				"accepted", "login.abandoned attempt=a", "login.failed failures=3 reason=bad_code",
				"lockout.started until=24h5m", "locked until 24h5m"}},
		{"LOCK-6 begin of an open attempt is refused before room is judged (A-13, A-14)",
			given{begin("a", 0), begin("b", 0), begin("c", 0)}, when{begin("c", 0)},
			then{"refused attempt_open", "login.refused reason=attempt_open", "0 left"}},
		{"LOCK-6 but after the lock (A-13)",
			given{begin("a", 0), times(3, fail(0))}, when{begin("a", 0)},
			then{"refused locked_out", "login.refused reason=locked_out", "locked until 24h"}},
		{"LOCK-6 once finished or lapsed, an attempt's id may be used again (A-14)",
			given{begin("a", 0), finishFailed("a", "cancelled", 0), begin("b", 0)}, when{begin("a", 0), begin("b", 5*minute)},
			then{
				"accepted", "login.started until=5m", "1 left",
				"accepted", "login.abandoned attempt=b", "login.abandoned attempt=a", "login.started until=10m", "2 left"}},
		{"LOCK-6 a refused finish closes its reservation (A-13)",
			given{begin("a", 0), times(3, fail(0)), finishOK("a", 0), verify(0), release(0)}, when{finishOK("a", 0)},
			then{"refused attempt_expired", "login.refused reason=attempt_expired reported=succeeded", "3 left"}},
		{"LOCK-6 locked beats lapsed (A-13)",
			given{begin("a", 0), times(3, fail(0))}, when{finishOK("a", 5*minute), finishOK("x", 5*minute)},
			then{
				"refused locked_out", "login.abandoned attempt=a", "login.refused reason=locked_out reported=succeeded", "locked until 24h",
				"refused locked_out", "login.refused reason=locked_out reported=succeeded", "locked until 24h"}},
		{"LOCK-6 a success closes no other reservation, nor does a lock (A-13)",
			given{begin("a", 0), begin("b", 0)}, when{finishOK("a", 0), succeed(0), times(3, fail(0)), verify(0), release(0), finishOK("b", 0)},
			then{
				"accepted", "login.succeeded", "2 left",
				"accepted", "login.succeeded", "2 left",
				"accepted", "login.failed failures=1 reason=bad_credentials", "1 left",
				"accepted", "login.failed failures=2 reason=bad_credentials", "0 left",
				"accepted", "login.failed failures=3 reason=bad_credentials", "lockout.started until=24h", "locked until 24h",
				"accepted", "identity.verified",
				"accepted", "lockout.released",
				"accepted", "login.succeeded", "3 left"}},
		{"LOCK-6 another user's attempt of the same id is another (A-14)",
			given{begin("a", 0)}, when{send(0, &LoginBegin{User: "bob", Attempt: "a", Platform: "tws"})},
			then{"accepted", "login.started until=5m", "2 left"}},
	})
}
