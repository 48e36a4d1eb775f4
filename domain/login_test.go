package domain

import (
	"strings"
	"testing"
)

// named reports an attempt under any name.
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
		{"LOGIN-2 begin reserves an attempt, A-35 which is no longer left",
			given{}, when{begin("a", 0)},
			then{"accepted", "login.started until=5m", "9 left"}},
		{"LOGIN-2 finish frees it, with the outcome",
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
		{"LOGIN-3 three do not, and leave the count as it is",
			given{fail(0)}, when{
				failed("cancelled", 0), failed("code_not_received", 0), failed("gateway_error", 0)},
			then{
				"accepted", "login.failed failures=1 reason=cancelled", "9 left",
				"accepted", "login.failed failures=1 reason=code_not_received", "9 left",
				"accepted", "login.failed failures=1 reason=gateway_error", "9 left"}},
		{"LOGIN-3 an uncounted failure does not reset the count either (LOCK-4)",
			given{times(9, fail(0)), failed("cancelled", 0)}, when{fail(0)},
			then{"accepted", "login.failed failures=10 reason=bad_credentials", "lockout.started until=24h", "locked until 24h"}},
	})
}

// Every row is an attempt that is nobody's: it has no result, and no name in it.
func TestUnattributedLogin(t *testing.T) {
	hold(t, IBKRSLS(), []rule{
		{"LOGIN-1 the first character that offends is named, with its position",
			given{}, when{named("al ice!", "bad_credentials")},
			then{"refused invalid_character", "login.unattributed reason=invalid_character position=3 character= "}},
		{"LOGIN-1 positions count characters, not bytes (A-11)",
			given{}, when{named("bжЖ", "bad_credentials"), named("é", "")},
			then{
				"refused invalid_character", "login.unattributed reason=invalid_character position=2 character=ж",
				"refused invalid_character", "login.unattributed reason=invalid_character position=1 character=é"}},
		{"LOGIN-1 too long offends at the first character too many (A-11)",
			given{}, when{named(strings.Repeat("a", 64)+"b", "bad_credentials")},
			then{"refused invalid_character", "login.unattributed reason=invalid_character position=65 character=b"}},
		{"LOGIN-1 64 characters are not too long",
			given{}, when{named(strings.Repeat("a", 64), "bad_credentials")},
			then{"accepted", "login.failed failures=1 reason=bad_credentials", "9 left"}},
		{"LOGIN-1 an empty name lacks its first character (A-11)",
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
		{"LOGIN-9 an unknown user is a fact of nobody (A-10)",
			given{}, when{named("mallory", UnknownUser)},
			then{"accepted", "login.unattributed reason=unknown_user"}},
		{"LOGIN-9 a bad name beats an unknown one, also the empty one (A-11)",
			given{}, when{named("Mallory", UnknownUser), named("", UnknownUser)},
			then{
				"refused invalid_character", "login.unattributed reason=invalid_character position=1 character=M",
				"refused invalid_character", "login.unattributed reason=invalid_character position=1"}},
		{"LOGIN-9 unknown users count towards no lock",
			given{times(20, named("alice", UnknownUser))}, when{begin("a", 0)},
			then{"accepted", "login.started until=5m", "9 left"}},
		{"LOGIN-9 a source has a clock like any entity (A-09)",
			given{send(hour, &LoginReport{User: "Alice", Outcome: Succeeded})}, when{named("Alice", "")},
			then{"refused invalid_character late, at 1h", "login.unattributed reason=invalid_character position=1 character=A"}},
	})
}

func TestLOGIN9UnattributedNamesOnlyTheSource(t *testing.T) {
	l := newLedger(IBKRSLS())
	for _, s := range []step{named("Alice", "bad_code"), named("mallory", UnknownUser)} {
		d := l.do(*s(l))
		if len(d.Entities) != 1 || d.Entities[0] != "source/0007" {
			t.Errorf("entities %v, want only the source", d.Entities)
		}
	}
	if len(l.users) > 0 {
		t.Errorf("an attacker made users: %v", l.users)
	}
}

// What a record keeps of a name must do to decide it again.
func TestLOGIN9UnattributedIsDecidedAgainWithoutItsName(t *testing.T) {
	for _, s := range []step{named("al ice", "bad_code"), named("", UnknownUser), named("mallory", UnknownUser)} {
		l := newLedger(IBKRSLS())
		c := s(l)
		first := l.do(*c)
		kept := *c
		kept.Data = &LoginReport{Outcome: Failed, Reason: c.Data.(*LoginReport).Reason}
		kept.BadName = l.records[0].Unattributed().BadName()
		again := newLedger(IBKRSLS()).do(kept)
		if got, want := told(&kept, &again), told(c, &first); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("decided again: %q, want %q", got, want)
		}
	}
}
