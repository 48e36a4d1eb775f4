package domain

import "testing"

func TestDeviceDeactivate(t *testing.T) {
	off := then{accepted, &DeviceDeactivated{}}
	lent := append(steps{hasDevice("alice", "d", Gold, 0)},
		append(samePerson("alice", "bob", 0), lendDevice("s", "bob", "alice", "d", false, 0))...)
	hold(t, IBKRSLS(), []rule{
		{"DEV-6 requested, shipped, active and dormant devices (A-23)",
			given{requestDevice("alice", "a", DigitalSecurityCardPlus, 0), getsCard("alice", "b", 0),
				hasDevice("alice", "c", Gold, 0),
				hasDevice("bob", "lent", DigitalSecurityCardPlus, 0), samePerson("alice", "bob", 0),
				lendDevice("s", "alice", "bob", "lent", false, 0)},
			when{
				deactivateDevice("alice", "a", ByUser, 0), deactivateDevice("alice", "b", Lost, 0),
				deactivateDevice("alice", "c", Damaged, 0)},
			append(append(off, off...), off...)},
		{"DEV-6 each of the five reasons, of a card that can be returned",
			given{hasDevice("alice", "a", DigitalSecurityCardPlus, 0),
				hasDevice("alice", "b", DigitalSecurityCardPlus, 0), hasDevice("alice", "c", DigitalSecurityCardPlus, 0),
				hasDevice("alice", "d", DigitalSecurityCardPlus, 0), hasDevice("alice", "e", DigitalSecurityCardPlus, 0)},
			when{
				deactivateDevice("alice", "a", Lost, 0), deactivateDevice("alice", "b", Damaged, 0),
				deactivateDevice("alice", "c", Returned, 0),
				deactivateDevice("alice", "d", Replaced, 0), deactivateDevice("alice", "e", ByUser, 0)},
			append(append(append(off, off...), append(off, off...)...), off...)},
		{"DEV-6 returned card of another class",
			given{
				hasDevice("alice", "a", SecurityCodeCard, 0), hasDevice("alice", "b", DigitalSecurityCard, 0),
				hasDevice("alice", "c", Gold, 0),
				hasDevice("alice", "d", Platinum, 0), hasDevice("alice", "e", IBKRMobile, 0)},
			when{
				deactivateDevice("alice", "a", Returned, 0), deactivateDevice("alice", "b", Returned, 0),
				deactivateDevice("alice", "c", Returned, 0),
				deactivateDevice("alice", "d", Returned, 0), deactivateDevice("alice", "e", Returned, 0)},
			append(append(append(deviceRefused(NotReturnable), deviceRefused(NotReturnable)...),
				append(deviceRefused(NotReturnable), deviceRefused(NotReturnable)...)...),
				deviceRefused(NotReturnable)...)},
		{"A-23 unknown device and device of another user",
			given{hasDevice("bob", "d", Gold, 0)}, when{deactivateDevice("alice", "d", Lost, 0),
				deactivateDevice("alice", "e", Returned, 0)},
			append(deviceRefused(UnknownDevice), deviceRefused(UnknownDevice)...)},
		{"A-28 requester cannot deactivate a shared device",
			given{lent}, when{deactivateDevice("bob", "d", ByUser, 0), deactivateDevice("bob", "d", Returned, 0)},
			append(deviceRefused(UseSharing), deviceRefused(UseSharing)...)},
		{"A-28 use_sharing comes before device_gone",
			given{hasDevice("bob", "d", Gold, 0), deactivateDevice("bob", "d", Lost, 0), lent},
			when{deactivateDevice("bob", "d", Lost, 0)},
			deviceRefused(UseSharing)},
		{"A-28 pending sharing does not make the device known",
			given{hasDevice("alice", "d", Gold, 0), samePerson("alice", "bob", 0),
				lendDevice("s", "bob", "alice", "d", true, 0)},
			when{deactivateDevice("bob", "d", ByUser, 0)}, deviceRefused(UnknownDevice)},
		{"A-22 device_gone after replaced, before not_returnable",
			given{hasDevice("alice", "a", Gold, 0), deactivateDevice("alice", "a", Replaced, 0)},
			when{deactivateDevice("alice", "a", Returned, 0), deactivateDevice("alice", "a", ByUser, 0),
				deactivateDevice("alice", "a", Replaced, 0)},
			append(append(deviceRefused(DeviceGone), deviceRefused(DeviceGone)...), deviceRefused(DeviceGone)...)},
		{"A-23 by_user twice, and by_user after an activation",
			given{hasDevice("alice", "a", Gold, 0), deactivateDevice("alice", "a", ByUser, 0)},
			when{deactivateDevice("alice", "a", ByUser, 0), hasDevice("alice", "a", Gold, 0),
				deactivateDevice("alice", "a", ByUser, 0)},
			append(append(deviceRefused(DeviceNotActive), accepted, &DeviceActivated{}), off...)},
		{"A-23 other reasons after by_user make the device gone",
			given{
				hasDevice("alice", "a", Gold, 0), deactivateDevice("alice", "a", ByUser, 0),
				hasDevice("alice", "b", Gold, 0), deactivateDevice("alice", "b", ByUser, 0),
				hasDevice("alice", "c", Gold, 0), deactivateDevice("alice", "c", ByUser, 0),
				hasDevice("alice", "d", DigitalSecurityCardPlus, 0), deactivateDevice("alice", "d", ByUser, 0)},
			when{
				deactivateDevice("alice", "a", Lost, 0), deactivateDevice("alice", "b", Damaged, 0),
				deactivateDevice("alice", "c", Returned, 0),
				deactivateDevice("alice", "c", Replaced, 0), deactivateDevice("alice", "d", Returned, 0),
				hasDevice("alice", "d", DigitalSecurityCardPlus, 0)},
			append(append(append(append(append(off, off...), deviceRefused(NotReturnable)...), off...), off...),
				deviceRefused(DeviceGone)...)},
	})
	if got := wrongForm(&DeviceDeactivate{User: "alice", Device: "d", Reason: "stolen"}); got != BadField {
		t.Errorf("DEV-6 unknown reason: got rejection %q, want bad_field", got)
	}
}

// TestDeactivate_LentDevice is SHARE-5, A-09 and A-15: the record names all users who share the device
// or requested to share it.
func TestDeactivate_LentDevice(t *testing.T) {
	person := []some{samePerson("alice", "bob", 0), samePerson("alice", "carol", 0)}
	holdOfUsers(t, []rule{
		{"DEV-6 sharings end in order of request, including pending ones (A-27)",
			append(given{hasDevice("alice", "d", Gold, 0)},
				append(person, lendDevice("s1", "carol", "alice", "d", true, 0),
					lendDevice("s2", "bob", "alice", "d", false, 0))...),
			when{deactivateDevice("alice", "d", Lost, hour), endLoan("s1", hour),
				deactivateDevice("bob", "d", Lost, hour)},
			then{
				accepted.at(hour).of(theUsers("alice", "carol", "bob")), on(hour, &DeviceDeactivated{}),
				on(hour, &SharingCancelled{Sharing: "s1"}), on(hour, &SharingCancelled{Sharing: "s2"}),
				refused(NotShared).at(hour).of(theUsers("carol", "alice")), on(hour, &SharingRefused{Reason: NotShared}),
				refused(UnknownDevice).at(hour).of(theUsers("bob")), on(hour, &DeviceRefused{Reason: UnknownDevice})}},
		{"DEV-6 by_user ends the sharings that have not ended",
			append(given{hasDevice("alice", "d", Gold, 0)},
				append(person, lendDevice("s2", "bob", "alice", "d", false, 0), endLoan("s2", 0))...),
			when{deactivateDevice("alice", "d", ByUser, hour)},
			then{accepted.at(hour).of(theUsers("alice")), on(hour, &DeviceDeactivated{})}},
		{"DEV-6 the sharings of another device stay",
			append(given{hasDevice("alice", "d", Gold, 0), hasDevice("alice", "e", Gold, 0)},
				append(person, lendDevice("s", "bob", "alice", "d", false, 0))...),
			when{deactivateDevice("alice", "e", Lost, hour), endLoan("s", hour)},
			then{accepted.at(hour).of(theUsers("alice")), on(hour, &DeviceDeactivated{}),
				accepted.at(hour).of(theUsers("bob", "alice")), on(hour, &SharingCancelled{})}},
		{"A-09 refusal names only the user",
			append(given{hasDevice("alice", "d", Gold, 0)},
				append(person, lendDevice("s", "bob", "alice", "d", false, 0))...),
			when{deactivateDevice("alice", "d", Returned, hour)},
			then{refused(NotReturnable).at(hour).of(theUsers("alice")),
				on(hour, &DeviceRefused{Reason: NotReturnable})}},
		{"A-09 time is the latest clock; overdue events of all users (A-07)",
			append(given{hasDevice("alice", "d", Gold, 0)}, append(person,
				lendDevice("s", "bob", "alice", "d", false, 0), getsCard("bob", "plus", 0),
				deviceCode("alice", "soon", SMS, "", 14*day-6*minute),
				deviceCode("alice", "late", SMS, "", 14*day-5*minute), deviceCode("bob", "his", SMS, "", 14*day-5*minute),
				send(14*day-minute, &LoginBegin{User: "bob", Attempt: "try", Platform: TWS}))...),
			when{deactivateDevice("alice", "d", Lost, 14*day)},
			then{
				accepted.at(14 * day).of(theUsers("alice", "bob")),
				on(13*day+23*hour+59*minute, &CodeExpired{Code: "soon"}), on(14*day, &CodeExpired{Code: "late"}),
				whose("bob", on(14*day, &CodeExpired{Code: "his"})),
				whose("bob", on(14*day, &DeviceActivated{Device: "plus", Method: Auto})),
				on(14*day, &DeviceDeactivated{}), on(14*day, &SharingCancelled{Sharing: "s"})}},
		{"A-09 clock of each user advances",
			append(given{hasDevice("alice", "d", Gold, 0)}, append(person,
				lendDevice("s", "bob", "alice", "d", false, 0),
				send(2*hour, &IdentityVerify{User: "bob", Agent: "ann", Channel: "phone"}))...),
			when{deactivateDevice("alice", "d", Lost, hour), verify(hour)},
			then{accepted.at(2 * hour).of(theUsers("alice", "bob")), on(2*hour, &DeviceDeactivated{}),
				on(2*hour, &SharingCancelled{Sharing: "s"}),
				accepted.at(2 * hour).of(theUsers("alice")), on(2*hour, &IdentityVerified{})}},
	})
}

// TestDeviceHolder is A-24: the owner of a physical device over time.
func TestDeviceHolder(t *testing.T) {
	accepted := func(event EventData) then { return then{accepted, event} }
	taken := given{hasDevice("alice", "d", Gold, 0), deactivateDevice("alice", "d", ByUser, 0),
		hasDevice("bob", "d", Gold, 0)}
	hold(t, IBKRSLS(), []rule{
		{"A-24 deactivated device can be activated by another user",
			given{hasDevice("alice", "d", Gold, 0), deactivateDevice("alice", "d", ByUser, 0)},
			when{hasDevice("bob", "d", Gold, 0)}, accepted(&DeviceActivated{})},
		{"A-24 new user owns the device",
			taken, when{hasDevice("alice", "d", Gold, 0)}, deviceRefused(UseSharing)},
		{"A-24 loss report of the former user has no effect",
			append(taken, deactivateDevice("alice", "d", Lost, 0)),
			when{hasDevice("carol", "d", Gold, 0), requestDevice("carol", "d", DigitalSecurityCardPlus, 0),
				hasDevice("bob", "d", Gold, 0)},
			append(append(deviceRefused(UseSharing), deviceRefused(DeviceExists)...),
				deviceRefused(AlreadyActive)...)},
		{"A-24 former user activates the device again after the second user",
			append(taken, deactivateDevice("bob", "d", Lost, 0)),
			when{hasDevice("alice", "d", Gold, 0), hasDevice("carol", "d", Gold, 0)},
			append(accepted(&DeviceActivated{}), deviceRefused(UseSharing)...)},
		{"A-24 requested and shipped devices have an owner",
			given{requestDevice("alice", "d", DigitalSecurityCardPlus, 0), getsCard("alice", "e", 0)},
			when{hasDevice("bob", "d", DigitalSecurityCardPlus, 0), hasDevice("bob", "e", DigitalSecurityCardPlus, 0),
				requestDevice("bob", "e", DigitalSecurityCardPlus, 0)},
			append(append(deviceRefused(UseSharing), deviceRefused(UseSharing)...), deviceRefused(DeviceExists)...)},
		{"A-24 dormant device has an owner",
			given{hasDevice("alice", "d", Gold, 0), hasDevice("bob", "lent", DigitalSecurityCardPlus, 0),
				samePerson("alice", "bob", 0), lendDevice("s", "alice", "bob", "lent", false, 0)},
			when{hasDevice("carol", "d", Gold, 0)}, deviceRefused(UseSharing)},
		{"A-24 automatically activated device has an owner",
			given{getsCard("alice", "d", 0), verify(14 * day)},
			when{hasDevice("bob", "d", DigitalSecurityCardPlus, 14*day)}, deviceRefused(UseSharing)},
		{"A-24 former requester of a sharing is not the owner",
			given{hasDevice("alice", "d", Gold, 0), samePerson("alice", "bob", 0),
				lendDevice("s", "bob", "alice", "d", false, 0), endLoan("s", 0)},
			when{hasDevice("bob", "d", Gold, 0), hasDevice("bob", "d", IBKRMobile, 0)},
			append(deviceRefused(UseSharing), accepted(&DeviceActivated{})...)},
	})
}

// A user has a maximum number of devices.
func TestTooManyDevices(t *testing.T) {
	tooMany := then{refused(TooMany), &DeviceRefused{Reason: TooMany}}
	full := steps{hasDevice("alice", "gold", Gold, 0), getsCard("alice", "sent", 0)[0]}
	for i := range devicesMax - 2 {
		full = append(full, hasDevice("alice", "app"+decimal(int64(i)), IBKRMobile, 0))
	}
	hold(t, IBKRSLS(), []rule{
		{"DEV-1 maximum of 64 devices that are not gone",
			given{full}, when{hasDevice("alice", "new", IBKRMobile, 0),
				requestDevice("alice", "new", DigitalSecurityCardPlus, 0), addUser("alice", "bob", "app", 0)[0]},
			append(append(tooMany, tooMany...), accepted, &CodeIssued{Until: after(5 * minute)})},
		{"DEV-1 maximum also applies to joining",
			given{full, hasDevice("bob", "app", IBKRMobile, 0), addUser("alice", "bob", "app", 0)[0]},
			when{addUser("alice", "bob", "app", 0)[1]}, tooMany},
		{"DEV-1 known device does not count twice",
			given{full}, when{hasDevice("alice", "sent", DigitalSecurityCardPlus, 0)},
			then{accepted, &DeviceActivated{}}},
		{"DEV-1 deactivated device counts, gone device does not",
			given{full, deactivateDevice("alice", "app0", ByUser, 0)},
			when{hasDevice("alice", "new", IBKRMobile, 0), deactivateDevice("alice", "app0", Lost, 0),
				hasDevice("alice", "new", IBKRMobile, 0)},
			append(tooMany, accepted, &DeviceDeactivated{}, accepted, &DeviceActivated{})},
		{"DEV-2 balance is checked before the maximum",
			given{full, deactivateDevice("alice", "gold", ByUser, 0)},
			when{requestDevice("alice", "new", DigitalSecurityCardPlus, 0),
				hasDevice("alice", "gold", DigitalSecurityCardPlus, 0)},
			then{
				refused(BalanceBelowMinimum), &DeviceRefused{Reason: BalanceBelowMinimum},
				refused(ClassMismatch), &DeviceRefused{Reason: ClassMismatch}}},
	})
}
