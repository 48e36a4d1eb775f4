package domain

import "testing"

func TestDeviceAddUser(t *testing.T) {
	added := then{accepted, &CodeRedeemed{}, &DeviceUserAdded{}}
	owner := hasDevice("bob", "d", IBKRMobile, 0)
	code := deviceCode("alice", "c", ActivationSMS, "", 0)
	join := send(minute, &DeviceAddUser{User: "alice", Owner: "bob", Device: "d", Code: "c"})
	hold(t, IBKRSLS(), []rule{
		{"DEV-7 code is used, and the app is an own device (A-29)",
			given{owner, code}, when{join, deactivateDevice("alice", "d", ByUser, minute),
				hasDevice("alice", "d", IBKRMobile, minute), redeemDeviceCode("alice", "c", ToActivate, minute)},
			append(added, accepted, &DeviceDeactivated{}, accepted, &DeviceActivated{}, refused(CodeIsUsed),
				&CodeRefused{Reason: CodeIsUsed})},
		{"DEV-7 joined app stays active after the owner's deactivation (A-29)",
			given{owner, code, join, deactivateDevice("bob", "d", ByUser, minute)}, when{join},
			deviceRefused(DeviceNotActive)},
		{"DEV-7 join after an own deactivation",
			given{owner, code, join, deactivateDevice("alice", "d", ByUser, minute),
				deviceCode("alice", "c2", ActivationSMS, "", minute)},
			when{send(minute, &DeviceAddUser{User: "alice", Owner: "bob", Device: "d", Code: "c2"})}, added},
		{"DEV-7 physical device is refused first, active or not",
			given{hasDevice("bob", "d", Gold, 0), deactivateDevice("bob", "d", Lost, 0)}, when{join},
			deviceRefused(UseSharing)},
		{"DEV-7 physical device that the owner borrows",
			given{hasDevice("carol", "d", Gold, 0), samePerson("bob", "carol", 0),
				lendDevice("s", "bob", "carol", "d", false, 0)}, when{join}, deviceRefused(UseSharing)},
		{"DEV-7 not active for the owner: unknown",
			given{code}, when{join}, deviceRefused(DeviceNotActive)},
		{"DEV-7 not active for the owner: deactivated, which comes before class_mismatch",
			given{owner, deactivateDevice("bob", "d", ByUser, 0), hasDevice("alice", "d", Gold, 0)}, when{join},
			deviceRefused(DeviceNotActive)},
		{"A-29 class_mismatch comes before device_gone",
			given{owner, code, hasDevice("alice", "d", Gold, 0), deactivateDevice("alice", "d", Lost, 0)}, when{join},
			deviceRefused(ClassMismatch)},
		{"A-29 class_mismatch for a borrowed device",
			given{owner, code, hasDevice("carol", "d", Gold, 0), samePerson("alice", "carol", 0),
				lendDevice("s", "alice", "carol", "d", false, 0)},
			when{join}, deviceRefused(ClassMismatch)},
		{"A-29 the user's own is gone: before the code",
			given{owner, hasDevice("alice", "d", IBKRMobile, 0), deactivateDevice("alice", "d", Damaged, 0)},
			when{join}, deviceRefused(DeviceGone)},
		{"A-29 the user's own is active: before the code",
			given{owner, hasDevice("alice", "d", IBKRMobile, 0)}, when{join}, deviceRefused(AlreadyActive)},
		{"A-29 an unknown code", given{owner}, when{join}, deviceRefused(UnknownCode)},
		{"A-29 code of the owner is unknown",
			given{owner, deviceCode("bob", "c", ActivationSMS, "", 0)}, when{join}, deviceRefused(UnknownCode)},
		{"A-29 QR code is unknown",
			given{owner, deviceCode("alice", "c", ActivationQR, "", 0),
				redeemDeviceCode("alice", "c", ToActivate, 0)}, when{join}, deviceRefused(UnknownCode)},
		{"A-29 a revoked code",
			given{owner, code, send(0, &CodeRevoke{User: "alice", Code: "c", By: "ann"})}, when{join},
			deviceRefused(CodeIsRevoked)},
		{"A-29 an expired code, at its end (A-06)",
			given{owner, deviceCode("alice", "c", ActivationSMS, "", -4*minute)}, when{join},
			then{refused(CodeHasExpired), &CodeExpired{Code: "c"}, &DeviceRefused{Reason: CodeHasExpired}}},
		{"A-29 a used code",
			given{owner, code, redeemDeviceCode("alice", "c", ToActivate, 0)}, when{join}, deviceRefused(CodeIsUsed)},
		{"A-29 code is valid for one device",
			given{owner, hasDevice("carol", "e", IBKRMobile, 0), code, join},
			when{send(minute, &DeviceAddUser{User: "alice", Owner: "carol", Device: "e", Code: "c"})},
			deviceRefused(CodeIsUsed)},
		{"A-09 clock of the owner has no effect",
			given{owner, code, send(day, &IdentityVerify{User: "bob", Agent: "ann", Channel: "phone"})}, when{join},
			added},
	})
	if got := wrongForm(&DeviceAddUser{User: "alice", Owner: "alice", Device: "d", Code: "c"}); got != BadField {
		t.Errorf("A-29 owner joins the own device: got rejection %q, want bad_field", got)
	}
}

func TestDeviceAddUser_NamesOnlyTheJoiner(t *testing.T) {
	holdOfUsers(t, []rule{
		{"A-09 the record of a joiner", given{hasDevice("bob", "d", IBKRMobile, 0),
			addUser("alice", "bob", "d", 0)[0]}, when{addUser("alice", "bob", "d", 0)[1]},
			then{accepted.at(0).of(theUsers("alice")), on(0, &CodeRedeemed{}), on(0, &DeviceUserAdded{})}},
	})
}

// A joined app is an own device of the joiner, activated by sms_code.
func TestDeviceAddUser_AppIsOwnDevice(t *testing.T) {
	l := newLedger(IBKRSLS())
	for _, s := range flat(given{hasDevice("bob", "d", IBKRMobile, 0), addUser("alice", "bob", "d", hour)}) {
		l.mustAccept(t, s)
	}
	got := *l.items[DeviceKey("alice", "d")].(*Device)
	want := Device{ID: "d", Class: IBKRMobile, State: Active, Since: epoch.Add(hour), Method: SMSCode, Turn: 1,
		Through: "bob"}
	if got != want {
		t.Errorf("joined device: got %+v, want %+v", got, want)
	}
}

// The record of a cascade names all joiners, so their number has a maximum (DEV-9).
func TestTooManyJoiners(t *testing.T) {
	join := func(user, owner string) steps { return addUser(user, owner, "app", 0) }
	crowd := func(owner string, n int) steps {
		all := steps{hasDevice(owner, "app", IBKRMobile, 0)}
		for i := range n {
			all = append(all, join(owner+decimal(int64(i)), owner)...)
		}
		return all
	}
	joined := then{accepted, &CodeIssued{Until: after(5 * minute)}, accepted, &CodeRedeemed{},
		&DeviceUserAdded{}}
	tooMany := then{accepted, &CodeIssued{Until: after(5 * minute)}, refused(TooMany),
		&DeviceRefused{Reason: TooMany}}
	left := func(user string) step { return deactivateDevice(user, "app", ByUser, 0) }
	hold(t, IBKRSLS(), []rule{
		{"DEV-7 maximum of 64 joiners", given{crowd("alice", 63)},
			when{join("x", "alice"), join("y", "alice")}, append(joined, tooMany...)},
		{"DEV-7 indirect joiners count", given{crowd("alice", 63)},
			when{join("x", "alice7"), join("y", "alice7")}, append(joined, tooMany...)},
		{"DEV-7 gone joiner does not count, deactivated joiner counts",
			given{crowd("alice", 64), left("alice1")},
			when{join("x", "alice"), deactivateDevice("alice1", "app", Replaced, 0),
				send(0, &DeviceAddUser{User: "x", Owner: "alice", Device: "app", Code: joinCode("alice", 0)})},
			append(tooMany, accepted, &DeviceDeactivated{}, accepted, &CodeRedeemed{}, &DeviceUserAdded{})},
		{"DEV-7 second join does not count twice", given{crowd("alice", 64), left("alice1")},
			when{addUser("alice1", "alice", "app", minute)},
			then{accepted, &CodeIssued{Until: after(6 * minute)}, accepted, &CodeRedeemed{}, &DeviceUserAdded{}}},
		{"DEV-7 joiners through the joining user count", given{crowd("alice", 40), crowd("bob", 23), left("bob")},
			when{join("bob", "alice"), join("x", "alice")},
			append(joined, tooMany...)},
		{"DEV-7 65 joiners are too many", given{crowd("alice", 40), crowd("bob", 24), left("bob")},
			when{join("bob", "alice"), hasDevice("bob", "app", IBKRMobile, 0)},
			append(tooMany, accepted, &DeviceActivated{})},
	})
}
