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
		named := theUsers(append([]string{first}, rest...)...)
		all := then{accepted.at(hour).of(named), on(hour, &DeviceDeactivated{})}
		for _, name := range rest {
			all = append(all, whose(name, on(hour, &DeviceDeactivated{})))
		}
		return all
	}
	refused := func(user string, reason Reason) then {
		return then{refused(reason).at(hour).of(theUsers(user)), on(hour, &DeviceRefused{Reason: reason})}
	}
	again := func(user string) step { return hasDevice(user, "app", IBKRMobile, minute) }
	holdOfUsers(t, []rule{
		{"DEV-9 lost: direct and indirect joiners, breadth first in order of joining",
			family, when{report("alice", Lost)}, gone("alice", "bob", "carol", "dave", "erin", "frank", "grace")},
		{"DEV-9 damaged: the device is gone for each joiner",
			family, when{report("alice", Damaged), hasDevice("grace", "app", IBKRMobile, hour)},
			append(gone("alice", "bob", "carol", "dave", "erin", "frank", "grace"),
				refused("grace", DeviceGone)...)},
		{"DEV-9 loss by a joiner does not affect the owner",
			family, when{report("bob", Lost), hasDevice("alice", "app", IBKRMobile, hour),
				hasDevice("carol", "app", IBKRMobile, hour)},
			append(append(gone("bob", "dave", "erin", "grace"), refused("alice", AlreadyActive)...),
				refused("carol", AlreadyActive)...)},
		{"DEV-9 deactivated joiner is in no second cascade",
			append(family, deactivateDevice("bob", "app", Lost, minute)), when{report("alice", Lost)},
			gone("alice", "carol", "frank")},
		{"DEV-9 replaced or by_user: joiners stay active",
			family, when{report("dave", Replaced), report("alice", ByUser), hasDevice("bob", "app", IBKRMobile, hour)},
			append(append(gone("dave"), gone("alice")...), refused("bob", AlreadyActive)...)},
		{"DEV-9 device deactivated by_user, then reported lost",
			append(family, deactivateDevice("alice", "app", ByUser, minute)), when{report("alice", Lost)},
			gone("alice", "bob", "carol", "dave", "erin", "frank", "grace")},
		{"DEV-9 inactive joiner is skipped, but not the joiners through that user",
			append(family, deactivateDevice("bob", "app", ByUser, minute)), when{report("alice", Lost)},
			gone("alice", "carol", "dave", "erin", "frank", "grace")},
		{"DEV-9 joiner who activated the app manually is no joiner, nor are the users below",
			append(family, deactivateDevice("bob", "app", ByUser, minute), again("bob")),
			when{report("alice", Lost), report("bob", Lost)},
			append(gone("alice", "carol", "frank"), gone("bob", "dave", "erin", "grace")...)},
		{"DEV-9 second join through another user replaces the first",
			append(family, deactivateDevice("bob", "app", ByUser, minute), addUser("bob", "frank", "app", minute)),
			when{report("carol", Lost), report("alice", Lost)},
			append(gone("carol", "frank", "bob", "dave", "erin", "grace"), gone("alice")...)},
		{"DEV-9 second join through the same user moves to the end",
			append(family, deactivateDevice("bob", "app", ByUser, minute), addUser("bob", "alice", "app", minute)),
			when{report("alice", Lost)},
			gone("alice", "carol", "bob", "frank", "dave", "erin", "grace")},
		{"DEV-9 other apps stay active",
			append(family, hasDevice("alice", "two", IBKRMobile, minute), addUser("bob", "alice", "two", minute)),
			when{deactivateDevice("alice", "two", Lost, hour)},
			gone("alice", "bob")},
		{"DEV-9 two users who joined through each other",
			given{app, join("bob", "alice", 1), deactivateDevice("alice", "app", ByUser, minute),
				addUser("alice", "bob", "app", minute)},
			when{report("alice", Lost), report("bob", Lost)},
			append(gone("alice", "bob"), refused("bob", DeviceGone)...)},
		{"DEV-9 cycle of three users and a fourth joiner",
			given{app, join("bob", "alice", 1), join("carol", "bob", 2), join("dave", "alice", 3),
				deactivateDevice("alice", "app", ByUser, minute), addUser("alice", "carol", "app", minute)},
			when{report("carol", Damaged)}, gone("carol", "alice", "bob", "dave")},
		{"DEV-9 joiner of a cycle",
			given{app, join("bob", "alice", 1), deactivateDevice("alice", "app", ByUser, minute),
				addUser("alice", "bob", "app", minute), addUser("carol", "alice", "app", minute)},
			when{report("bob", Lost)}, gone("bob", "alice", "carol")},
	})
}

// TestCascade_RecordsOverdueEvents is: the record of a cascade has the latest clock of
// its users, and the overdue events of each user.
func TestCascade_RecordsOverdueEvents(t *testing.T) {
	busy := given{
		hasDevice("alice", "app", IBKRMobile, 0), addUser("bob", "alice", "app", 0),
		addUser("carol", "bob", "app", 0),
		deviceCode("carol", "hers", SMS, "", hour-5*minute), deviceCode("bob", "his", SMS, "", hour-5*minute),
		send(hour-5*minute, &LoginBegin{User: "carol", Attempt: "try", Platform: TWS}),
	}
	holdOfUsers(t, []rule{
		{"DEV-9 by instant, then type, then user", busy, when{deactivateDevice("alice", "app", Lost, hour)},
			then{
				accepted.at(hour).of(theUsers("alice", "bob", "carol")),
				whose("carol", on(hour, &LoginAbandoned{Attempt: "try"})),
				whose("bob", on(hour, &CodeExpired{Code: "his"})), whose("carol", on(hour, &CodeExpired{Code: "hers"})),
				on(hour, &DeviceDeactivated{}), whose("bob", on(hour, &DeviceDeactivated{})),
				whose("carol", on(hour, &DeviceDeactivated{}))}},
		{"DEV-9 late for the clock of any user",
			append(busy, send(3*hour, &IdentityVerify{User: "carol", Agent: "ann", Channel: "phone"})),
			when{deactivateDevice("alice", "app", Lost, 2*hour), verify(2 * hour)},
			then{
				accepted.at(3 * hour).of(theUsers("alice", "bob", "carol")),
				whose("bob", on(hour, &CodeExpired{Code: "his"})),
				on(3*hour, &DeviceDeactivated{}), whose("bob", on(3*hour, &DeviceDeactivated{})),
				whose("carol", on(3*hour, &DeviceDeactivated{})),
				accepted.at(3 * hour).of(theUsers("alice")), on(3*hour, &IdentityVerified{})}},
	})
}

// A cascade only deactivates the device of a joiner. It changes no passcode and no lockout.
func TestCascade_OnlyDeactivates(t *testing.T) {
	hold(t, IBKRSLS(), []rule{
		{"DEV-9 passcode of a joiner stays live",
			given{hasDevice("alice", "app", IBKRMobile, 0), addUser("bob", "alice", "app", 0),
				hasTemporary("bob", "p", "k", 0), deactivateDevice("alice", "app", Lost, 0)},
			when{redeemDeviceCode("bob", "p", ToLogin, 0)}, then{accepted, &CodeRedeemed{}}},
	})
}
