package domain

import "testing"

func TestDeviceRequest(t *testing.T) {
	card := func(balance string) step {
		return send(hour, &DeviceRequest{
			User: "alice", Device: "new", Class: DigitalSecurityCardPlus, Purpose: "new", BalanceUSD: balance,
		})
	}
	lost := func(reason string) steps {
		return steps{hasDevice("alice", "app", IBKRMobile, 0), hasDevice("alice", "old", SecurityCodeCard, 0), deactivateDevice("alice", "old", reason, 0)}
	}
	tooLow := then{"refused balance_below_minimum", "device.refused reason=balance_below_minimum"}
	requested := then{"accepted", "device.requested"}
	hold(t, IBKRSLS(), []rule{
		{"DEV-2 who has no active device needs no balance (A-26)",
			given{}, when{card("")}, requested},
		{"DEV-2 who had an app, but has none active, needs none either (A-26)",
			given{hasDevice("alice", "app", IBKRMobile, 0), deactivateDevice("alice", "app", ByUser, 0)}, when{card("")}, requested},
		{"DEV-2 who has the app alone needs 500,000: a missing balance is below (A-26)",
			given{hasDevice("alice", "app", IBKRMobile, 0)}, when{card("")}, tooLow},
		{"DEV-2 a cent less is below",
			given{hasDevice("alice", "app", IBKRMobile, 0)}, when{card("499999.99")}, tooLow},
		{"DEV-2 and nothing is below, too",
			given{hasDevice("alice", "app", IBKRMobile, 0)}, when{card("0")}, tooLow},
		{"DEV-2 the edge is inside (A-06)",
			given{hasDevice("alice", "app", IBKRMobile, 0)}, when{card("500000")}, requested},
		{"DEV-2 two apps are no more than one",
			given{hasDevice("alice", "app", IBKRMobile, 0), hasDevice("alice", "app2", IBKRMobile, 0)}, when{card("")}, tooLow},
		{"DEV-2 who has an active card beside the app needs no balance",
			given{hasDevice("alice", "app", IBKRMobile, 0), hasDevice("alice", "gold", Gold, 0)}, when{card("")}, requested},
		{"DEV-2 a card that is only on its way is not active",
			given{getsCard("alice", "dsc", 0), hasDevice("alice", "app", IBKRMobile, 0)}, when{card("")}, tooLow},
		{"DEV-2 a card that activates by itself at that very instant is (A-07)",
			given{getsCard("alice", "dsc", hour-14*day), hasDevice("alice", "app", IBKRMobile, hour-14*day)}, when{card("")},
			then{"accepted", "device.activated device=dsc method=auto", "device.requested"}},
		{"DEV-2 a card shared by another user is active",
			given{hasDevice("alice", "app", IBKRMobile, 0), hasDevice("bob", "gold", Gold, 0), samePerson("alice", "bob", 0),
				lendDevice("s", "alice", "bob", "gold", false, 0)},
			when{card("")}, requested},
		{"DEV-2 what replaces a lost device needs no balance",
			given{lost(Lost)}, when{replaceDevice("alice", "new", "old", "", hour)}, requested},
		{"DEV-2 nor what replaces a damaged one",
			given{lost(Damaged)}, when{replaceDevice("alice", "new", "old", "", hour)}, requested},
		{"DEV-2 what replaces one deactivated otherwise does (A-26)",
			given{lost(Replaced)}, when{replaceDevice("alice", "new", "old", "", hour)}, tooLow},
		{"DEV-2 also by_user (A-26)",
			given{lost(ByUser)}, when{replaceDevice("alice", "new", "old", "", hour), replaceDevice("alice", "new", "old", "500000.00", hour)},
			append(tooLow, requested...)},
		{"DEV-2 what replaces nothing, or nothing that is known, does too (A-26)",
			given{lost(Lost)}, when{replaceDevice("alice", "new", "", "", hour), replaceDevice("alice", "new", "other", "", hour)},
			append(tooLow, tooLow...)},
		{"DEV-2 what replaces another user's lost device does too (A-26)",
			given{hasDevice("alice", "app", IBKRMobile, 0), hasDevice("bob", "old", Gold, 0), deactivateDevice("bob", "old", Lost, 0)},
			when{replaceDevice("alice", "new", "old", "", hour)}, tooLow},
		{"DEV-2 legacy devices are not given out any more",
			given{}, when{
				requestDevice("alice", "d1", SecurityCodeCard, 0), requestDevice("alice", "d2", DigitalSecurityCard, 0),
				requestDevice("alice", "d3", Gold, 0), requestDevice("alice", "d4", Platinum, 0)},
			then{
				"refused legacy_device", "device.refused reason=legacy_device",
				"refused legacy_device", "device.refused reason=legacy_device",
				"refused legacy_device", "device.refused reason=legacy_device",
				"refused legacy_device", "device.refused reason=legacy_device"}},
		{"DEV-2 a refusal makes no device: the id is free (A-15)",
			given{requestDevice("alice", "d", Gold, 0)}, when{requestDevice("alice", "d", DigitalSecurityCardPlus, 0)},
			requested},
		{"A-14 a device that the user has is refused, in any state and before all else",
			given{
				requestDevice("alice", "requested", DigitalSecurityCardPlus, 0), getsCard("alice", "shipped", 0),
				hasDevice("alice", "off", Gold, 0), deactivateDevice("alice", "off", ByUser, 0),
				hasDevice("alice", "gone", Gold, 0), deactivateDevice("alice", "gone", Lost, 0), hasDevice("alice", "app", IBKRMobile, 0)},
			when{
				requestDevice("alice", "requested", Gold, 0), requestDevice("alice", "shipped", Gold, 0), requestDevice("alice", "off", Gold, 0),
				requestDevice("alice", "gone", DigitalSecurityCardPlus, 0), requestDevice("alice", "app", DigitalSecurityCardPlus, 0)},
			then{
				"refused device_exists", "device.refused reason=device_exists",
				"refused device_exists", "device.refused reason=device_exists",
				"refused device_exists", "device.refused reason=device_exists",
				"refused device_exists", "device.refused reason=device_exists",
				"refused device_exists", "device.refused reason=device_exists"}},
		{"A-14 the id is the user's alone: of an app another may have the same",
			given{hasDevice("bob", "d", IBKRMobile, 0)}, when{requestDevice("alice", "d", DigitalSecurityCardPlus, 0)},
			requested},
		{"A-24 but a physical device that another has is refused before all else",
			given{hasDevice("bob", "d", Gold, 0), hasDevice("alice", "app", IBKRMobile, 0)}, when{
				requestDevice("alice", "d", DigitalSecurityCardPlus, 0), requestDevice("alice", "d", Gold, 0)},
			then{
				"refused device_exists", "device.refused reason=device_exists",
				"refused device_exists", "device.refused reason=device_exists"}},
		{"DEV-2 a legacy class is refused before the balance is asked for",
			given{hasDevice("alice", "app", IBKRMobile, 0)}, when{requestDevice("alice", "d", Gold, 0)},
			then{"refused legacy_device", "device.refused reason=legacy_device"}},
	})
}

func TestDeviceRequestForms(t *testing.T) {
	for says, want := range map[string]struct {
		request DeviceRequest
		reason  Reason
	}{
		"DEV-2 the app can't be requested":                   {DeviceRequest{Class: IBKRMobile, Purpose: "new"}, BadField},
		"DEV-2 what is new replaces nothing (A-26)":          {DeviceRequest{Class: DigitalSecurityCardPlus, Purpose: "new", Replaces: "old"}, BadField},
		"DEV-2 a replacement need not say of what (A-26)":    {DeviceRequest{Class: DigitalSecurityCardPlus, Purpose: "replacement"}, ""},
		"DEV-2 there is no third purpose":                    {DeviceRequest{Class: Gold, Purpose: "gift"}, BadField},
		"DEV-2 there is no other class":                      {DeviceRequest{Class: "silver", Purpose: "new"}, BadField},
		"A-33 a balance has at most two decimals":            {DeviceRequest{Class: Gold, Purpose: "new", BalanceUSD: "500000.001"}, BadField},
		"A-33 a balance may be 0":                            {DeviceRequest{Class: Gold, Purpose: "new", BalanceUSD: "0.00"}, ""},
		"A-33 a balance is not negative":                     {DeviceRequest{Class: Gold, Purpose: "new", BalanceUSD: "-1"}, BadField},
		"DEV-2 a legacy class is refused, it is not invalid": {DeviceRequest{Class: Gold, Purpose: "new"}, ""},
	} {
		want.request.User, want.request.Device = "alice", "d"
		if got := wrongForm(&want.request); got != want.reason {
			t.Errorf("%s: %q, want %q", says, got, want.reason)
		}
	}
}

func TestDeviceShip(t *testing.T) {
	notRequested := then{"refused not_requested", "device.refused reason=not_requested"}
	hold(t, IBKRSLS(), []rule{
		{"DEV-3 shipping starts the clock of 14 times 24 hours (A-05)",
			given{requestDevice("alice", "d", DigitalSecurityCardPlus, 0)}, when{shipDevice("alice", "d", hour)},
			then{"accepted", "device.shipped activates=337h"}},
		{"DEV-3 by the policy's number, which later ones do not change (A-43)",
			given{requestDevice("alice", "a", DigitalSecurityCardPlus, 0), requestDevice("alice", "b", DigitalSecurityCardPlus, 0),
				adopt(0, func(p *Policy) { p.AutoActivationDays = 3 }), shipDevice("alice", "a", 0),
				adopt(0, func(p *Policy) { p.Version, p.AutoActivationDays = "test@2", 1 })},
			when{shipDevice("alice", "b", 0), verify(3 * day)},
			then{
				"accepted", "device.shipped activates=24h",
				"accepted", "at 24h: device.activated device=b method=auto", "device.activated device=a method=auto", "identity.verified"}},
		{"DEV-3 what is unknown is not shipped (A-23)",
			given{}, when{shipDevice("alice", "d", 0)}, notRequested},
		{"DEV-3 nor what another user requested",
			given{requestDevice("bob", "d", DigitalSecurityCardPlus, 0)}, when{shipDevice("alice", "d", 0)}, notRequested},
		{"DEV-3 nor twice (A-23)",
			given{getsCard("alice", "d", 0)}, when{shipDevice("alice", "d", hour), verify(14*day - 1), verify(14 * day)},
			append(notRequested, "accepted", "identity.verified", "accepted", "device.activated device=d method=auto", "identity.verified")},
		{"DEV-3 nor what is active, dormant, deactivated or gone (A-23)",
			given{hasDevice("alice", "active", Gold, 0),
				hasDevice("alice", "off", Gold, 0), deactivateDevice("alice", "off", ByUser, 0),
				requestDevice("alice", "gone", DigitalSecurityCardPlus, 0), deactivateDevice("alice", "gone", Lost, 0),
				hasDevice("bob", "card", DigitalSecurityCardPlus, 0), samePerson("alice", "bob", 0), lendDevice("s", "alice", "bob", "card", false, 0)},
			when{shipDevice("alice", "active", 0), shipDevice("alice", "off", 0), shipDevice("alice", "gone", 0), shipDevice("alice", "card", 0)},
			append(append(append(notRequested, notRequested...), notRequested...), notRequested...)},
	})
}
