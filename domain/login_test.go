package domain

import (
	"strings"
	"testing"
)

// named reports an attempt with a user name.
func named(user string, reason string) step {
	if reason == "" {
		return send(0, &LoginReport{User: user, Outcome: Succeeded})
	}
	return send(0, &LoginReport{User: user, Outcome: Failed, Reason: reason})
}

func TestLogin(t *testing.T) {
	hold(t, IBKRSLS(), []rule{
		{"LOGIN-2 a reported success is recorded in one step",
			given{}, when{succeed(0)},
			then{accepted, &LoginSucceeded{}, triesLeft(10)}},
		{"LOGIN-2 begin reserves an attempt and reduces the remaining number (A-35)",
			given{}, when{begin("a", 0)},
			then{accepted, &LoginStarted{Until: after(5 * minute)}, triesLeft(9)}},
		{"LOGIN-2 finish closes the reservation",
			given{begin("a", 0)}, when{finishOK("a", second)},
			then{accepted, &LoginSucceeded{}, triesLeft(10)}},
		{"LOGIN-2 a failed finish turns the reservation into a failure",
			given{begin("a", 0)}, when{finishFailed("a", "bad_code", second)},
			then{accepted, &LoginFailed{Failures: 1, Reason: "bad_code"}, triesLeft(9)}},
		{"LOGIN-3 five reasons count",
			given{}, when{
				failed("bad_credentials", 0), failed("bad_code", 0), failed("expired_code", 0),
				failed("wrong_case", 0), failed("has_spaces", 0)},
			then{
				accepted, &LoginFailed{Failures: 1, Reason: "bad_credentials"}, triesLeft(9),
				accepted, &LoginFailed{Failures: 2, Reason: "bad_code"}, triesLeft(8),
				accepted, &LoginFailed{Failures: 3, Reason: "expired_code"}, triesLeft(7),
				accepted, &LoginFailed{Failures: 4, Reason: "wrong_case"}, triesLeft(6),
				accepted, &LoginFailed{Failures: 5, Reason: "has_spaces"}, triesLeft(5)}},
		{"LOGIN-3 four reasons do not count and leave the count unchanged",
			given{fail(0)}, when{
				failed("cancelled", 0), failed("code_not_received", 0), failed("gateway_error", 0),
				failed("method_rejected", 0)},
			then{
				accepted, &LoginFailed{Failures: 1, Reason: "cancelled"}, triesLeft(9),
				accepted, &LoginFailed{Failures: 1, Reason: "code_not_received"}, triesLeft(9),
				accepted, &LoginFailed{Failures: 1, Reason: "gateway_error"}, triesLeft(9),
				accepted, &LoginFailed{Failures: 1, Reason: "method_rejected"}, triesLeft(9)}},
		{"LOGIN-3 an uncounted failure does not reset the count either (LOCK-4)",
			given{times(9, fail(0)), failed("cancelled", 0)}, when{fail(0)},
			then{accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"}, &LockoutStarted{Until: after(day)},
				lockedUntil(day)}},
	})
}

// Each row is an unattributed attempt. It has no result and does not record the name.
func TestUnattributedLogin(t *testing.T) {
	hold(t, IBKRSLS(), []rule{
		{"LOGIN-1 first invalid character and its position",
			given{}, when{named("al ice!", "bad_credentials")},
			then{refused(InvalidCharacter),
				&LoginUnattributed{Reason: "invalid_character", Position: 3, Character: " "}}},
		{"LOGIN-1 positions count characters, not bytes (A-11)",
			given{}, when{named("bжЖ", "bad_credentials"), named("é", "")},
			then{
				refused(InvalidCharacter), &LoginUnattributed{Reason: "invalid_character", Position: 2, Character: "ж"},
				refused(InvalidCharacter), &LoginUnattributed{Reason: "invalid_character", Position: 1, Character: "é"}}},
		{"LOGIN-1 too long name: first character beyond the maximum (A-11)",
			given{}, when{named(strings.Repeat("a", 64)+"b", "bad_credentials")},
			then{refused(InvalidCharacter),
				&LoginUnattributed{Reason: "invalid_character", Position: 65, Character: "b"}}},
		{"LOGIN-1 name of 64 characters",
			given{}, when{named(strings.Repeat("a", 64), "bad_credentials")},
			then{accepted, &LoginFailed{Failures: 1, Reason: "bad_credentials"}, triesLeft(9)}},
		{"LOGIN-1 empty name: first character missing (A-11)",
			given{}, when{named("", "bad_credentials")},
			then{refused(InvalidCharacter), &LoginUnattributed{Reason: "invalid_character", Position: 1}}},
		{"LOGIN-1 a bad name is refused in begin and finish too, right password or not (A-11)",
			given{}, when{
				send(0, &LoginBegin{User: "Alice", Attempt: "a", Platform: "tws"}),
				send(0, &LoginFinish{User: "Alice", Attempt: "a", Outcome: Succeeded}),
				named("Alice", "")},
			then{
				refused(InvalidCharacter), &LoginUnattributed{Reason: "invalid_character", Position: 1, Character: "A"},
				refused(InvalidCharacter), &LoginUnattributed{Reason: "invalid_character", Position: 1, Character: "A"},
				refused(InvalidCharacter), &LoginUnattributed{Reason: "invalid_character", Position: 1, Character: "A"}}},
		{"LOGIN-1 in any other command a bad name is invalid (A-11)",
			given{}, when{
				send(0, &LockoutRelease{User: "Alice", Agent: "ann"}),
				send(0, &IdentityVerify{User: "Alice", Agent: "ann", Channel: "phone"}),
				send(0, &IdentityRecord{User: "", Fingerprint: strings.Repeat("f", 64)})},
			then{invalid(InvalidCharacter), invalid(InvalidCharacter), invalid(InvalidCharacter)}},
		{"LOGIN-9 unknown user is an unattributed attempt (A-10)",
			given{}, when{named("mallory", UnknownUser)},
			then{accepted, &LoginUnattributed{Reason: "unknown_user"}}},
		{"LOGIN-9 invalid name comes before an unknown user (A-11)",
			given{}, when{named("Mallory", UnknownUser), named("", UnknownUser)},
			then{
				refused(InvalidCharacter), &LoginUnattributed{Reason: "invalid_character", Position: 1, Character: "M"},
				refused(InvalidCharacter), &LoginUnattributed{Reason: "invalid_character", Position: 1}}},
		{"LOGIN-9 unknown users do not count towards a lockout",
			given{times(20, named("alice", UnknownUser))}, when{begin("a", 0)},
			then{accepted, &LoginStarted{Until: after(5 * minute)}, triesLeft(9)}},
		{"LOGIN-9 source has a clock (A-09)",
			given{send(hour, &LoginReport{User: "Alice", Outcome: Succeeded})}, when{named("Alice", "")},
			then{refused(InvalidCharacter).late(hour),
				&LoginUnattributed{Reason: "invalid_character", Position: 1, Character: "A"}}},
	})
}

func TestUnattributedLogin_NamesOnlyTheSource(t *testing.T) {
	l := newLedger(IBKRSLS())
	for _, s := range []step{named("Alice", "bad_code"), named("mallory", UnknownUser)} {
		d := l.do(*s(l))
		if len(d.Entities) != 1 || d.Entities[0] != "source/0007" {
			t.Errorf("entities: got %v, want only the source", d.Entities)
		}
	}
	if len(l.users) > 0 {
		t.Errorf("users after unattributed attempts: got %v, want none", l.users)
	}
}

// The position in the record is sufficient to decide the attempt again.
func TestUnattributedLogin_DecidedAgainWithoutName(t *testing.T) {
	for _, s := range []step{named("al ice", "bad_code"), named("", UnknownUser),
		named("mallory", UnknownUser)} {
		l := newLedger(IBKRSLS())
		c := s(l)
		first := l.do(*c)
		kept := *c
		kept.Data = &LoginReport{Outcome: Failed, Reason: c.Data.(*LoginReport).Reason}
		kept.BadName = l.records[0].Unattributed().BadName()
		again := newLedger(IBKRSLS()).do(kept)
		if got, want := formatted(&kept, &again),
			formatted(c, &first); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("second decision: got %q, want %q", got, want)
		}
	}
}
