package domain

import (
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func forget(user string) step {
	return send(hour, &PersonForget{User: user, Case: "C-1", By: "olga", Purpose: "erasure request"})
}
func holdData(user, number string) step {
	return send(0, &PersonHold{User: user, Case: number, By: "olga"})
}
func releaseHold(user, number string) step {
	return send(0, &PersonRelease{User: user, Case: number, By: "olga"})
}

func refusedPerson(reason Reason) then { return then{refused(reason), &PersonRefused{reason}} }

// manyHolds holds alice's data in the maximum number of cases.
func manyHolds() (all steps) {
	for i := range holdsMax {
		all = append(all, holdData("alice", "L-"+strconv.Itoa(i)))
	}
	return all
}

func TestPersonForget_Refusals(t *testing.T) {
	gold := hasDevice("alice", "gold", Gold, 0)
	taken := party("alice").takes("w", "5", "gold", 0)
	forgotten := then{accepted, &PersonForgotten{}}
	rules := []rule{
		{"PERSON-1 known user", given{fail(0)}, when{forget("alice")}, forgotten},
		{"PERSON-1 unknown user", nil, when{forget("alice")}, refusedPerson(UnknownUser)},
		{"A-62 forgotten user", given{fail(0), forget("alice")}, when{forget("alice")},
			refusedPerson(UnknownUser)},
		{"A-62 new person", given{fail(0), forget("alice"), fail(hour)}, when{forget("alice")}, forgotten},
		{"A-62 hold", given{fail(0), holdData("alice", "L")}, when{forget("alice")}, refusedPerson(OnHold)},
		{"A-62 second hold", given{fail(0), holdData("alice", "L"), holdData("alice", "M"),
			releaseHold("alice", "L")}, when{forget("alice")}, refusedPerson(OnHold)},
		{"A-62 released holds", given{fail(0), holdData("alice", "L"), holdData("alice", "M"),
			releaseHold("alice", "L"), releaseHold("alice", "M")}, when{forget("alice")}, forgotten},
		{"A-62 hold of another user", given{fail(0), theRequester.fails(0), holdData("bob", "L")},
			when{forget("alice")}, forgotten},
		{"A-62 open withdrawal", given{gold, taken}, when{forget("alice")}, refusedPerson(WithdrawalOpen)},
		{"A-62 hold before withdrawal", given{gold, taken, holdData("alice", "L")}, when{forget("alice")},
			refusedPerson(OnHold)},
		{"A-62 two withdrawals, one open", given{gold, taken, party("alice").takes("v", "5", "gold", 0),
			theRequester.settles("v", 0)}, when{forget("alice")}, refusedPerson(WithdrawalOpen)},
		{"A-62 settled withdrawal", given{gold, taken, theRequester.settles("w", 0)}, when{forget("alice")},
			forgotten},
		{"A-62 cancelled withdrawal", given{gold, taken, theRequester.recalls("w", 0)}, when{forget("alice")},
			forgotten},
		{"A-62 denied withdrawal", given{gold, party("alice").takes("w", "5", "other", 0)}, when{forget("alice")},
			forgotten},
	}
	hold(t, IBKRSLS(), rules)
}

func TestPersonHold(t *testing.T) {
	held, released := then{accepted, &PersonHeld{}}, then{accepted, &PersonReleased{}}
	hold(t, IBKRSLS(), []rule{
		{"PERSON-2 known user", given{fail(0)}, when{holdData("alice", "L")}, held},
		{"PERSON-2 unknown user", nil, when{holdData("alice", "L")}, refusedPerson(UnknownUser)},
		{"PERSON-2 forgotten user", given{fail(0), forget("alice")}, when{holdData("alice", "L")},
			refusedPerson(UnknownUser)},
		{"PERSON-2 case holds already", given{fail(0), holdData("alice", "L")}, when{holdData("alice", "L")},
			refusedPerson(AlreadyHeld)},
		{"PERSON-2 another case", given{fail(0), holdData("alice", "L")}, when{holdData("alice", "M")}, held},
		{"PERSON-2 maximum", given{fail(0), manyHolds()}, when{holdData("alice", "M")},
			refusedPerson(TooMany)},
		{"PERSON-3 case of the hold", given{fail(0), holdData("alice", "L")}, when{releaseHold("alice", "L")},
			released},
		{"PERSON-3 another case", given{fail(0), holdData("alice", "L")}, when{releaseHold("alice", "l")},
			refusedPerson(NotHeld)},
		{"PERSON-3 released already", given{fail(0), holdData("alice", "L"), releaseHold("alice", "L")},
			when{releaseHold("alice", "L")}, refusedPerson(NotHeld)},
		{"PERSON-3 unknown user", nil, when{releaseHold("alice", "L")}, refusedPerson(UnknownUser)},
	})
}

// An erasure ends everything that authenticates the user, and a new person inherits nothing.
func TestPersonForget_NewPersonInheritsNothing(t *testing.T) {
	alice, print := party("alice"), "0123456789abcdef0123456789abcdef"
	had := given{
		alice.is(print, 0), theRequester.is(print, 0), theRequester.has("gold", Gold, 0),
		alice.has("plus", DigitalSecurityCardPlus, 0), alice.has("app", IBKRMobile, 0),
		deactivateDevice("alice", "app", ByUser, 0), alice.has("app2", IBKRMobile, 0),
		theRequester.asks("s1", alice, "plus", 0), alice.passcode("pass", 0), issueCard("card", 0),
		times(9, fail(hour-1)), begin("a", hour-1), fail(hour - 1), issueSMS("sms", hour-1),
	}
	hold(t, IBKRSLS(), []rule{{"PERSON-1 every state", had, when{forget("alice")}, then{accepted,
		&PersonForgotten{}, &LockoutReleased{Attempts: 1}, &SharingCancelled{Sharing: "s1"}}}})

	l := newLedger(IBKRSLS())
	for _, s := range append(had, forget("alice")) {
		for _, s := range s.list() {
			l.do(*s(l))
		}
	}
	got := l.users["alice"]
	want := User{Clock: epoch.Add(hour), Forgotten: epoch.Add(hour),
		Turns: got.Turns, Activated: got.Activated}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || got.Turns == 0 {
		t.Errorf("user after the erasure (-want +got)\n%s", diff)
	}
	if shares := l.users[theRequester.name()].Shares; len(shares) != 0 {
		t.Errorf("sharings of the other user: got %+v, want none", shares)
	}
	if h := l.items[HolderKey("plus")]; h != nil {
		t.Errorf("holder of the card: got %+v, want none", h)
	}
	for name, c := range map[string]struct {
		step step
		want Reason
	}{
		"device of the forgotten person":   {alice.has("app", IBKRMobile, 2*hour), DeviceGone},
		"passcode of the forgotten person": {redeem("pass", 2*hour), CodeIsRevoked},
		"verification before the erasure":  {issue(TempPasscode, "p2", hour+1), IdentityNotVerified},
	} {
		if d := l.do(*c.step(l)); d.Reason != c.want {
			t.Errorf("%s: got %q, want %q", name, d.Reason, c.want)
		}
	}
	if got := l.users["alice"].Forgotten; !got.IsZero() {
		t.Errorf("a later record names the user: got forgotten at %v, want a new person", got)
	}
}

// The record of an erasure names the user and each other user of a sharing once.
func TestPersonForget_Entities(t *testing.T) {
	alice, print := party("alice"), "0123456789abcdef0123456789abcdef"
	l := newLedger(IBKRSLS())
	for _, s := range []step{alice.is(print, 0), theRequester.is(print, 0), alice.has("gold", Gold, 0),
		alice.has("gold2", Gold, 0), theRequester.asks("s1", alice, "gold", 0),
		theRequester.asks("s2", alice, "gold2", 0)} {
		if d := l.do(*s(l)); d.Status != Accepted {
			t.Fatalf("preparation: got %s %s, want accepted", d.Status, d.Reason)
		}
	}
	d := l.do(*forget("alice")(l))
	want := []Entity{"user/alice", UserEntity(theRequester.name())}
	if diff := cmp.Diff(want, d.Entities); diff != "" {
		t.Errorf("entities (-want +got)\n%s", diff)
	}
	if d := l.do(*forget("nobody")(l)); len(d.Entities) != 1 || d.Entities[0] != SystemPerson {
		t.Errorf("entities of an unknown user: got %v, want %s", d.Entities, SystemPerson)
	}
	if s := l.items[SharingKey("s2")].(*Sharing); s.State != Cancelled {
		t.Errorf("sharing s2: got the state %s, want %s", s.State, Cancelled)
	}
}

// A command that names no user starts no new person, although its record concerns the forgotten user.
func TestPersonForget_LaterRecordOfSharing(t *testing.T) {
	alice, print := party("alice"), "0123456789abcdef0123456789abcdef"
	l := newLedger(IBKRSLS())
	for _, s := range []step{alice.is(print, 0), theRequester.is(print, 0), alice.has("gold", Gold, 0),
		theRequester.asks("s1", alice, "gold", 0), forget("alice")} {
		if d := l.do(*s(l)); d.Status != Accepted {
			t.Fatalf("preparation: got %s %s, want accepted", d.Status, d.Reason)
		}
	}
	if d := l.do(*endLoan("s1", 2*hour)(l)); d.Status != Refused || !slices.Contains(d.Entities, "user/alice") {
		t.Fatalf("end of the cancelled sharing: got %s %v, want a refusal about alice", d.Status, d.Entities)
	}
	if d := l.do(*forget("alice")(l)); d.Reason != UnknownUser {
		t.Errorf("second erasure: got %s %s, want %s", d.Status, d.Reason, UnknownUser)
	}
}

// The events of an erasure have no other cause, because the ledger destroys keys at these events.
func TestPersonForgotten_Causes(t *testing.T) {
	for _, c := range []struct {
		event   caused
		command CommandData
		want    bool
	}{
		{&PersonForgotten{}, &PersonForget{}, true}, {&PersonForgotten{}, &PersonHold{}, false},
		{&PersonForgotten{}, &PersonRelease{}, false}, {&PersonForgotten{}, &DeviceDeactivate{}, false},
	} {
		if got := c.event.causedBy(c.command); got != c.want {
			t.Errorf("%+v caused by %s: got %t, want %t", c.event, c.command.CommandType(), got, c.want)
		}
	}
	for _, r := range []Record{
		{Status: Refused, Command: Command{Data: &PersonForget{User: "alice"}}},
		{Status: Accepted, Command: Command{Data: &PersonHold{User: "alice"}}},
		{Command: Command{Data: &PersonForget{User: "alice"}}},
	} {
		if got := r.Forgotten(); got != "" {
			t.Errorf("%s %q: got the forgotten user %q, want none", r.Command.Data.CommandType(), r.Status, got)
		}
	}
}

// A forgotten user no longer counts as a user who joined an app.
func TestPersonForget_LeavesApp(t *testing.T) {
	l := newLedger(IBKRSLS())
	for _, s := range []step{party("alice").has("app", IBKRMobile, 0),
		party("bob").code(ActivationSMS, "c", 0),
		send(0, &DeviceAddUser{User: "bob", Owner: "alice", Device: "app", Code: "c"})} {
		if d := l.do(*s(l)); d.Status != Accepted {
			t.Fatalf("preparation: got %s %s, want accepted", d.Status, d.Reason)
		}
	}
	l.do(*forget("bob")(l))
	if j := l.items[JoinersKey("alice", "app")]; j != nil {
		t.Errorf("users who joined the app: got %+v, want none", j)
	}
}
