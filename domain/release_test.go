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
		{"LOCK-5 verification at its end is not valid",
			given{times(10, fail(0)), verify(hour)}, when{release(hour + 30*minute)},
			then{refused(IdentityNotVerified), &LockoutRefused{Reason: IdentityNotVerified}}},
		{"LOCK-5 the newest verification counts (A-37)",
			given{times(10, fail(0)), verify(0), verify(29 * minute)}, when{release(45 * minute)},
			then{accepted, &LockoutReleased{}}},
		{"LOCK-5 one verification serves several releases (A-37)",
			given{times(10, fail(0)), verify(0), release(0), times(10, fail(minute))}, when{release(2 * minute)},
			then{accepted, &LockoutReleased{}}},
		{"LOCK-5 another agent can use the verification (A-37)",
			given{times(10, fail(0)), verify(0)}, when{send(0, &LockoutRelease{User: "alice", Agent: "bob"})},
			then{accepted, &LockoutReleased{}}},
		{"LOCK-5 verification of another user is not valid",
			given{times(10, fail(0)), send(0, &IdentityVerify{User: "bob", Agent: "ann", Channel: "phone"})},
			when{release(0)},
			then{refused(IdentityNotVerified), &LockoutRefused{Reason: IdentityNotVerified}}},
		{"LOCK-5 missing verification hides whether the user is locked (A-37)",
			given{}, when{release(0)},
			then{refused(IdentityNotVerified), &LockoutRefused{Reason: IdentityNotVerified}}},
		{"LOCK-5 user who is not locked",
			given{times(9, fail(0)), verify(0)}, when{release(0), fail(0)},
			then{
				refused(NotLocked), &LockoutRefused{Reason: NotLocked},
				accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"}, &LockoutStarted{Until: after(day)},
				lockedUntil(day)}},
		{"LOCK-5 lockout at its end is not released, and its end is recorded (A-07)",
			given{times(10, fail(0)), verify(day)}, when{release(day)},
			then{refused(NotLocked), &LockoutRefused{Reason: NotLocked}}},
		{"LOCK-5 a release closes the open attempts (A-58)",
			given{begin("a", 0), begin("b", 0), times(10, fail(0)), verify(0)},
			when{release(0), finishOK("a", 0), finishFailed("b", "bad_code", 0)},
			then{
				accepted, &LockoutReleased{Attempts: 2},
				refused(AttemptExpired), &LoginRefused{Reason: AttemptExpired, Reported: Succeeded}, triesLeft(10),
				accepted, &LoginFailed{Failures: 1, Reason: "bad_code"}, triesLeft(9)}},
		{"LOCK-5 release without a lockout closes open attempts and resets the count (A-58)",
			given{times(8, fail(0)), begin("a", 0), begin("b", 0), verify(0)},
			when{begin("c", 0), release(0), begin("c", 0), release(0), release(0)},
			then{
				refused(AttemptsInFlight), &LoginRefused{Reason: AttemptsInFlight}, retryAfter(5 * minute),
				accepted, &LockoutReleased{Attempts: 2},
				accepted, &LoginStarted{Until: after(5 * minute)}, triesLeft(9),
				accepted, &LockoutReleased{Attempts: 1},
				refused(NotLocked), &LockoutRefused{Reason: NotLocked}}},
		{"LOCK-5 lapsed attempt is not open (A-58)",
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
		{"LOCK-5 rules of version 1: open attempt without a lockout is not_locked",
			given{begin("a", 0), verify(0)}, when{version(1, release(0))},
			then{refused(NotLocked), &LockoutRefused{Reason: NotLocked}}},
		{"LOCK-5 recorded fingerprint is no verification",
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
