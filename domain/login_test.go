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
			then{"accepted", "login.succeeded", "10 left"}},
		{"LOGIN-2 begin reserves an attempt and reduces the remaining number (A-35)",
			given{}, when{begin("a", 0)},
			then{"accepted", "login.started until=5m", "9 left"}},
		{"LOGIN-2 finish closes the reservation",
			given{begin("a", 0)}, when{finishOK("a", second)},
			then{"accepted", "login.succeeded", "10 left"}},
		{"LOGIN-2 a failed finish turns the reservation into a failure",
			given{begin("a", 0)}, when{finishFailed("a", "bad_code", second)},
			then{"accepted", "login.failed failures=1 reason=bad_code", "9 left"}},
		{"LOGIN-3 five reasons count",
			given{}, when{
				failed("bad_credentials", 0), failed("bad_code", 0), failed("expired_code", 0),
				failed("wrong_case", 0), failed("has_spaces", 0)},
			then{
				"accepted", "login.failed failures=1 reason=bad_credentials", "9 left",
				"accepted", "login.failed failures=2 reason=bad_code", "8 left",
				"accepted", "login.failed failures=3 reason=expired_code", "7 left",
				"accepted", "login.failed failures=4 reason=wrong_case", "6 left",
				"accepted", "login.failed failures=5 reason=has_spaces", "5 left"}},
		{"LOGIN-3 four reasons do not count and leave the count unchanged",
			given{fail(0)}, when{
				failed("cancelled", 0), failed("code_not_received", 0), failed("gateway_error", 0),
				failed("method_rejected", 0)},
			then{
				"accepted", "login.failed failures=1 reason=cancelled", "9 left",
				"accepted", "login.failed failures=1 reason=code_not_received", "9 left",
				"accepted", "login.failed failures=1 reason=gateway_error", "9 left",
				"accepted", "login.failed failures=1 reason=method_rejected", "9 left"}},
		{"LOGIN-3 an uncounted failure does not reset the count either (LOCK-4)",
			given{times(9, fail(0)), failed("cancelled", 0)}, when{fail(0)},
			then{"accepted", "login.failed failures=10 reason=bad_credentials", "lockout.started until=24h",
				"locked until 24h"}},
	})
}

// Each row is an unattributed attempt. It has no result and does not record the name.
func TestUnattributedLogin(t *testing.T) {
	hold(t, IBKRSLS(), []rule{
		{"LOGIN-1 first invalid character and its position",
			given{}, when{named("al ice!", "bad_credentials")},
			then{"refused invalid_character", "login.unattributed reason=invalid_character position=3 character= "}},
		{"LOGIN-1 positions count characters, not bytes (A-11)",
			given{}, when{named("bжЖ", "bad_credentials"), named("é", "")},
			then{
				"refused invalid_character", "login.unattributed reason=invalid_character position=2 character=ж",
				"refused invalid_character", "login.unattributed reason=invalid_character position=1 character=é"}},
		{"LOGIN-1 too long name: first character beyond the maximum (A-11)",
			given{}, when{named(strings.Repeat("a", 64)+"b", "bad_credentials")},
			then{"refused invalid_character", "login.unattributed reason=invalid_character position=65 character=b"}},
		{"LOGIN-1 name of 64 characters",
			given{}, when{named(strings.Repeat("a", 64), "bad_credentials")},
			then{"accepted", "login.failed failures=1 reason=bad_credentials", "9 left"}},
		{"LOGIN-1 empty name: first character missing (A-11)",
			given{}, when{named("", "bad_credentials")},
			then{"refused invalid_character", "login.unattributed reason=invalid_character position=1"}},
		{"LOGIN-1 a bad name is refused in begin and finish too, right password or not (A-11)",
			given{}, when{
				send(0, &LoginBegin{User: "Alice", Attempt: "a", Platform: "tws"}),
				send(0, &LoginFinish{User: "Alice", Attempt: "a", Outcome: Succeeded}),
				named("Alice", "")},
			then{
				"refused invalid_character", "login.unattributed reason=invalid_character position=1 character=A",
				"refused invalid_character", "login.unattributed reason=invalid_character position=1 character=A",
				"refused invalid_character", "login.unattributed reason=invalid_character position=1 character=A"}},
		{"LOGIN-1 in any other command a bad name is invalid (A-11)",
			given{}, when{
				send(0, &LockoutRelease{User: "Alice", Agent: "ann"}),
				send(0, &IdentityVerify{User: "Alice", Agent: "ann", Channel: "phone"}),
				send(0, &IdentityRecord{User: "", Fingerprint: strings.Repeat("f", 64)})},
			then{"invalid invalid_character", "invalid invalid_character", "invalid invalid_character"}},
		{"LOGIN-9 unknown user is an unattributed attempt (A-10)",
			given{}, when{named("mallory", UnknownUser)},
			then{"accepted", "login.unattributed reason=unknown_user"}},
		{"LOGIN-9 invalid name comes before an unknown user (A-11)",
			given{}, when{named("Mallory", UnknownUser), named("", UnknownUser)},
			then{
				"refused invalid_character", "login.unattributed reason=invalid_character position=1 character=M",
				"refused invalid_character", "login.unattributed reason=invalid_character position=1"}},
		{"LOGIN-9 unknown users do not count towards a lockout",
			given{times(20, named("alice", UnknownUser))}, when{begin("a", 0)},
			then{"accepted", "login.started until=5m", "9 left"}},
		{"LOGIN-9 source has a clock (A-09)",
			given{send(hour, &LoginReport{User: "Alice", Outcome: Succeeded})}, when{named("Alice", "")},
			then{"refused invalid_character late, at 1h",
				"login.unattributed reason=invalid_character position=1 character=A"}},
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
