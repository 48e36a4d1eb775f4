package domain

import (
	"strings"
	"testing"
)

func TestRelease(t *testing.T) {
	hold(t, IBKRSLS(), []rule{
		{"LOCK-5 a verified release ends the lock and resets the count",
			given{times(10, fail(0)), verify(hour)}, when{release(hour), fail(hour)},
			then{
				accepted, &LockoutReleased{},
				accepted, &LoginFailed{Failures: 1, Reason: "bad_credentials"}, triesLeft(9)}},
		{"LOCK-5 the verification is live until just before its end (A-06)",
			given{times(10, fail(0)), verify(hour)}, when{release(hour + 30*minute - 1)},
			then{accepted, &LockoutReleased{}}},
		{"LOCK-5 and over at its end",
			given{times(10, fail(0)), verify(hour)}, when{release(hour + 30*minute)},
			then{refused(IdentityNotVerified), &LockoutRefused{Reason: IdentityNotVerified}}},
		{"LOCK-5 the newest verification counts (A-37)",
			given{times(10, fail(0)), verify(0), verify(29 * minute)}, when{release(45 * minute)},
			then{accepted, &LockoutReleased{}}},
		{"LOCK-5 it is not used up (A-37)",
			given{times(10, fail(0)), verify(0), release(0), times(10, fail(minute))}, when{release(2 * minute)},
			then{accepted, &LockoutReleased{}}},
		{"LOCK-5 any agent may use it (A-37)",
			given{times(10, fail(0)), verify(0)}, when{send(0, &LockoutRelease{User: "alice", Agent: "bob"})},
			then{accepted, &LockoutReleased{}}},
		{"LOCK-5 of another user does not help",
			given{times(10, fail(0)), send(0, &IdentityVerify{User: "bob", Agent: "ann", Channel: "phone"})},
			when{release(0)},
			then{refused(IdentityNotVerified), &LockoutRefused{Reason: IdentityNotVerified}}},
		{"LOCK-5 an unverified caller does not learn whether there is a lock (A-37)",
			given{}, when{release(0)},
			then{refused(IdentityNotVerified), &LockoutRefused{Reason: IdentityNotVerified}}},
		{"LOCK-5 nothing to release",
			given{times(9, fail(0)), verify(0)}, when{release(0), fail(0)},
			then{
				refused(NotLocked), &LockoutRefused{Reason: NotLocked},
				accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"}, &LockoutStarted{Until: after(day)},
				lockedUntil(day)}},
		{"LOCK-5 a lock whose end has come is none: its end is carried ahead (A-07)",
			given{times(10, fail(0)), verify(day)}, when{release(day)},
			then{refused(NotLocked), &LockoutRefused{Reason: NotLocked}}},
		{"LOCK-5 a release closes the open attempts (A-58)",
			given{begin("a", 0), begin("b", 0), times(10, fail(0)), verify(0)},
			when{release(0), finishOK("a", 0), finishFailed("b", "bad_code", 0)},
			then{
				accepted, &LockoutReleased{Attempts: 2},
				refused(AttemptExpired), &LoginRefused{Reason: AttemptExpired, Reported: Succeeded}, triesLeft(10),
				accepted, &LoginFailed{Failures: 1, Reason: "bad_code"}, triesLeft(9)}},
		{"LOCK-5 also when there is no lock: the count starts from zero and the user may begin again (A-58)",
			given{times(8, fail(0)), begin("a", 0), begin("b", 0), verify(0)},
			when{begin("c", 0), release(0), begin("c", 0), release(0), release(0)},
			then{
				refused(AttemptsInFlight), &LoginRefused{Reason: AttemptsInFlight}, retryAfter(5 * minute),
				accepted, &LockoutReleased{Attempts: 2},
				accepted, &LoginStarted{Until: after(5 * minute)}, triesLeft(9),
				accepted, &LockoutReleased{Attempts: 1},
				refused(NotLocked), &LockoutRefused{Reason: NotLocked}}},
		{"LOCK-5 a lapsed attempt is not open any more (A-58)",
			given{begin("a", 0), verify(0)}, when{release(5 * minute)},
			then{refused(NotLocked), &LoginAbandoned{Attempt: "a"}, &LockoutRefused{Reason: NotLocked}}},
		{"LOCK-5 an attempt is not closed without a verified identity (A-58)",
			given{begin("a", 0)}, when{release(0), finishOK("a", 0)},
			then{
				refused(IdentityNotVerified), &LockoutRefused{Reason: IdentityNotVerified},
				accepted, &LoginSucceeded{}, triesLeft(10)}},
		{"LOCK-5 rules of version 1: a release closes no attempt (A-13)",
			given{begin("a", 0), times(10, fail(0)), verify(0), version(1, release(0))}, when{finishOK("a", 0)},
			then{accepted, &LoginSucceeded{}, triesLeft(10)}},
		{"LOCK-5 rules of version 1: an open attempt alone is nothing to release",
			given{begin("a", 0), verify(0)}, when{version(1, release(0))},
			then{refused(NotLocked), &LockoutRefused{Reason: NotLocked}}},
		{"LOCK-5 a recorded fingerprint verifies nobody",
			given{times(10, fail(0)), send(0, &IdentityRecord{User: "alice", Fingerprint: strings.Repeat("f", 64)})},
			when{release(0)},
			then{refused(IdentityNotVerified), &LockoutRefused{Reason: IdentityNotVerified}}},
	})
}

func TestIdentity_KeepsNewestFingerprint(t *testing.T) {
	l := newLedger(IBKRSLS())
	for _, print := range []string{strings.Repeat("a", 64), strings.Repeat("b", 64)} {
		d := l.do(*send(0, &IdentityRecord{User: "alice", Fingerprint: print})(l))
		if d.Status != Accepted || l.users["alice"].Identity.Fingerprint != print {
			t.Errorf("got %s with fingerprint %q, want %q", d.Status, l.users["alice"].Identity.Fingerprint, print)
		}
	}
}

// A form that accepts raw identity data would store it permanently.
func TestFingerprint_RejectsRawData(t *testing.T) {
	for _, c := range []struct {
		text string
		ok   bool
	}{
		{strings.Repeat("0f", 16), true},
		{strings.Repeat("Ab+/", 10) + "a9==", true},
		{strings.Repeat("f", 31), false},
		{strings.Repeat("f", 128), true},
		{strings.Repeat("f", 129), false},
		{"1990-01-01, US, US, passport, 123456789", false},
		{"", false},
	} {
		if ok := fingerprintForm.Wrong(c.text) == ""; ok != c.ok {
			t.Errorf("fingerprint %q: got valid %v, want %v", c.text, ok, c.ok)
		}
	}
}
