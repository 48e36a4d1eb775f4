package domain

import "testing"

func TestDeviceRequest(t *testing.T) {
	card := func(balance string) step {
		return send(hour, &DeviceRequest{
			User: "alice", Device: "new", Class: DigitalSecurityCardPlus, Purpose: "new", BalanceUSD: balance,
		})
	}
	lost := func(reason string) steps {
		return steps{hasDevice("alice", "app", IBKRMobile, 0), hasDevice("alice", "old", SecurityCodeCard, 0),
			deactivateDevice("alice", "old", reason, 0)}
	}
	tooLow := then{refused(BalanceBelowMinimum), &DeviceRefused{Reason: BalanceBelowMinimum}}
	requested := then{accepted, &DeviceRequested{}}
	hold(t, IBKRSLS(), []rule{
		{"DEV-2 user without an active device needs no balance (A-26)",
			given{}, when{card("")}, requested},
		{"DEV-2 user with a deactivated app needs no balance (A-26)",
			given{hasDevice("alice", "app", IBKRMobile, 0), deactivateDevice("alice", "app", ByUser, 0)},
			when{card("")}, requested},
		{"DEV-2 user with only the app and without a stated balance (A-26)",
			given{hasDevice("alice", "app", IBKRMobile, 0)}, when{card("")}, tooLow},
		{"DEV-2 balance one cent below the minimum",
			given{hasDevice("alice", "app", IBKRMobile, 0)}, when{card("499999.99")}, tooLow},
		{"DEV-2 balance of 0",
			given{hasDevice("alice", "app", IBKRMobile, 0)}, when{card("0")}, tooLow},
		{"DEV-2 balance equal to the minimum (A-06)",
			given{hasDevice("alice", "app", IBKRMobile, 0)}, when{card("500000")}, requested},
		{"DEV-2 user with two apps",
			given{hasDevice("alice", "app", IBKRMobile, 0), hasDevice("alice", "app2", IBKRMobile, 0)},
			when{card("")}, tooLow},
		{"DEV-2 user with an app and an active card needs no balance",
			given{hasDevice("alice", "app", IBKRMobile, 0), hasDevice("alice", "gold", Gold, 0)}, when{card("")},
			requested},
		{"DEV-2 shipped card is not active",
			given{getsCard("alice", "dsc", 0), hasDevice("alice", "app", IBKRMobile, 0)}, when{card("")}, tooLow},
		{"DEV-2 card that activates at the instant of the request is active (A-07)",
			given{getsCard("alice", "dsc", hour-14*day), hasDevice("alice", "app", IBKRMobile, hour-14*day)},
			when{card("")},
			then{accepted, &DeviceActivated{Device: "dsc", Method: Auto}, &DeviceRequested{}}},
		{"DEV-2 a card shared by another user is active",
			given{hasDevice("alice", "app", IBKRMobile, 0), hasDevice("bob", "gold", Gold, 0),
				samePerson("alice", "bob", 0),
				lendDevice("s", "alice", "bob", "gold", false, 0)},
			when{card("")}, requested},
		{"DEV-2 replacement of a lost device needs no balance",
			given{lost(Lost)}, when{replaceDevice("alice", "new", "old", "", hour)}, requested},
		{"DEV-2 replacement of a damaged device needs no balance",
			given{lost(Damaged)}, when{replaceDevice("alice", "new", "old", "", hour)}, requested},
		{"DEV-2 replacement of another deactivated device needs a balance (A-26)",
			given{lost(Replaced)}, when{replaceDevice("alice", "new", "old", "", hour)}, tooLow},
		{"DEV-2 replacement of a device deactivated by_user needs a balance (A-26)",
			given{lost(ByUser)}, when{replaceDevice("alice", "new", "old", "", hour),
				replaceDevice("alice", "new", "old", "500000.00", hour)},
			append(tooLow, requested...)},
		{"DEV-2 replacement of no device or an unknown device needs a balance (A-26)",
			given{lost(Lost)}, when{replaceDevice("alice", "new", "", "", hour),
				replaceDevice("alice", "new", "other", "", hour)},
			append(tooLow, tooLow...)},
		{"DEV-2 replacement of another user's lost device needs a balance (A-26)",
			given{hasDevice("alice", "app", IBKRMobile, 0), hasDevice("bob", "old", Gold, 0),
				deactivateDevice("bob", "old", Lost, 0)},
			when{replaceDevice("alice", "new", "old", "", hour)}, tooLow},
		{"DEV-2 legacy classes are refused",
			given{}, when{
				requestDevice("alice", "d1", SecurityCodeCard, 0), requestDevice("alice", "d2", DigitalSecurityCard, 0),
				requestDevice("alice", "d3", Gold, 0), requestDevice("alice", "d4", Platinum, 0)},
			then{
				refused(LegacyDevice), &DeviceRefused{Reason: LegacyDevice},
				refused(LegacyDevice), &DeviceRefused{Reason: LegacyDevice},
				refused(LegacyDevice), &DeviceRefused{Reason: LegacyDevice},
				refused(LegacyDevice), &DeviceRefused{Reason: LegacyDevice}}},
		{"DEV-2 refusal leaves the id free (A-15)",
			given{requestDevice("alice", "d", Gold, 0)}, when{requestDevice("alice", "d", DigitalSecurityCardPlus, 0)},
			requested},
		{"A-14 known device is refused first, in any state",
			given{
				requestDevice("alice", "requested", DigitalSecurityCardPlus, 0), getsCard("alice", "shipped", 0),
				hasDevice("alice", "off", Gold, 0), deactivateDevice("alice", "off", ByUser, 0),
				hasDevice("alice", "gone", Gold, 0), deactivateDevice("alice", "gone", Lost, 0),
				hasDevice("alice", "app", IBKRMobile, 0)},
			when{
				requestDevice("alice", "requested", Gold, 0), requestDevice("alice", "shipped", Gold, 0),
				requestDevice("alice", "off", Gold, 0),
				requestDevice("alice", "gone", DigitalSecurityCardPlus, 0),
				requestDevice("alice", "app", DigitalSecurityCardPlus, 0)},
			then{
				refused(DeviceExists), &DeviceRefused{Reason: DeviceExists},
				refused(DeviceExists), &DeviceRefused{Reason: DeviceExists},
				refused(DeviceExists), &DeviceRefused{Reason: DeviceExists},
				refused(DeviceExists), &DeviceRefused{Reason: DeviceExists},
				refused(DeviceExists), &DeviceRefused{Reason: DeviceExists}}},
		{"A-14 same app id of two users",
			given{hasDevice("bob", "d", IBKRMobile, 0)}, when{requestDevice("alice", "d", DigitalSecurityCardPlus, 0)},
			requested},
		{"A-24 physical device of another user is refused first",
			given{hasDevice("bob", "d", Gold, 0), hasDevice("alice", "app", IBKRMobile, 0)}, when{
				requestDevice("alice", "d", DigitalSecurityCardPlus, 0), requestDevice("alice", "d", Gold, 0)},
			then{
				refused(DeviceExists), &DeviceRefused{Reason: DeviceExists},
				refused(DeviceExists), &DeviceRefused{Reason: DeviceExists}}},
		{"DEV-2 legacy class comes before the balance",
			given{hasDevice("alice", "app", IBKRMobile, 0)}, when{requestDevice("alice", "d", Gold, 0)},
			then{refused(LegacyDevice), &DeviceRefused{Reason: LegacyDevice}}},
	})
}

func TestDeviceRequestForms(t *testing.T) {
	for says, want := range map[string]struct {
		request DeviceRequest
		reason  Reason
	}{
		"DEV-2 request of the app": {DeviceRequest{Class: IBKRMobile, Purpose: "new"},
			BadField},
		"DEV-2 new device with replaces (A-26)": {DeviceRequest{Class: DigitalSecurityCardPlus,
			Purpose: "new", Replaces: "old"}, BadField},
		"DEV-2 replacement without replaces (A-26)": {DeviceRequest{Class: DigitalSecurityCardPlus,
			Purpose: "replacement"}, ""},
		"DEV-2 unknown purpose": {DeviceRequest{Class: Gold, Purpose: "gift"},
			BadField},
		"DEV-2 unknown class": {DeviceRequest{Class: "silver", Purpose: "new"},
			BadField},
		"A-33 a balance has at most two decimals": {DeviceRequest{Class: Gold, Purpose: "new",
			BalanceUSD: "500000.001"}, BadField},
		"A-33 a balance may be 0": {DeviceRequest{Class: Gold, Purpose: "new",
			BalanceUSD: "0.00"}, ""},
		"A-33 a balance is not negative": {DeviceRequest{Class: Gold, Purpose: "new",
			BalanceUSD: "-1"}, BadField},
		"DEV-2 legacy class has a valid form": {DeviceRequest{Class: Gold, Purpose: "new"}, ""},
	} {
		want.request.User, want.request.Device = "alice", "d"
		if got := wrongForm(&want.request); got != want.reason {
			t.Errorf("%s: got rejection %q, want %q", says, got, want.reason)
		}
	}
}

func TestDeviceShip(t *testing.T) {
	notRequested := then{refused(NotRequested), &DeviceRefused{Reason: NotRequested}}
	hold(t, IBKRSLS(), []rule{
		{"DEV-3 activation 14 times 24 hours after the shipment (A-05)",
			given{requestDevice("alice", "d", DigitalSecurityCardPlus, 0)}, when{shipDevice("alice", "d", hour)},
			then{accepted, &DeviceShipped{Activates: after(14*day + hour)}}},
		{"DEV-3 number of the policy at the shipment (A-43)",
			given{requestDevice("alice", "a", DigitalSecurityCardPlus, 0),
				requestDevice("alice", "b", DigitalSecurityCardPlus, 0),
				adopt(0, func(p *Policy) { p.AutoActivationDays = 3 }), shipDevice("alice", "a", 0),
				adopt(0, func(p *Policy) { p.Version, p.AutoActivationDays = "test@2", 1 })},
			when{shipDevice("alice", "b", 0), verify(3 * day)},
			then{
				accepted, &DeviceShipped{Activates: after(day)},
				accepted, on(day, &DeviceActivated{Device: "b", Method: Auto}),
				&DeviceActivated{Device: "a", Method: Auto}, &IdentityVerified{}}},
		{"DEV-3 unknown device (A-23)",
			given{}, when{shipDevice("alice", "d", 0)}, notRequested},
		{"DEV-3 device that another user requested",
			given{requestDevice("bob", "d", DigitalSecurityCardPlus, 0)}, when{shipDevice("alice", "d", 0)},
			notRequested},
		{"DEV-3 second shipment (A-23)",
			given{getsCard("alice", "d", 0)}, when{shipDevice("alice", "d", hour), verify(14*day - 1),
				verify(14 * day)},
			append(notRequested, accepted, &IdentityVerified{}, accepted, &DeviceActivated{Device: "d", Method: Auto},
				&IdentityVerified{})},
		{"DEV-3 active, dormant, deactivated and gone devices (A-23)",
			given{hasDevice("alice", "active", Gold, 0),
				hasDevice("alice", "off", Gold, 0), deactivateDevice("alice", "off", ByUser, 0),
				requestDevice("alice", "gone", DigitalSecurityCardPlus, 0), deactivateDevice("alice", "gone", Lost, 0),
				hasDevice("bob", "card", DigitalSecurityCardPlus, 0), samePerson("alice", "bob", 0),
				lendDevice("s", "alice", "bob", "card", false, 0)},
			when{shipDevice("alice", "active", 0), shipDevice("alice", "off", 0), shipDevice("alice", "gone", 0),
				shipDevice("alice", "card", 0)},
			append(append(append(notRequested, notRequested...), notRequested...), notRequested...)},
	})
}
