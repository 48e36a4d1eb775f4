package domain

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	bothNamed = theUsers("bob", "alice")
	nobody    = []Entity{"system/sharing"}
)

// denied returns the answer to a refused sharing command.
func denied(reason Reason, entities []Entity) then {
	return then{refused(reason).of(entities), &SharingRefused{Reason: reason}}
}

var approvedAtOnce = then{accepted.of(bothNamed), &SharingRequested{Class: "gold"}, &SharingApproved{},
	&SharingGranted{}}

func TestSharingRefused(t *testing.T) {
	ask := when{theRequester.asks("s2", theOwner, "g", hour)}
	holdAs(t, IBKRSLS(), outcomeForUsers, []rule{
		{"SHARE-1 unknown_user: no record names the requester (A-10, A-09)",
			given{theOwner.has("g", Gold, 0)}, ask, denied("unknown_user", nobody)},
		{"SHARE-1 unknown_user: no record names the owner",
			given{theRequester.is("x", 0)}, ask, denied("unknown_user", nobody)},
		{"SHARE-1 unattributed attempt makes no user known (LOGIN-9, A-10)",
			given{theOwner.has("g", Gold, 0), named("bob", UnknownUser)}, ask, denied("unknown_user", nobody)},
		{"SHARE-1 refusal that names a user makes the user known (A-10)",
			given{theOwner.drops("x", Lost, 0), theRequester.drops("x", Lost, 0)}, ask,
			denied(DeviceNotActive, bothNamed)},
		{"SHARE-1 not_physical: the owner's app",
			given{theOwner.has("g", IBKRMobile, 0), theRequester.is("x", 0)}, ask, denied(NotPhysical, bothNamed)},
		{"SHARE-1 not_physical before device_not_active: a lost app is an app",
			given{theOwner.has("g", IBKRMobile, 0), theOwner.drops("g", Lost, 0), theRequester.is("x", 0)}, ask,
			denied(NotPhysical, bothNamed)},
		{"SHARE-1 the requester's own app of that name is another device (A-24)",
			given{sameTwo(), theRequester.has("g", IBKRMobile, 0)}, ask, approvedAtOnce},
		{"SHARE-1 device_not_active: unknown",
			given{theOwner.is("x", 0), theRequester.is("x", 0)}, ask, denied(DeviceNotActive, bothNamed)},
		{"SHARE-1 device_not_active: requested, not shipped",
			given{sameTwo(), theOwner.orders("d", 0)}, when{theRequester.asks("s", theOwner, "d", hour)},
			denied(DeviceNotActive, bothNamed)},
		{"SHARE-1 device_not_active: shipped, not activated",
			given{sameTwo(), theOwner.orders("d", 0), theOwner.gets("d", 0)},
			when{theRequester.asks("s", theOwner, "d", 14*day-1)},
			denied(DeviceNotActive, bothNamed)},
		{"SHARE-1 device_not_active: deactivated",
			given{sameTwo(), theOwner.drops("g", ByUser, 0)}, ask, denied(DeviceNotActive, bothNamed)},
		{"SHARE-1 device_not_active: dormant, before already_shared (A-27)",
			given{shared(), theThird.is("one-and-the-same", 0), theThird.has("p", Platinum, 0),
				theOwner.asks("s1", theThird, "p", 0)}, ask,
			denied(DeviceNotActive, bothNamed)},
		{"SHARE-1 device_not_active: borrowed by the owner (A-27)",
			given{shared(), theThird.is("one-and-the-same", 0)}, when{theThird.asks("s2", theRequester, "g", hour)},
			denied(DeviceNotActive, theUsers("carol", "bob"))},
		{"SHARE-1 already_shared: approved (A-27)",
			given{shared()}, ask, denied(AlreadyShared, bothNamed)},
		{"SHARE-1 already_shared: pending (A-27)",
			given{pending()}, ask, denied(AlreadyShared, bothNamed)},
		{"SHARE-1 request after a rejection",
			given{pending(), theOfficer.rejects("s", 0)}, ask, approvedAtOnce},
		{"SHARE-1 request after the end",
			given{shared(), theOwner.ends("s", 0)}, ask, approvedAtOnce},
		{"SHARE-1 second requester of the same device",
			given{shared(), theThird.is("one-and-the-same", 0)}, when{theThird.asks("s2", theOwner, "g", hour)},
			then{accepted.of(theUsers("carol", "alice")), &SharingRequested{Class: "gold"}, &SharingApproved{},
				&SharingGranted{}}},
		{"SHARE-1 second device of the same users",
			given{shared(), theOwner.has("h", Gold, 0)}, when{theRequester.asks("s2", theOwner, "h", hour)},
			approvedAtOnce},
		{"SHARE-1 temporary_device_active: the requester's passcode",
			given{sameTwo(), theRequester.passcode("p", 0)}, ask, denied(TemporaryDeviceActive, bothNamed)},
		{"SHARE-1 temporary_device_active: the owner's",
			given{sameTwo(), theOwner.passcode("p", 0)}, ask, denied(TemporaryDeviceActive, bothNamed)},
		{"SHARE-1 temporary_device_active: a restricted passcode lives (CODE-3)",
			given{sameTwo(), theOwner.passcode("p", 0)}, when{theRequester.asks("s2", theOwner, "g", 10*day-1)},
			then{refused(TemporaryDeviceActive).of(bothNamed), whose("alice", on(2*day, &CodeRestricted{Code: "p"})),
				&SharingRefused{Reason: TemporaryDeviceActive}}},
		{"SHARE-1 temporary_device_active: online card after the passcode ended",
			given{sameTwo(), theRequester.passcode("p", 0), theRequester.code(OnlineCard, "c", 0)},
			when{theRequester.asks("s2", theOwner, "g", 11*day)},
			then{refused(TemporaryDeviceActive).of(bothNamed), on(2*day, &CodeRestricted{Code: "p"}),
				on(10*day, &CodeExpired{Code: "p"}), &SharingRefused{Reason: TemporaryDeviceActive}}},
		{"SHARE-1 expired passcode does not count",
			given{sameTwo(), theOwner.passcode("p", 0)}, when{theRequester.asks("s2", theOwner, "g", 10*day)},
			then{accepted.of(bothNamed), whose("alice", on(2*day, &CodeRestricted{Code: "p"})),
				whose("alice", &CodeExpired{Code: "p"}),
				&SharingRequested{Class: "gold"}, &SharingApproved{}, &SharingGranted{}}},
		{"SHARE-1 code for one use does not count",
			given{sameTwo(), theOwner.code(SMS, "m", hour)}, ask, approvedAtOnce},
		{"SHARE-1 identity_mismatch: the fingerprints differ (SHARE-2)",
			given{sameTwo(), theRequester.is("another", 0)}, ask, denied(IdentityMismatch, bothNamed)},
		{"SHARE-1 identity_mismatch: the requester's is missing (SHARE-2)",
			given{theOwner.has("g", Gold, 0), theOwner.is("x", 0), theRequester.fails(0)}, ask,
			denied(IdentityMismatch, bothNamed)},
		{"SHARE-1 identity_mismatch: the owner's is missing",
			given{theOwner.has("g", Gold, 0), theRequester.is("x", 0)}, ask, denied(IdentityMismatch, bothNamed)},
		{"SHARE-1 identity_mismatch: two that are missing are not the same",
			given{theOwner.has("g", Gold, 0), theRequester.fails(0)}, ask, denied(IdentityMismatch, bothNamed)},
		{"SHARE-2 the newest fingerprint counts",
			given{sameTwo(), theRequester.is("another", 0), theRequester.is("one-and-the-same", 0)}, ask,
			approvedAtOnce},
		{"SHARE-1 lower_protection_level: the requester has a better one active",
			given{sameTwo(), theRequester.has("p", Platinum, 0)}, ask, denied(LowerProtectionLevel, bothNamed)},
		{"SHARE-1 lower_protection_level: the owner has a better one active",
			given{sameTwo(), theOwner.has("p", Platinum, 0)}, ask, denied(LowerProtectionLevel, bothNamed)},
		{"SHARE-1 lower_protection_level: the requester has one dormant",
			given{sameTwo(), theRequester.has("p", Platinum, 0), theThird.is("one-and-the-same", 0),
				theThird.has("q", Platinum, 0),
				theRequester.asks("s", theThird, "q", 0), theThird.ends("s", 0)}, ask,
			denied(LowerProtectionLevel, bothNamed)},
		{"SHARE-1 lower_protection_level: the requester has borrowed one",
			given{sameTwo(), theThird.is("one-and-the-same", 0), theThird.has("q", Platinum, 0),
				theRequester.asks("s", theThird, "q", 0)}, ask,
			denied(LowerProtectionLevel, bothNamed)},
		{"SHARE-1 equal rank is fine",
			given{sameTwo(), theOwner.has("h", Gold, 0)}, ask, approvedAtOnce},
		{"SHARE-1 lower rank, app, deactivated, requested and shipped devices",
			given{sameTwo(), theOwner.has("c", SecurityCodeCard, 0), theOwner.has("m", IBKRMobile, 0),
				theOwner.has("p", Platinum, 0), theOwner.drops("p", ByUser, 0),
				theRequester.orders("d", 0), theRequester.orders("e", 0), theRequester.gets("e", 0)}, ask,
			approvedAtOnce},
	})
}

// TestSharingRefused_FirstReason is SHARE-1: if several reasons apply, the answer has the first of the list.
func TestSharingRefused_FirstReason(t *testing.T) {
	reasons := []Reason{UnknownUser, NotPhysical, DeviceNotActive, AlreadyShared, TemporaryDeviceActive,
		IdentityMismatch, LowerProtectionLevel}
	for set := 1; set < 1<<len(reasons); set++ {
		has := func(r Reason) bool {
			for i := range reasons {
				if reasons[i] == r {
					return set&(1<<i) != 0
				}
			}
			return false
		}
		if has(AlreadyShared) && (has(UnknownUser) || has(NotPhysical) || has(DeviceNotActive)) {
			continue // these refusals exclude each other
		}
		l := newLedger(IBKRSLS())
		class := Gold
		if has(NotPhysical) {
			class = IBKRMobile
		}
		l.do(*theOwner.has("g", class, 0)(l))
		l.do(*theOwner.is("one-and-the-same", 0)(l))
		if !has(UnknownUser) {
			l.do(*theRequester.is("one-and-the-same", 0)(l))
		}
		if has(AlreadyShared) {
			l.do(*theRequester.asksReview("s", theOwner, "g", 0)(l))
		}
		if has(LowerProtectionLevel) {
			l.do(*theOwner.has("p", Platinum, 0)(l))
		}
		if has(DeviceNotActive) {
			l.do(*theOwner.drops("g", ByUser, 0)(l))
		}
		if has(TemporaryDeviceActive) {
			for _, s := range theOwner.passcode("c", 0) {
				l.do(*s(l))
			}
		}
		if has(IdentityMismatch) {
			l.do(*theOwner.is("another", 0)(l))
		}
		want := Reason("")
		for i := len(reasons) - 1; i >= 0; i-- {
			if has(reasons[i]) {
				want = reasons[i]
			}
		}
		if d := l.do(*theRequester.asks("s2", theOwner, "g", 0)(l)); d.Status != Refused || d.Reason != want {
			t.Errorf("refusals %07b: got %s %s, want %s", set, d.Status, d.Reason, want)
		}
	}
}

// TestSharingTooMany is SHARE-1: an owner has a maximum number of sharings.
func TestSharingTooMany(t *testing.T) {
	l := newLedger(IBKRSLS())
	for _, s := range sameTwo() {
		l.do(*s(l))
	}
	for i := range liveSharingMax + 1 {
		user := party(fmt.Sprint("u", i))
		l.do(*user.is("one-and-the-same", 0)(l))
		want := Accepted
		if i == liveSharingMax {
			want = Refused
		}
		if d := l.do(*user.asksReview(fmt.Sprint("s", i), theOwner, "g",
			0)(l)); d.Status != want || d.Status == Refused && d.Reason != TooMany {
			t.Fatalf("sharing %d: got %s %s, want %s", i, d.Status, d.Reason, want)
		}
	}
	if d := l.do(*theOfficer.approves("s0", 0)(l)); d.Status != Accepted {
		t.Errorf("pending sharing of an owner with the maximum: got %s %s, want accepted", d.Status, d.Reason)
	}
	l.do(*party("u1").ends("s1", 0)(l))
	if d := l.do(*theRequester.asks("s", theOwner, "g", 0)(l)); d.Status != Accepted {
		t.Errorf("owner below the maximum: got %s %s, want accepted", d.Status, d.Reason)
	}
	l.do(*theOfficer.approves("s2", 0)(l))
	if got := len(l.users["alice"].Shares); got != liveSharingMax {
		t.Errorf("sharings of the owner: got %d, want %d", got, liveSharingMax)
	}
}

// TestSharingTooManyRequested is SHARE-1: a requester has a maximum number of sharings.
func TestSharingTooManyRequested(t *testing.T) {
	l := newLedger(IBKRSLS())
	l.do(*theRequester.is("one-and-the-same", 0)(l))
	for i := range liveSharingMax + 1 {
		owner, device := party(fmt.Sprint("u", i)), fmt.Sprint("g", i)
		l.do(*owner.is("one-and-the-same", 0)(l))
		l.do(*owner.has(device, Gold, 0)(l))
		want := Reason("")
		if i == liveSharingMax {
			want = TooMany
		}
		if d := l.do(*theRequester.asksReview(fmt.Sprint("s", i), owner, device, 0)(l)); d.Reason != want {
			t.Fatalf("sharing %d: got %s %q, want %q", i, d.Status, d.Reason, want)
		}
	}
	if d := l.do(*theOfficer.approves("s0", 0)(l)); d.Status != Accepted {
		t.Errorf("pending sharing of a requester with the maximum: got %s %s, want accepted", d.Status, d.Reason)
	}
}

// TestSharingIDs is A-14: the id of an accepted request is never reused in the realm, by any user.
func TestSharingIDs(t *testing.T) {
	again := when{theThird.asks("s", theOwner, "other", hour), theRequester.asksReview("s", theOwner, "g", hour)}
	taken := then{invalid(IDReused), invalid(IDReused)}
	holdAs(t, IBKRSLS(), outcomeForUsers, []rule{
		{"A-14 approved", given{shared()}, again, taken},
		{"A-14 pending", given{pending()}, again, taken},
		{"A-14 rejected", given{pending(), theOfficer.rejects("s", 0)}, again, taken},
		{"A-14 cancelled", given{shared(), theRequester.ends("s", 0)}, again, taken},
		{"A-14 a refused request takes no id (A-27)",
			given{sameTwo(), theRequester.is("another", 0), theRequester.asks("s", theOwner, "g", 0),
				theRequester.is("one-and-the-same", 0)},
			when{theRequester.asks("s", theOwner, "g", hour)}, approvedAtOnce},
		{"A-14 invalid command has no overdue events", given{shared(), theOwner.begins("a", 0)}, again, taken},
	})
}

// TestSharingRequest_Validated is: the rejections that need no state.
func TestSharingRequest_Validated(t *testing.T) {
	self := SharingRequest{Sharing: "s", Requester: "bob", Owner: "bob", Device: "g"}
	if r := self.Check(); r == nil || r.Reason != BadField || r.Field != "owner" {
		t.Errorf("same requester and owner: got %v, want bad_field", r)
	}
	if r := (&SharingRequest{Requester: "bob", Owner: "alice"}).Check(); r != nil {
		t.Errorf("different requester and owner: got %v, want nil", r)
	}
	l := newLedger(IBKRSLS())
	for _, c := range []struct{ requester, owner, detail string }{
		{"Bob", "alice", "requester: the character at position 1 is not allowed"},
		{"bob", "al ice", "owner: the character at position 3 is not allowed"},
		{"Bob", "Alice", "requester: the character at position 1 is not allowed"},
	} {
		d := l.do(*party(c.requester).asks("s", party(c.owner), "g", 0)(l))
		if d.Status != Invalid || d.Reason != InvalidCharacter || d.Detail != c.detail || len(l.records) > 0 {
			t.Errorf("request of %s to %s: got %s %s %q with %d records, want invalid %q", c.requester, c.owner,
				d.Status, d.Reason, d.Detail, len(l.records), c.detail)
		}
	}
	var f formChecker
	(&SharingReview{Sharing: "s", Officer: "olga", Decision: "maybe"}).Members(&f)
	if diff := cmp.Diff([]string{"decision: want one of approve, reject"}, f.wrong); diff != "" {
		t.Errorf("review with the decision maybe: (-want +got)\n%s", diff)
	}
}
