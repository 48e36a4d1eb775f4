package domain

import "testing"

func TestSharingCancelled(t *testing.T) {
	ended := append(append(then{}, cancelled...), denied("not_shared", bothNamed)...)
	support := party("support")
	holdAs(t, IBKRSLS(), toldToAll, []rule{
		{"SHARE-5 the requester ends it, and once (A-27)",
			given{shared()}, when{theRequester.ends("s", 0), theRequester.ends("s", 0)}, ended},
		{"SHARE-5 the owner ends it",
			given{shared()}, when{theOwner.ends("s", 0), theOwner.ends("s", 0)}, ended},
		{"SHARE-5 support ends it",
			given{shared()}, when{support.ends("s", 0), support.ends("s", 0)}, ended},
		{"SHARE-5 each may end one that is pending (A-27)",
			given{pending(), theOwner.has("h", Gold, 0), theRequester.asksReview("s2", theOwner, "h", 0), theOwner.has("i", Gold, 0), theRequester.asksReview("s3", theOwner, "i", 0)},
			when{theRequester.ends("s", 0), theOwner.ends("s2", 0), support.ends("s3", 0)},
			append(append(append(then{}, cancelled...), cancelled...), cancelled...)},
		{"SHARE-5 nobody else does, whatever office he holds",
			given{shared()}, when{theThird.ends("s", 0), theOfficer.ends("s", 0), party("Support").ends("s", 0)},
			append(append(denied("not_a_party", bothNamed), denied("not_a_party", bothNamed)...), denied("not_a_party", bothNamed)...)},
		{"SHARE-5 not_a_party before not_shared (A-27)",
			given{shared(), theOwner.ends("s", 0)}, when{theThird.ends("s", 0)}, denied("not_a_party", bothNamed)},
		{"SHARE-5 a rejected one has ended (A-27)",
			given{pending(), theOfficer.rejects("s", 0)}, when{theOwner.ends("s", 0)}, denied("not_shared", bothNamed)},
		{"SHARE-5 the device is no longer the requester's",
			given{shared(), theOwner.ends("s", 0)}, when{theRequester.drops("g", Lost, 0), theRequester.has("g", Gold, 0)},
			then{"refused unknown_device: user/bob", "device.refused reason=unknown_device",
				"refused use_sharing: user/bob", "device.refused reason=use_sharing"}},
		{"SHARE-5 the requester of a shared device cancels, he does not deactivate (A-28)",
			given{shared()}, when{theRequester.drops("g", Lost, 0), theRequester.drops("g", ByUser, 0)},
			then{"refused use_sharing: user/bob", "device.refused reason=use_sharing",
				"refused use_sharing: user/bob", "device.refused reason=use_sharing"}},
		{"SHARE-5 it outlives another fingerprint, and the owner's device going dormant (A-27)",
			given{shared(), theOwner.is("another", 0), theThird.is("another", 0), theThird.has("h", Gold, 0), theOwner.asks("s2", theThird, "h", 0)},
			when{theRequester.has("g", Gold, 0), theRequester.ends("s", 0)},
			append(then{"refused already_active: user/bob", "device.refused reason=already_active"}, cancelled...)},
	})
}

func TestSharingEndsWithItsDevice(t *testing.T) {
	all := ": user/alice, user/bob, user/carol, user/dave"
	three := append(shared(), theThird.is("one-and-the-same", 0), theThird.asksReview("s2", theOwner, "g", 0),
		party("dave").is("one-and-the-same", 0), party("dave").asks("s0", theOwner, "g", 0))
	holdAs(t, IBKRSLS(), toldToAll, []rule{
		{"SHARE-5 the owner's deactivation ends pending and approved ones, in order of request (A-09, A-15)",
			given{three}, when{theOwner.drops("g", Lost, 0)},
			then{"accepted" + all, "device.deactivated", "sharing.cancelled sharing=s", "sharing.cancelled sharing=s2", "sharing.cancelled sharing=s0"}},
		{"SHARE-5 for whatever reason",
			given{shared()}, when{theOwner.drops("g", ByUser, 0)},
			then{"accepted: user/alice, user/bob", "device.deactivated", "sharing.cancelled sharing=s"}},
		{"SHARE-5 also of a dormant device",
			given{shared(), theThird.is("one-and-the-same", 0), theThird.has("h", Gold, 0), theOwner.asks("s2", theThird, "h", 0)},
			when{theOwner.drops("g", Damaged, 0)},
			then{"accepted: user/alice, user/bob", "device.deactivated", "sharing.cancelled sharing=s"}},
		{"SHARE-5 not what has ended, and not the sharings of another device",
			given{shared(), theOwner.has("h", Gold, 0), theRequester.asks("s2", theOwner, "h", 0), theOwner.ends("s2", 0)},
			when{theOwner.drops("h", Lost, 0)},
			then{"accepted: user/alice", "device.deactivated"}},
		{"SHARE-5 a refused deactivation names the owner alone (A-09)",
			given{shared()}, when{theOwner.drops("g", Returned, 0)},
			then{"refused not_returnable: user/alice", "device.refused reason=not_returnable"}},
		{"SHARE-6 what is overdue on each rides ahead, in order of instant, then of the record (A-07)",
			given{three, theThird.begins("c", 0), theRequester.begins("b", second), theOwner.begins("a", second)},
			when{theOwner.drops("g", Lost, hour)},
			then{"accepted" + all, "user/carol at 5m: login.abandoned attempt=c", "at 5m1s: login.abandoned attempt=a",
				"user/bob at 5m1s: login.abandoned attempt=b",
				"device.deactivated", "sharing.cancelled sharing=s", "sharing.cancelled sharing=s2", "sharing.cancelled sharing=s0"}},
		{"SHARE-6 it happens at the latest clock of those whom it concerns (A-09)",
			given{shared(), theRequester.fails(hour)}, when{theOwner.drops("g", Lost, minute), theOwner.fails(2 * minute)},
			then{"accepted late, at 1h: user/alice, user/bob", "device.deactivated", "sharing.cancelled sharing=s",
				"accepted late, at 1h: user/alice", "login.failed failures=1 reason=bad_credentials", "9 left"}},
	})
}

func TestSharingNamesTwoUsers(t *testing.T) {
	holdAs(t, IBKRSLS(), toldToAll, []rule{
		{"SHARE-6 late by the requester's clock (A-09)",
			given{sameTwo(), theRequester.fails(hour)}, when{theRequester.asks("s", theOwner, "g", 0)},
			append(then{"accepted late, at 1h" + bothNamed}, approvedAtOnce[1:]...)},
		{"SHARE-6 late by the owner's, and then both clocks stand there (A-09)",
			given{sameTwo(), theOwner.fails(hour)}, when{theRequester.asks("s", theOwner, "g", 0), theRequester.drops("x", Lost, 0)},
			append(append(then{"accepted late, at 1h" + bothNamed}, approvedAtOnce[1:]...),
				"refused unknown_device late, at 1h: user/bob", "device.refused reason=unknown_device")},
		{"SHARE-6 a refusal moves both clocks too (A-09)",
			given{sameTwo()}, when{theThird.is("x", 0), theThird.asks("s", theOwner, "g", hour), theOwner.drops("x", Lost, 0)},
			then{"accepted: user/carol", "identity.recorded",
				"refused identity_mismatch: user/carol, user/alice", "sharing.refused reason=identity_mismatch",
				"refused unknown_device late, at 1h: user/alice", "device.refused reason=unknown_device"}},
		{"SHARE-6 what is overdue on both rides ahead, by instant, type, and the record's order (A-07)",
			given{sameTwo(), theOwner.begins("a", 0), theRequester.begins("b", 0), theRequester.begins("b2", second), theOwner.passcode("p", 0)},
			when{theRequester.asks("s", theOwner, "g", 2*day)},
			then{"refused temporary_device_active" + bothNamed,
				"at 5m: login.abandoned attempt=b", "user/alice at 5m: login.abandoned attempt=a", "at 5m1s: login.abandoned attempt=b2",
				"user/alice code.restricted code=p", "sharing.refused reason=temporary_device_active"}},
		{"SHARE-6 of one instant a lock's end comes first, whosever it is (A-07)",
			given{sameTwo(), theRequester.begins("b", day-5*minute), times(10, fail(0))}, when{theRequester.asks("s", theOwner, "g", day)},
			append(then{"accepted" + bothNamed, "user/alice lockout.expired", "login.abandoned attempt=b"}, approvedAtOnce[1:]...)},
		{"SHARE-6 what they do is judged after it: the owner's device activated by itself, and revoked the passcode (DEV-5)",
			given{sameTwo(), theOwner.drops("g", Lost, 0), theOwner.orders("d", 0), theOwner.gets("d", 0), theOwner.passcode("p", 13*day)},
			when{theRequester.asks("s", theOwner, "d", 14*day)},
			then{"accepted" + bothNamed, "user/alice device.activated device=d method=auto", "user/alice code.revoked code=p",
				"sharing.requested class=digital_security_card_plus", "sharing.approved", "sharing.granted"}},
		{"SHARE-6 reviews and cancellations carry it too",
			given{pending(), theOwner.begins("a", 0), theRequester.begins("b", minute)}, when{theOfficer.approves("s", 5*minute), theOwner.ends("s", hour)},
			then{"accepted" + bothNamed, "user/alice login.abandoned attempt=a", "sharing.approved", "sharing.granted",
				"accepted" + bothNamed, "at 6m: login.abandoned attempt=b", "sharing.cancelled"}},
		{"SHARE-6 an officer needs to be no user, and has no clock",
			given{pending(), send(day, &IdentityRecord{User: "olga", Fingerprint: "x"})}, when{theOfficer.approves("s", 0)},
			approvedLater},
		{"SHARE-6 a lock keeps nobody from sharing (A-52)",
			given{sameTwo(), times(10, fail(0))}, when{theRequester.asks("s", theOwner, "g", 0)}, approvedAtOnce},
	})
}
