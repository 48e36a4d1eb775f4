package domain

import (
	"testing"
	"time"
)

func TestDeviceCascade(t *testing.T) {
	app := hasDevice("alice", "app", IBKRMobile, 0)
	join := func(user, owner string, n int) steps { return addUser(user, owner, "app", time.Duration(n)) }
	report := func(user, reason string) step { return deactivateDevice(user, "app", reason, hour) }
	family := given{ // alice: bob, carol; bob: dave, erin; carol: frank; dave: grace
		app, join("bob", "alice", 1), join("dave", "bob", 2), join("carol", "alice", 3), join("frank", "carol", 4),
		join("grace", "dave", 5), join("erin", "bob", 6)}
	gone := func(first string, rest ...string) then {
		names := first
		events := then{"device.deactivated at 1h"}
		for _, name := range rest {
			names += " " + name
			events = append(events, name+" device.deactivated at 1h")
		}
		return append(then{"accepted at 1h: " + names}, events...)
	}
	refused := func(user, reason string) then {
		return then{"refused " + reason + " at 1h: " + user, "device.refused reason=" + reason + " at 1h"}
	}
	again := func(user string) step { return hasDevice(user, "app", IBKRMobile, minute) }
	holdOfUsers(t, []rule{
		{"DEV-9 lost: all who joined, and who joined through those, breadth first in order of joining",
			family, when{report("alice", Lost)}, gone("alice", "bob", "carol", "dave", "erin", "frank", "grace")},
		{"DEV-9 damaged too, for the same reason: it is gone for each",
			family, when{report("alice", Damaged), hasDevice("grace", "app", IBKRMobile, hour)},
			append(gone("alice", "bob", "carol", "dave", "erin", "frank", "grace"), refused("grace", "device_gone")...)},
		{"DEV-9 not the other way round",
			family, when{report("bob", Lost), hasDevice("alice", "app", IBKRMobile, hour), hasDevice("carol", "app", IBKRMobile, hour)},
			append(append(gone("bob", "dave", "erin", "grace"), refused("alice", "already_active")...), refused("carol", "already_active")...)},
		{"DEV-9 who was deactivated by a cascade is in no other",
			append(family, deactivateDevice("bob", "app", Lost, minute)), when{report("alice", Lost)}, gone("alice", "carol", "frank")},
		{"DEV-9 replaced, or by_user: the others stay",
			family, when{report("dave", Replaced), report("alice", ByUser), hasDevice("bob", "app", IBKRMobile, hour)},
			append(append(gone("dave"), gone("alice")...), refused("bob", "already_active")...)},
		{"DEV-9 what was deactivated by_user can be reported lost yet",
			append(family, deactivateDevice("alice", "app", ByUser, minute)), when{report("alice", Lost)},
			gone("alice", "bob", "carol", "dave", "erin", "frank", "grace")},
		{"DEV-9 who has it not active is spared, who joined through that user is not",
			append(family, deactivateDevice("bob", "app", ByUser, minute)), when{report("alice", Lost)},
			gone("alice", "carol", "dave", "erin", "frank", "grace")},
		{"DEV-9 who activated it anew by hand no longer hangs on the owner, nor does who joined through that user",
			append(family, deactivateDevice("bob", "app", ByUser, minute), again("bob")), when{report("alice", Lost), report("bob", Lost)},
			append(gone("alice", "carol", "frank"), gone("bob", "dave", "erin", "grace")...)},
		{"DEV-9 who joins anew through another hangs on that one, and comes last",
			append(family, deactivateDevice("bob", "app", ByUser, minute), addUser("bob", "frank", "app", minute)), when{report("carol", Lost), report("alice", Lost)},
			append(gone("carol", "frank", "bob", "dave", "erin", "grace"), gone("alice")...)},
		{"DEV-9 who joins anew through the same comes after the others",
			append(family, deactivateDevice("bob", "app", ByUser, minute), addUser("bob", "alice", "app", minute)), when{report("alice", Lost)},
			gone("alice", "carol", "bob", "frank", "dave", "erin", "grace")},
		{"DEV-9 only of that app",
			append(family, hasDevice("alice", "two", IBKRMobile, minute), addUser("bob", "alice", "two", minute)), when{deactivateDevice("alice", "two", Lost, hour)},
			gone("alice", "bob")},
		{"DEV-9 each through the other: it comes to an end, whoever reports",
			given{app, join("bob", "alice", 1), deactivateDevice("alice", "app", ByUser, minute), addUser("alice", "bob", "app", minute)},
			when{report("alice", Lost), report("bob", Lost)},
			append(gone("alice", "bob"), refused("bob", "device_gone")...)},
		{"DEV-9 and a circle of three, with one outside it",
			given{app, join("bob", "alice", 1), join("carol", "bob", 2), join("dave", "alice", 3), deactivateDevice("alice", "app", ByUser, minute), addUser("alice", "carol", "app", minute)},
			when{report("carol", Damaged)}, gone("carol", "alice", "bob", "dave")},
		{"DEV-9 a circle takes a joiner too",
			given{app, join("bob", "alice", 1), deactivateDevice("alice", "app", ByUser, minute), addUser("alice", "bob", "app", minute), addUser("carol", "alice", "app", minute)},
			when{report("bob", Lost)}, gone("bob", "alice", "carol")},
	})
}

// the record of a cascade is at the latest clock, and carries what is
// due on each.
func TestACascadeCarries(t *testing.T) {
	busy := given{
		hasDevice("alice", "app", IBKRMobile, 0), addUser("bob", "alice", "app", 0), addUser("carol", "bob", "app", 0),
		deviceCode("carol", "hers", SMS, "", hour-5*minute), deviceCode("bob", "his", SMS, "", hour-5*minute),
		send(hour-5*minute, &LoginBegin{User: "carol", Attempt: "try", Platform: TWS}),
	}
	holdOfUsers(t, []rule{
		{"DEV-9 by instant, then type, then user", busy, when{deactivateDevice("alice", "app", Lost, hour)},
			then{
				"accepted at 1h: alice bob carol", "carol login.abandoned attempt=try at 1h", "bob code.expired code=his at 1h", "carol code.expired code=hers at 1h",
				"device.deactivated at 1h", "bob device.deactivated at 1h", "carol device.deactivated at 1h"}},
		{"DEV-9 late, if the command is older than the clock of any",
			append(busy, send(3*hour, &IdentityVerify{User: "carol", Agent: "ann", Channel: "phone"})), when{deactivateDevice("alice", "app", Lost, 2*hour), verify(2 * hour)},
			then{
				"accepted at 3h: alice bob carol", "bob code.expired code=his at 1h",
				"device.deactivated at 3h", "bob device.deactivated at 3h", "carol device.deactivated at 3h",
				"accepted at 3h: alice", "identity.verified at 3h"}},
	})
}

// A cascade costs a joiner no passcode, and no lock: it only deactivates.
func TestACascadeOnlyDeactivates(t *testing.T) {
	hold(t, IBKRSLS(), []rule{
		{"DEV-9 the joiner's passcode lives on",
			given{hasDevice("alice", "app", IBKRMobile, 0), addUser("bob", "alice", "app", 0), hasTemporary("bob", "p", "k", 0), deactivateDevice("alice", "app", Lost, 0)},
			when{redeemDeviceCode("bob", "p", ToLogin, 0)}, then{"accepted", "code.redeemed"}},
	})
}
