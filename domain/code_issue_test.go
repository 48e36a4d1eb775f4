package domain

import "testing"

func TestOnlineCard(t *testing.T) {
	none := then{refused(NoTempPasscode), &CodeRefused{Reason: NoTempPasscode}}
	hold(t, IBKRSLS(), []rule{
		{"CODE-4 a card needs a passcode", given{}, when{issueCard("k", 0)}, none},
		{"CODE-4 other code instead of a passcode", given{issueSMS("s", 0)}, when{issueCard("k", 0)}, none},
		{"CODE-4 passcode of another user",
			given{send(0, &IdentityVerify{User: "bob", Agent: "ann", Channel: "phone"}),
				issueTo("bob", TempPasscode, "t", 0)},
			when{issueCard("k", 0)}, none},
		{"CODE-4 a full passcode gives a card of 21 days",
			given{issuePasscode("t", 0)}, when{issueCard("k", 0)},
			then{accepted, &CodeIssued{Until: after(21 * day)}}},
		{"CODE-4 restricted passcode until just before its end",
			given{issuePasscode("t", 0)}, when{issueCard("k", 2*day), revoke("k", 2*day), issueCard("l", 10*day-1)},
			then{
				accepted, &CodeRestricted{Code: "t"}, &CodeIssued{Until: after(23 * day)},
				accepted, &CodeRevoked{},
				accepted, &CodeIssued{Until: after(31*day - 1)}}},
		{"CODE-4 expired passcode",
			given{issuePasscode("t", 0), fail(2 * day)}, when{issueCard("k", 10*day)},
			then{refused(NoTempPasscode), &CodeExpired{Code: "t"}, &CodeRefused{Reason: NoTempPasscode}}},
		{"CODE-4 revoked passcode", given{issuePasscode("t", 0), revoke("t", 0)}, when{issueCard("k", 0)}, none},
		{"CODE-4 passcode revoked by an activation (DEV-5)",
			given{issuePasscode("t", 0), appByHand("alice", "m", 0)}, when{issueCard("k", 0)}, none},
		{"CODE-4 one live card at a time",
			given{issuePasscode("t", 0), issueCard("k", 0)}, when{issueCard("l", 0)},
			then{refused(AlreadyIssued), &CodeRefused{Reason: AlreadyIssued}}},
		{"CODE-4 missing passcode comes before a live card (A-40)",
			given{issuePasscode("t", 0), issueCard("k", 0), revoke("t", 0)}, when{issueCard("l", 0)}, none},
		{"CODE-4 second card after the first was revoked",
			given{issuePasscode("t", 0), issueCard("k", 0), revoke("k", 0)}, when{issueCard("l", 2*day)},
			then{accepted, &CodeRestricted{Code: "t"}, &CodeIssued{Until: after(23 * day)}}},
		{"CODE-4 card is valid to its end, for every purpose and platform",
			given{issuePasscode("t", 0), issueCard("k", 0), fail(10 * day)},
			when{redeemFor(TWS, ToLogin, "k", 21*day-1), redeem("k", 21*day)},
			then{
				accepted, &CodeRedeemed{},
				refused(CodeHasExpired), &CodeExpired{Code: "k"}, &CodeRefused{Reason: CodeHasExpired}}},
	})
	hold(t, with(IBKRSLS(), func(p *Policy) { p.FullDays = 30 }), []rule{
		{"CODE-4 second card at the end of the first",
			given{issuePasscode("t", 0), issueCard("k", 0)}, when{issueCard("l", 21*day-1), issueCard("l", 21*day)},
			then{
				refused(AlreadyIssued), &CodeRefused{Reason: AlreadyIssued},
				accepted, &CodeExpired{Code: "k"}, &CodeIssued{Until: after(42 * day)}}},
	})
}

func TestVoice(t *testing.T) {
	none := then{refused(SMSNotRequested), &CodeRefused{Reason: SMSNotRequested}}
	old := then{refused(ClientTooOld), &CodeRefused{Reason: ClientTooOld}}
	issued := then{accepted, &CodeIssued{Until: after(5 * minute)}}
	hold(t, IBKRSLS(), []rule{
		{"CODE-5 call without an SMS", given{}, when{issueVoice("", "", 0)}, none},
		{"CODE-5 call after another code", given{issue(ActivationSMS, "a", 0)},
			when{issueVoice("", "", 0)}, none},
		{"CODE-5 call after an SMS to another user", given{issueTo("bob", SMS, "s", 0)},
			when{issueVoice("", "", 0)}, none},
		{"CODE-5 call at the time of the SMS", given{issueSMS("s", 0)}, when{issueVoice("", "", 0)}, issued},
		{"CODE-5 call exactly 10 min after an expired SMS (A-06, A-38)",
			given{issueSMS("s", 0), fail(5 * minute)}, when{issueVoice("", "", 10*minute)},
			then{accepted, &CodeIssued{Until: after(15 * minute)}}},
		{"CODE-5 call one nanosecond after 10 min",
			given{issueSMS("s", 0), fail(5 * minute)}, when{issueVoice("", "", 10*minute+1)}, none},
		{"CODE-5 the newest SMS counts",
			given{issueSMS("s", 0), issueSMS("r", minute), fail(6 * minute)}, when{issueVoice("", "", 11*minute)},
			then{accepted, &CodeIssued{Until: after(16 * minute)}}},
		{"CODE-5 call after a used SMS (A-38)", given{issueSMS("s", 0), redeem("s", 0)},
			when{issueVoice("", "", 0)},
			issued},
		{"CODE-5 call after a revoked SMS (A-38)", given{issueSMS("s", 0), revoke("s", 0)},
			when{issueVoice("", "", 0)}, issued},
		{"CODE-5 tws with channel latest", given{issueSMS("s", 0)}, when{issueVoice(TWS, "latest", 0)}, issued},
		{"CODE-5 tws with channel beta", given{issueSMS("s", 0)}, when{issueVoice(TWS, "beta", 0)}, issued},
		{"CODE-5 tws with another channel (A-38)",
			given{issueSMS("s", 0)}, when{issueVoice(TWS, "stable", 0), issueVoice(TWS, "Latest", 0),
				issueVoice(TWS, "latest ", 0)},
			then{old[0], old[1], old[0], old[1], old[0], old[1]}},
		{"CODE-5 tws without a channel (A-38)", given{issueSMS("s", 0)}, when{issueVoice(TWS, "", 0)},
			old},
		{"CODE-5 other platform with any channel", given{issueSMS("s", 0)},
			when{issueVoice("webtrader", "stable", 0)},
			issued},
		{"CODE-5 missing SMS comes before an old client (A-38)", given{}, when{issueVoice(TWS, "stable", 0)},
			none},
	})
}

func TestChallenge(t *testing.T) {
	inactive := then{refused(DeviceNotActive), &CodeRefused{Reason: DeviceNotActive}}
	hold(t, IBKRSLS(), []rule{
		{"CODE-5 challenge of an active digital_security_card_plus",
			given{plusByHand("alice", "d", 0)}, when{issueChallenge("d", 0)},
			then{accepted, &CodeIssued{Until: after(5 * minute)}}},
		{"CODE-5 challenge of a shared device", given{lentPlus("d", 0)}, when{issueChallenge("d", 0)},
			then{accepted, &CodeIssued{Until: after(5 * minute)}}},
		{"CODE-5 challenge of an unknown device", given{}, when{issueChallenge("d", 0)}, inactive},
		{"CODE-5 challenge of another user's device", given{plusByHand("bob", "d", 0)},
			when{issueChallenge("d", 0)}, inactive},
		{"CODE-5 challenge of an app", given{appByHand("alice", "m", 0)}, when{issueChallenge("m", 0)}, inactive},
		{"CODE-5 challenge of another class",
			given{send(0, &DeviceActivate{User: "alice", Device: "g", Class: Platinum, Method: Portal})},
			when{issueChallenge("g", 0)}, inactive},
		{"CODE-5 challenge of a deactivated device", given{plusByHand("alice", "d", 0), giveUp("d", ByUser, 0)},
			when{issueChallenge("d", 0)}, inactive},
		{"CODE-5 challenge of a dormant device", given{plusByHand("alice", "e", 0), lentPlus("d", 0)},
			when{issueChallenge("e", 0)}, inactive},
		{"CODE-5 challenge of a shipped device before and after it activates",
			given{plusSent("d", 0)}, when{issueChallenge("d", 14*day-1), issueChallenge("d", 14*day)},
			then{inactive[0], inactive[1], accepted, &DeviceActivated{Device: "d", Method: Auto},
				&CodeIssued{Until: after(14*day + 5*minute)}}},
	})
	wrong := (&CodeIssue{User: "alice", Code: "c", Kind: ChallengeCode}).Check()
	if wrong == nil || wrong.Reason != MissingField || wrong.Field != "device" {
		t.Errorf("CODE-5 challenge without a device (A-12): got %v, want missing_field", wrong)
	}
}

func TestCodesForOneUse(t *testing.T) {
	var rows []rule
	for _, kind := range []string{SMS, ActivationQR, ActivationSMS} {
		rows = append(rows,
			rule{
				"CODE-5 " + kind + " lives for 5 min and wants nothing; what else is told of it is not checked (A-40)",
				given{}, when{
					send(0, &CodeIssue{User: "alice", Code: "a", Kind: kind, Agent: "ann", Device: "nowhere", Platform: TWS,
						ClientChannel: "stable"}),
					timer(5*minute - 1), timer(5 * minute)},
				then{
					accepted, &CodeIssued{Until: after(5 * minute)},
					invalid(Moot),
					accepted, &CodeExpired{Code: "a"}}})
	}
	hold(t, IBKRSLS(), rows)
}

func TestCodeID_IsNeverReused(t *testing.T) {
	hold(t, IBKRSLS(), []rule{
		{"CODE-1 reused id is invalid for any content (A-14)",
			given{issueSMS("s", 0)}, when{issueSMS("s", 0), issue(ActivationQR, "s", minute),
				issue(TempPasscode, "s", minute)},
			then{invalid(IDReused), invalid(IDReused), invalid(IDReused)}},
		{"CODE-1 reused id of a used, expired or revoked code",
			given{issueSMS("u", 0), redeem("u", 0), issueSMS("r", 0), revoke("r", 0), issueSMS("e", 0),
				fail(5 * minute)},
			when{issueSMS("u", 9999*day), issueSMS("r", 9999*day), issueSMS("e", 9999*day)},
			then{invalid(IDReused), invalid(IDReused), invalid(IDReused)}},
		{"CODE-1 reused id of a replaced passcode or card",
			given{
				issuePasscode("t", 0), issueCard("k", 0), appByHand("alice", "m", 0),
				issuePasscode("u", 0), issueCard("l", 0)},
			when{issueSMS("t", day), issueCard("k", day)},
			then{invalid(IDReused), invalid(IDReused)}},
		{"CODE-1 same id of two users",
			given{issueTo("bob", SMS, "s", 0)}, when{issueSMS("s", 0), redeem("s", 0)},
			then{accepted, &CodeIssued{Until: after(5 * minute)}, accepted, &CodeRedeemed{}}},
	})
}

func TestTooManyLiveCodes(t *testing.T) {
	full := then{refused(TooMany), &CodeRefused{Reason: TooMany}}
	hold(t, IBKRSLS(), []rule{
		{"CODE-1 a user has 64 live codes at most",
			given{issueSMSes(63, 0)}, when{issueSMS("last", 0), issueSMS("more", 0)},
			then{accepted, &CodeIssued{Until: after(5 * minute)}, full[0], full[1]}},
		{"CODE-1 maximum includes every kind",
			given{issuePasscode("t", 0), issueCard("k", 0), issueSMSes(62, 0)}, when{issueSMS("more", 0)}, full},
		{"CODE-1 every other refusal comes first",
			given{issueSMSes(64, 0)}, when{issue(TempPasscode, "t", 0), issueCard("k", 0), issueChallenge("d", 0),
				issueSMS("s0", 0)},
			then{
				refused(IdentityNotVerified), &CodeRefused{Reason: IdentityNotVerified},
				refused(NoTempPasscode), &CodeRefused{Reason: NoTempPasscode},
				refused(DeviceNotActive), &CodeRefused{Reason: DeviceNotActive},
				invalid(IDReused)}},
		{"CODE-1 used code does not count", given{issueSMSes(64, 0), redeem("s9", 0)}, when{issueSMS("more", 0)},
			then{accepted, &CodeIssued{Until: after(5 * minute)}}},
		{"CODE-1 revoked code does not count", given{issueSMSes(64, 0), revoke("s9", 0)}, when{issueSMS("more", 0)},
			then{accepted, &CodeIssued{Until: after(5 * minute)}}},
		{"CODE-1 expired codes do not count", given{issueSMSes(64, 0), verify(5 * minute)},
			when{issueSMS("more", 5*minute)},
			then{accepted, &CodeIssued{Until: after(10 * minute)}}},
		{"CODE-1 codes of another user do not count",
			given{issueSMSes(64, 0)}, when{issueTo("bob", SMS, "s", 0)},
			then{accepted, &CodeIssued{Until: after(5 * minute)}}},
	})
}
