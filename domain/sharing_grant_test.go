package domain

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	approvedLater = then{accepted.of(bothNamed), &SharingApproved{}, &SharingGranted{}}
	cancelled     = then{accepted.of(bothNamed), &SharingCancelled{}}
)

func TestSharingReviewed(t *testing.T) {
	holdAs(t, IBKRSLS(), outcomeForUsers, []rule{
		{"SHARE-3 without review it is approved at once (A-15)",
			given{sameTwo()}, when{theRequester.asks("s", theOwner, "g", 0)}, approvedAtOnce},
		{"SHARE-3 with review it is pending",
			given{sameTwo()}, when{theRequester.asksReview("s", theOwner, "g", 0)},
			then{accepted.of(bothNamed), &SharingRequested{Class: "gold"}, &SharingPending{}}},
		{"SHARE-3 an officer approves, and then it is not pending",
			given{pending()}, when{theOfficer.approves("s", 0), theOfficer.approves("s", 0),
				theOfficer.rejects("s", 0)},
			append(append(append(then{}, approvedLater...), denied(NotPending, bothNamed)...),
				denied(NotPending, bothNamed)...)},
		{"SHARE-3 an officer rejects, and then it is not pending",
			given{pending()}, when{theOfficer.rejects("s", 0), theOfficer.approves("s", 0)},
			append(then{accepted.of(bothNamed), &SharingRejected{}}, denied(NotPending, bothNamed)...)},
		{"SHARE-3 approved and cancelled sharings are not pending (A-27)",
			given{shared(), theRequester.has("h", Gold, 0), theOwner.asksReview("s2", theRequester, "h", 0),
				theOwner.ends("s2", 0)},
			when{theOfficer.approves("s", 0), theOfficer.approves("s2", 0)},
			append(denied(NotPending, bothNamed), denied(NotPending, theUsers("alice", "bob"))...)},
		{"SHARE-3 the officer is neither user",
			given{pending()}, when{theRequester.approves("s", 0), theOwner.approves("s", 0), theOwner.rejects("s", 0)},
			append(append(denied(OfficerIsParty, bothNamed), denied(OfficerIsParty, bothNamed)...),
				denied(OfficerIsParty, bothNamed)...)},
		{"SHARE-3 not_pending before officer_is_party (A-27)",
			given{shared()}, when{theRequester.approves("s", 0)}, denied(NotPending, bothNamed)},
		{"SHARE-3 officer_is_party before the reasons of SHARE-1 (A-27)",
			given{pending(), theOwner.is("another", 0)}, when{theOwner.approves("s", 0)},
			denied(OfficerIsParty, bothNamed)},
		{"SHARE-3 unknown_sharing names no user (A-09)",
			given{sameTwo()}, when{theOfficer.approves("s", 0), theOwner.ends("s", 0)},
			append(denied(UnknownSharing, nobody), denied(UnknownSharing, nobody)...)},
		{"SHARE-3 records of unknown sharings have their own clock (A-09)",
			given{theOfficer.approves("s", hour)}, when{theOwner.ends("s", 0),
				theRequester.asks("s", theOwner, "g", 0)},
			then{refused(UnknownSharing).late(hour).of(nobody), &SharingRefused{Reason: UnknownSharing},
				refused("unknown_user").late(hour).of(nobody), &SharingRefused{Reason: "unknown_user"}}},
	})
}

// TestSharingReviewedAnew is SHARE-3 and A-27: an approval checks SHARE-1 again. If the check fails, the
// sharing stays pending and can be approved later.
func TestSharingReviewedAnew(t *testing.T) {
	for _, c := range []struct {
		reason         Reason
		spoilt, mended steps
	}{
		{DeviceNotActive, steps{theThird.is("one-and-the-same", 0), theThird.has("h", Gold, 0),
			theOwner.asks("s2", theThird, "h", 0)},
			steps{theOwner.ends("s2", 0), theOwner.has("g", Gold, 0)}},
		{TemporaryDeviceActive, theOwner.passcode("p", 0),
			steps{send(0, &CodeRevoke{User: "alice", Code: "p", By: "ann"})}},
		{IdentityMismatch, steps{theOwner.is("another", 0)}, steps{theOwner.is("one-and-the-same", 0)}},
		{LowerProtectionLevel, steps{theRequester.has("p", Platinum, 0)},
			steps{theRequester.drops("p", ByUser, 0)}},
	} {
		l := newLedger(IBKRSLS())
		play := func(all []step) (d Decision) {
			for _, s := range all {
				d = l.do(*s(l))
			}
			return d
		}
		play(pending())
		play(c.spoilt)
		before := *l.items[SharingKey("s")].(*Sharing)
		if d := play([]step{theOfficer.approves("s", hour)}); d.Status != Refused || d.Reason != c.reason {
			t.Errorf("%s: got %s %s, want refused for that reason", c.reason, d.Status, d.Reason)
		}
		if after := *l.items[SharingKey("s")].(*Sharing); after != before || after.State != Pending {
			t.Errorf("%s: sharing changed to %+v, want %+v", c.reason, after, before)
		}
		if d := play(theRequester.asks("s3", theOwner, "g", hour).list()); d.Status != Refused {
			t.Errorf("%s, second review: got %s, want refused", c.reason, d.Status)
		}
		play(c.mended)
		if d := play([]step{theOfficer.approves("s", hour)}); d.Status != Accepted {
			t.Errorf("%s, cause removed: got %s %s, want accepted", c.reason, d.Status, d.Reason)
		}
	}
	l := newLedger(IBKRSLS())
	for _, s := range append(pending(), theOwner.is("another", 0), theOfficer.rejects("s", 0)) {
		l.do(*s(l))
	}
	if s := l.items[SharingKey("s")].(*Sharing); s.State != Rejected {
		t.Errorf("sharing after a rejection: got %s, want rejected without a check of SHARE-1", s.State)
	}
}

func TestSharingReviewedAlways(t *testing.T) {
	holdAs(t, with(IBKRSLS(), func(p *Policy) { p.SharingReview = "always" }), outcomeForUsers, []rule{
		{"SHARE-3 sharing_review always makes every sharing pending",
			given{sameTwo()}, when{theRequester.asks("s", theOwner, "g", 0), theOfficer.approves("s", 0)},
			append(then{accepted.of(bothNamed), &SharingRequested{Class: "gold"}, &SharingPending{}},
				approvedLater...)},
		{"SHARE-3 refused sharing is not pending",
			given{sameTwo(), theOwner.is("another", 0)}, when{theRequester.asks("s", theOwner, "g", 0)},
			denied(IdentityMismatch, bothNamed)},
	})
}

func TestSharingGranted(t *testing.T) {
	granted := func(dormant ...string) then {
		all := append(then{}, approvedAtOnce...)
		for _, device := range dormant {
			all = append(all, &DeviceDormant{Device: device})
		}
		return all
	}
	twoCards := steps{theRequester.has("c1", SecurityCodeCard, 0), theRequester.has("c2", Gold, 0)}
	ask := theRequester.asks("s", theOwner, "g", 0)
	card := func(d string) step { return theRequester.has(d, SecurityCodeCard, hour) }
	holdAs(t, IBKRSLS(), outcomeForUsers, []rule{
		{"SHARE-4 the requester's own physical devices go dormant, in order of activation (A-15)",
			given{sameTwo(), twoCards}, when{ask}, granted("c1", "c2")},
		{"SHARE-4 order of the latest activation, not of the first record",
			given{sameTwo(), twoCards, theRequester.drops("c1", ByUser, 0), card("c1")},
			when{theRequester.asks("s", theOwner, "g", hour)},
			granted("c2", "c1")},
		{"SHARE-4 devices at the time of the approval",
			given{pending(), twoCards, theRequester.drops("c2", Lost, 0)}, when{theOfficer.approves("s", 0)},
			append(append(then{}, approvedLater...), &DeviceDormant{Device: "c1"})},
		{"SHARE-4 app, requested, shipped, deactivated and borrowed devices stay (A-25)",
			given{sameTwo(), theRequester.has("m", IBKRMobile, 0), theRequester.orders("r", 0),
				theRequester.orders("d", 0), theRequester.gets("d", 0),
				theRequester.has("c1", Gold, 0), theRequester.drops("c1", ByUser, 0),
				theThird.is("one-and-the-same", 0), theThird.has("h", Gold, 0),
				theRequester.asks("s0", theThird, "h", 0)},
			when{ask}, granted()},
		{"SHARE-4 the owner's devices stay as they are",
			given{sameTwo(), theOwner.has("h", Gold, 0)}, when{ask}, granted()},
		{"SHARE-4 dormant device can be activated only after the sharing (A-25)",
			given{sameTwo(), twoCards, ask}, when{card("c1"), theRequester.ends("s", hour), card("c1")},
			append(append(then{refused(SharingActive).of(theUsers("bob")), &DeviceRefused{Reason: SharingActive}},
				cancelled...),
				accepted.of(theUsers("bob")), &DeviceActivated{})},
		{"SHARE-4 dormant device can be activated only after every sharing in force (A-25)",
			given{sameTwo(), theOwner.has("h", Gold, 0), twoCards, ask, theRequester.asks("s2", theOwner, "h", 0),
				theRequester.ends("s", 0)},
			when{card("c1"), theOwner.ends("s2", hour), card("c1")},
			append(append(then{refused(SharingActive).of(theUsers("bob")), &DeviceRefused{Reason: SharingActive}},
				cancelled...),
				accepted.of(theUsers("bob")), &DeviceActivated{})},
		{"SHARE-4 pending sharing or own lent device does not block a dormant device (A-25)",
			given{sameTwo(), theOwner.has("h", Gold, 0), twoCards, ask, theOwner.ends("s", 0),
				theRequester.asksReview("s2", theOwner, "h", 0),
				theOwner.asks("s3", theRequester, "c2", 0)},
			when{card("c1")},
			then{accepted.of(theUsers("bob")), &DeviceActivated{}}},
		{"SHARE-4 a new device may be activated meanwhile (A-25, DEV-1)",
			given{sameTwo(), twoCards, ask}, when{card("c3")},
			then{accepted.of(theUsers("bob")), &DeviceActivated{}}},
		{"SHARE-4 shipped device activates automatically during the sharing (A-25, DEV-3)",
			given{sameTwo(), theRequester.orders("d", 0), theRequester.gets("d", 0), ask},
			when{theRequester.begins("a", 14*day)},
			then{accepted.of(theUsers("bob")), &DeviceActivated{Device: "d", Method: Auto},
				&LoginStarted{Until: after(14*day + 5*minute)}, triesLeft(9)}},
		{"SHARE-4 the device is active for the requester too (DEV-4)",
			given{shared()}, when{theRequester.has("g", Gold, 0), theRequester.has("g", Platinum, 0),
				theOwner.has("g", Gold, 0)},
			then{refused(AlreadyActive).of(theUsers("bob")), &DeviceRefused{Reason: AlreadyActive},
				refused(ClassMismatch).of(theUsers("bob")), &DeviceRefused{Reason: ClassMismatch},
				refused(AlreadyActive).of(theUsers("alice")), &DeviceRefused{Reason: AlreadyActive}}},
		{"SHARE-4 a grant is an activation after which there may be another passcode (A-39)",
			given{sameTwo(), theRequester.passcode("p", 0), send(0, &CodeRevoke{User: "bob", Code: "p", By: "ann"})},
			when{theRequester.code(TempPasscode, "q", 0), ask, theRequester.code(TempPasscode, "r", 0)},
			append(append(then{refused(AlreadyIssued).of(theUsers("bob")), &CodeRefused{Reason: AlreadyIssued}},
				approvedAtOnce...),
				accepted.of(theUsers("bob")), &CodeIssued{Until: after(2 * day), Ends: after(10 * day)})},
	})
}

// TestSharing_StatesOfItsUsers is SHARE-4: the states of both users during the sharing and after it.
func TestSharing_StatesOfItsUsers(t *testing.T) {
	l := newLedger(IBKRSLS())
	for _, s := range flat(given{sameTwo(), theRequester.has("c1", SecurityCodeCard, 0),
		theRequester.has("m", IBKRMobile, 0), theRequester.asks("s", theOwner, "g", hour)}) {
		l.do(*s(l))
	}
	active := func(name string) (ids []string) {
		u := l.users[name]
		for _, a := range u.Active() {
			ids = append(ids, a.ID+" "+a.Class)
		}
		return ids
	}
	check := func(says string, requester, owner []string, state string) {
		t.Helper()
		if diff := cmp.Diff([][]string{requester, owner}, [][]string{active("bob"), active("alice")}); diff != "" {
			t.Errorf("%s (-want +got)\n%s", says, diff)
		}
		if s := l.items[SharingKey("s")].(*Sharing); s.State != state {
			t.Errorf("%s sharing: got state %s, want %s", says, s.State, state)
		}
	}
	check("granted", []string{"m ibkr_mobile", "g gold"}, []string{"g gold"}, Approved)
	want := Sharing{ID: "s", Requester: "bob", Owner: "alice", Device: "g", Class: Gold, State: Approved,
		Since: epoch.Add(hour)}
	if diff := cmp.Diff(&want, l.items[SharingKey("s")]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	l.do(*theOwner.ends("s", 2*hour)(l))
	check("ended", []string{"m ibkr_mobile"}, []string{"g gold"}, Cancelled)
	bob := l.users["bob"]
	if device, ok := bob.deviceOf("c1"); !ok || device.State != Dormant || !device.Since.Equal(epoch.Add(hour)) {
		t.Errorf("requester's card: got %+v, want it dormant until a manual activation (A-25)", device)
	}
}
