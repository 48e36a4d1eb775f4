package domain

import "testing"

func TestChangePIN(t *testing.T) {
	card := hasDevice("alice", "card", DigitalSecurityCardPlus, 0)
	app := hasDevice("alice", "app", IBKRMobile, 0)
	changed := then{"accepted", "device.pin_changed"}
	refused := func(reason string) then { return then{"refused " + reason, "device.refused reason=" + reason} }
	hold(t, IBKRSLS(), []rule{
		{"DEV-8 of a card by a challenge", given{card, changeCode("c", ChallengeCode, "card", 0)}, when{changePIN("alice", "card", "c", 0)}, changed},
		{"DEV-8 of the app by an SMS", given{app, changeCode("c", SMS, "", 0)}, when{changePIN("alice", "app", "c", 0)}, changed},
		{"DEV-8 for one change only (A-21)",
			given{app, changeCode("c", SMS, "", 0), changePIN("alice", "app", "c", 0)}, when{changePIN("alice", "app", "c", 0)}, refused("code_not_redeemed")},
		{"DEV-8 a refused change does not spend it (A-15)",
			given{app, changeCode("c", SMS, "", 0), changePIN("alice", "none", "c", 0)}, when{changePIN("alice", "app", "c", 0)}, changed},
		{"DEV-8 until just before 5 min after the redemption (A-21)",
			given{app, deviceCode("alice", "c", SMS, "", 0), redeemDeviceCode("alice", "c", ChangePIN, minute)},
			when{changePIN("alice", "app", "c", 6*minute-1)}, changed},
		{"DEV-8 at 5 min it is over (A-06)",
			given{app, deviceCode("alice", "c", SMS, "", 0), redeemDeviceCode("alice", "c", ChangePIN, minute)},
			when{changePIN("alice", "app", "c", 6*minute)}, refused("code_not_redeemed")},
		{"DEV-8 by the policy's code_ttl of now",
			given{app, changeCode("c", SMS, "", 0), adopt(0, func(p *Policy) { p.CodeTTLSeconds = 60 })},
			when{changePIN("alice", "app", "c", minute)}, refused("code_not_redeemed")},
		{"A-21 a code that was not redeemed",
			given{app, deviceCode("alice", "c", SMS, "", 0)}, when{changePIN("alice", "app", "c", 0)}, refused("code_not_redeemed")},
		{"A-21 one that has expired, or was revoked",
			given{app, deviceCode("alice", "a", SMS, "", 0), deviceCode("alice", "b", SMS, "", 0), send(0, &CodeRevoke{User: "alice", Code: "b", By: "ann"})},
			when{changePIN("alice", "app", "b", 0), changePIN("alice", "app", "a", 5*minute)},
			append(refused("code_not_redeemed"), "refused code_not_redeemed", "code.expired code=a", "device.refused reason=code_not_redeemed")},
		{"A-21 one redeemed for something else, or for nothing said",
			given{app, deviceCode("alice", "a", SMS, "", 0), redeemDeviceCode("alice", "a", ToLogin, 0), deviceCode("alice", "b", SMS, "", 0), redeemDeviceCode("alice", "b", "", 0)},
			when{changePIN("alice", "app", "a", 0), changePIN("alice", "app", "b", 0)}, append(refused("code_not_redeemed"), refused("code_not_redeemed")...)},
		{"A-21 a challenge of another card",
			given{card, hasDevice("alice", "card2", DigitalSecurityCardPlus, 0), changeCode("c", ChallengeCode, "card2", 0)},
			when{changePIN("alice", "card", "c", 0), changePIN("alice", "card2", "c", 0)}, append(refused("code_not_redeemed"), changed...)},
		{"A-21 an SMS for a card, a challenge for the app: each is of the wrong kind",
			given{card, app, changeCode("s", SMS, "", 0), changeCode("c", ChallengeCode, "card", 0)},
			when{changePIN("alice", "card", "s", 0), changePIN("alice", "app", "c", 0)}, append(refused("code_not_redeemed"), refused("code_not_redeemed")...)},
		{"A-21 a call does not replace the SMS",
			given{app, deviceCode("alice", "s", SMS, "", 0), changeCode("v", Voice, "", 0)}, when{changePIN("alice", "app", "v", 0)}, refused("code_not_redeemed")},
		{"A-21 the passcode does not either",
			given{app, hasTemporary("alice", "p", "k", 0), redeemDeviceCode("alice", "p", ChangePIN, 0)}, when{changePIN("alice", "app", "p", 0)}, refused("code_not_redeemed")},
		{"A-21 an unknown code, or another user's",
			given{app, deviceCode("bob", "c", SMS, "", 0), redeemDeviceCode("bob", "c", ChangePIN, 0)}, when{changePIN("alice", "app", "c", 0)}, refused("unknown_code")},
		{"DEV-8 other classes have no PIN: before the code",
			given{hasDevice("alice", "a", SecurityCodeCard, 0), hasDevice("alice", "b", DigitalSecurityCard, 0), hasDevice("alice", "c", Gold, 0), hasDevice("alice", "d", Platinum, 0)},
			when{changePIN("alice", "a", "x", 0), changePIN("alice", "b", "x", 0), changePIN("alice", "c", "x", 0), changePIN("alice", "d", "x", 0)},
			append(append(refused("no_pin"), refused("no_pin")...), append(refused("no_pin"), refused("no_pin")...)...)},
		{"DEV-8 a device that is unknown, on its way, deactivated or another user's is not active: before its class",
			given{hasDevice("alice", "off", Gold, 0), deactivateDevice("alice", "off", ByUser, 0), getsCard("alice", "sent", 0), hasDevice("bob", "his", IBKRMobile, 0)},
			when{changePIN("alice", "none", "x", 0), changePIN("alice", "sent", "x", 0), changePIN("alice", "off", "x", 0), changePIN("alice", "his", "x", 0)},
			append(append(refused("device_not_active"), refused("device_not_active")...), append(refused("device_not_active"), refused("device_not_active")...)...)},
		{"DEV-8 a borrowed card is active",
			given{hasDevice("bob", "lent", DigitalSecurityCardPlus, 0), samePerson("alice", "bob", 0), lendDevice("s", "alice", "bob", "lent", false, 0), changeCode("c", ChallengeCode, "lent", 0)},
			when{changePIN("alice", "lent", "c", 0)}, changed},
	})
}

func TestResetPIN(t *testing.T) {
	reset := then{"accepted", "device.pin_reset"}
	refused := func(reason string) then { return then{"refused " + reason, "device.refused reason=" + reason} }
	hold(t, IBKRSLS(), []rule{
		{"DEV-8 by support, of card and app; the verification is not used up (A-37)",
			given{hasDevice("alice", "card", DigitalSecurityCardPlus, 0), hasDevice("alice", "app", IBKRMobile, 0), verify(0)},
			when{resetPIN("alice", "card", 30*minute-1), resetPIN("alice", "app", 30*minute-1)}, append(reset, reset...)},
		{"DEV-8 at 30 min the verification is over (A-06)",
			given{hasDevice("alice", "app", IBKRMobile, 0), verify(0)}, when{resetPIN("alice", "app", 30*minute)}, refused("identity_not_verified")},
		{"DEV-8 identity is judged first: who is not verified learns nothing (A-37)",
			given{hasDevice("alice", "gold", Gold, 0), send(0, &IdentityVerify{User: "bob", Agent: "ann", Channel: "phone"})},
			when{resetPIN("alice", "none", 0), resetPIN("alice", "gold", 0)}, append(refused("identity_not_verified"), refused("identity_not_verified")...)},
		{"DEV-8 then that the device is active, then its class (A-21)",
			given{verify(0), hasDevice("alice", "gold", Gold, 0), hasDevice("alice", "off", Gold, 0), deactivateDevice("alice", "off", ByUser, 0)},
			when{resetPIN("alice", "off", 0), resetPIN("alice", "none", 0), resetPIN("alice", "gold", 0)},
			append(append(refused("device_not_active"), refused("device_not_active")...), refused("no_pin")...)},
	})
}
