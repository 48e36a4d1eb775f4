package domain

import "testing"

func TestDeviceActivate(t *testing.T) {
	activated := then{accepted, &DeviceActivated{}}
	borrows := steps{hasDevice("bob", "lent", DigitalSecurityCardPlus, 0)}
	borrows = append(borrows, samePerson("alice", "bob", 0)...)
	borrows = append(borrows, lendDevice("s", "alice", "bob", "lent", false, 0))
	hold(t, IBKRSLS(), []rule{
		{"DEV-1 second device leaves the first active",
			given{hasDevice("alice", "app", IBKRMobile, 0), hasDevice("alice", "card", DigitalSecurityCardPlus, 0)},
			when{hasDevice("alice", "app", IBKRMobile, 0), hasDevice("alice", "card", DigitalSecurityCardPlus, 0)},
			append(deviceRefused(AlreadyActive), deviceRefused(AlreadyActive)...)},
		{"DEV-4 unknown devices, including legacy classes (A-23)",
			given{}, when{
				hasDevice("alice", "a", SecurityCodeCard, 0), activateDevice("alice", "b", Platinum, Challenge, 0),
				hasDevice("alice", "c", IBKRMobile, 0), activateDevice("alice", "d", IBKRMobile, SMSCode, 0)},
			append(append(activated, activated...), append(activated, activated...)...)},
		{"DEV-4 requested device that was not shipped (A-23)",
			given{requestDevice("alice", "d", DigitalSecurityCardPlus, 0)},
			when{hasDevice("alice", "d", DigitalSecurityCardPlus, 0)}, activated},
		{"DEV-4 shipped device activated manually does not activate automatically",
			given{getsCard("alice", "d", 0)}, when{hasDevice("alice", "d", DigitalSecurityCardPlus, hour),
				verify(14 * day)},
			append(activated, accepted, &IdentityVerified{})},
		{"DEV-4 manual activation at the instant of the automatic one (A-06)",
			given{getsCard("alice", "d", 0)}, when{hasDevice("alice", "d", DigitalSecurityCardPlus, 14*day)},
			then{refused(AlreadyActive), &DeviceActivated{Device: "d", Method: Auto},
				&DeviceRefused{Reason: AlreadyActive}}},
		{"DEV-4 device deactivated by_user (DEV-6)",
			given{hasDevice("alice", "d", Gold, 0), deactivateDevice("alice", "d", ByUser, 0)},
			when{hasDevice("alice", "d", Gold, 0)}, activated},
		{"DEV-4 dormant device after the sharing (A-25)",
			given{hasDevice("alice", "d", Gold, 0), borrows, endLoan("s", 0)}, when{hasDevice("alice", "d", Gold, 0)},
			activated},
		{"A-25 dormant device during the sharing",
			given{hasDevice("alice", "d", Gold, 0), borrows}, when{hasDevice("alice", "d", Gold, 0)},
			deviceRefused(SharingActive)},
		{"A-25 dormant device during another sharing",
			given{hasDevice("alice", "d", Gold, 0), borrows, hasDevice("bob", "lent2", DigitalSecurityCardPlus, 0),
				lendDevice("s2", "alice", "bob", "lent2", false, 0), endLoan("s", 0)},
			when{hasDevice("alice", "d", Gold, 0), endLoan("s2", 0), hasDevice("alice", "d", Gold, 0)},
			append(append(deviceRefused(SharingActive), accepted, &SharingCancelled{}), activated...)},
		{"A-25 other devices during the sharing (DEV-1)",
			given{hasDevice("alice", "off", Gold, 0), deactivateDevice("alice", "off", ByUser, 0), borrows},
			when{hasDevice("alice", "d", Gold, 0), hasDevice("alice", "off", Gold, 0),
				hasDevice("alice", "app", IBKRMobile, 0)},
			append(append(activated, activated...), activated...)},
		{"DEV-4 lost, damaged, returned and replaced devices (A-22)",
			given{
				hasDevice("alice", "a", DigitalSecurityCardPlus, 0), deactivateDevice("alice", "a", Lost, 0),
				hasDevice("alice", "b", DigitalSecurityCardPlus, 0), deactivateDevice("alice", "b", Damaged, 0),
				hasDevice("alice", "c", DigitalSecurityCardPlus, 0), deactivateDevice("alice", "c", Returned, 0),
				hasDevice("alice", "d", DigitalSecurityCardPlus, 0), deactivateDevice("alice", "d", Replaced, 0)},
			when{
				hasDevice("alice", "a", DigitalSecurityCardPlus, 0), hasDevice("alice", "b", DigitalSecurityCardPlus, 0),
				hasDevice("alice", "c", DigitalSecurityCardPlus, 0), hasDevice("alice", "d", DigitalSecurityCardPlus, 0)},
			append(append(deviceRefused(DeviceGone), deviceRefused(DeviceGone)...),
				append(deviceRefused(DeviceGone), deviceRefused(DeviceGone)...)...)},
		{"DEV-4 class_mismatch in any state (A-23)",
			given{
				requestDevice("alice", "a", DigitalSecurityCardPlus, 0), hasDevice("alice", "b", Gold, 0),
				hasDevice("alice", "c", Gold, 0), deactivateDevice("alice", "c", Lost, 0),
				hasDevice("alice", "d", Gold, 0), deactivateDevice("alice", "d", ByUser, 0),
				hasDevice("bob", "d", Platinum, 0)},
			when{
				hasDevice("alice", "a", Gold, 0), hasDevice("alice", "b", IBKRMobile, 0),
				hasDevice("alice", "c", Platinum, 0),
				hasDevice("alice", "d", Platinum, 0)},
			append(append(deviceRefused(ClassMismatch), deviceRefused(ClassMismatch)...),
				append(deviceRefused(ClassMismatch), deviceRefused(ClassMismatch)...)...)},
		{"A-25 borrowed device is active",
			given{borrows}, when{hasDevice("alice", "lent", Gold, 0), hasDevice("alice", "lent",
				DigitalSecurityCardPlus, 0)},
			append(deviceRefused(ClassMismatch), deviceRefused(AlreadyActive)...)},
		{"DEV-4 gone comes before use_sharing",
			given{hasDevice("alice", "d", Gold, 0), deactivateDevice("alice", "d", Lost, 0),
				hasDevice("bob", "d", Gold, 0)},
			when{hasDevice("alice", "d", Gold, 0)}, deviceRefused(DeviceGone)},
		{"A-24 physical device of another user",
			given{hasDevice("bob", "d", Gold, 0)}, when{hasDevice("alice", "d", Gold, 0),
				hasDevice("alice", "d", SecurityCodeCard, 0)},
			append(deviceRefused(UseSharing), deviceRefused(UseSharing)...)},
		{"A-24 app of another user",
			given{hasDevice("bob", "d", IBKRMobile, 0)}, when{hasDevice("alice", "d", IBKRMobile, 0)}, activated},
	})
}

func TestDeviceActivateWithACode(t *testing.T) {
	qr := send(minute, &DeviceActivate{User: "alice", Device: "app", Class: IBKRMobile, Method: QR, Code: "c"})
	sms := send(minute, &DeviceActivate{User: "alice", Device: "app", Class: IBKRMobile, Method: SMSCode,
		Code: "c"})
	used := then{accepted, &CodeRedeemed{}, &DeviceActivated{}}
	hold(t, IBKRSLS(), []rule{
		{"DEV-4 code is used before the activation (A-20)",
			given{deviceCode("alice", "c", ActivationQR, "", 0)},
			when{qr, redeemDeviceCode("alice", "c", ToActivate, minute)},
			append(used, refused(CodeIsUsed), &CodeRefused{Reason: CodeIsUsed})},
		{"DEV-4 code by SMS",
			given{deviceCode("alice", "c", ActivationSMS, "", 0)}, when{sms}, used},
		{"DEV-4 activation without a code (A-20)",
			given{deviceCode("alice", "c", ActivationQR, "", 0)},
			when{activateDevice("alice", "app", IBKRMobile, QR, 0), redeemDeviceCode("alice", "c", ToActivate, 0)},
			then{accepted, &DeviceActivated{}, accepted, &CodeRedeemed{}}},
		{"A-20 an unknown code", given{}, when{qr}, deviceRefused(UnknownCode)},
		{"A-20 code of another user is unknown", given{deviceCode("bob", "c", ActivationQR, "", 0)}, when{qr},
			deviceRefused(UnknownCode)},
		{"A-20 code of the other kind is unknown",
			given{deviceCode("alice", "c", ActivationSMS, "", 0)},
			when{qr, redeemDeviceCode("alice", "c", ToActivate, minute), qr},
			append(append(deviceRefused(UnknownCode), accepted, &CodeRedeemed{}), deviceRefused(UnknownCode)...)},
		{"A-20 SMS code is unknown",
			given{deviceCode("alice", "c", SMS, "", 0)}, when{sms}, deviceRefused(UnknownCode)},
		{"A-20 a revoked code",
			given{deviceCode("alice", "c", ActivationQR, "", 0),
				send(0, &CodeRevoke{User: "alice", Code: "c", By: "ann"})}, when{qr}, deviceRefused(CodeIsRevoked)},
		{"A-20 code at its end (A-06)",
			given{deviceCode("alice", "c", ActivationQR, "", minute-5*minute)}, when{qr},
			then{refused(CodeHasExpired), &CodeExpired{Code: "c"}, &DeviceRefused{Reason: CodeHasExpired}}},
		{"A-20 code one nanosecond before its end",
			given{deviceCode("alice", "c", ActivationQR, "", minute-5*minute+1)}, when{qr}, used},
		{"A-20 a used code",
			given{deviceCode("alice", "c", ActivationQR, "", 0), redeemDeviceCode("alice", "c", ToActivate, 0)},
			when{qr}, deviceRefused(CodeIsUsed)},
		{"A-20 code is checked last and stays live after a refusal",
			given{hasDevice("alice", "app", IBKRMobile, 0), deviceCode("alice", "c", ActivationQR, "", 0)},
			when{qr, deactivateDevice("alice", "app", ByUser, minute), qr},
			append(append(deviceRefused(AlreadyActive), accepted, &DeviceDeactivated{}), used...)},
	})
}

func TestDeviceActivateForms(t *testing.T) {
	for says, want := range map[string]struct {
		activate DeviceActivate
		reason   Reason
	}{
		"DEV-4 the app by qr": {DeviceActivate{Class: IBKRMobile, Method: QR, Code: "c"}, ""},
		"DEV-4 the app by sms_code": {DeviceActivate{Class: IBKRMobile, Method: SMSCode,
			Code: "c"}, ""},
		"DEV-4 app in the portal": {DeviceActivate{Class: IBKRMobile, Method: Portal}, BadField},
		"DEV-4 app by challenge": {DeviceActivate{Class: IBKRMobile, Method: Challenge},
			BadField},
		"DEV-4 a card by the portal": {DeviceActivate{Class: Gold, Method: Portal}, ""},
		"DEV-4 a card by challenge": {DeviceActivate{Class: DigitalSecurityCardPlus,
			Method: Challenge}, ""},
		"DEV-4 card by qr":       {DeviceActivate{Class: Gold, Method: QR}, BadField},
		"DEV-4 card by sms_code": {DeviceActivate{Class: Gold, Method: SMSCode}, BadField},
		"A-20 card in the portal with a code": {DeviceActivate{Class: Gold, Method: Portal, Code: "c"},
			BadField},
		"A-20 card by challenge with a code": {DeviceActivate{Class: Gold, Method: Challenge, Code: "c"},
			BadField},
		"A-23 card by auto": {DeviceActivate{Class: Gold, Method: Auto}, BadField},
		"A-23 app by auto":  {DeviceActivate{Class: IBKRMobile, Method: Auto}, BadField},
	} {
		want.activate.User, want.activate.Device = "alice", "d"
		if got := wrongForm(&want.activate); got != want.reason {
			t.Errorf("%s: got rejection %q, want %q", says, got, want.reason)
		}
	}
}

// TestActive_InOrderOfActivation is DEV-1 and A-25 for own and shared devices.
func TestActive_InOrderOfActivation(t *testing.T) {
	l := newLedger(IBKRSLS())
	for _, s := range flat(given{
		hasDevice("alice", "app", IBKRMobile, 0), hasDevice("alice", "gold", Gold, 0),
		hasDevice("bob", "card", DigitalSecurityCardPlus, 0),
		samePerson("alice", "bob", 0), lendDevice("s", "alice", "bob", "card", false, 0),
		deactivateDevice("alice", "app", ByUser, 0), hasDevice("alice", "app", IBKRMobile, 0),
		getsCard("alice", "plus", 0)}) {
		l.mustAccept(t, s)
	}
	var got []string
	alice := l.users["alice"]
	for _, a := range alice.Active() {
		got = append(got, a.ID)
	}
	if len(got) != 2 || got[0] != "card" || got[1] != "app" {
		t.Errorf("active devices: got %v, want card, app", got)
	}
}
