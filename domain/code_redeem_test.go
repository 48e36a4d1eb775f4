package domain

import "testing"

func TestRedeem(t *testing.T) {
	hold(t, IBKRSLS(), []rule{
		{"CODE-6 unknown_code", given{issueTo("bob", SMS, "s", 0)}, when{redeem("s", 0)},
			then{refused(UnknownCode), &CodeRefused{Reason: UnknownCode}}},
		{"CODE-6 a code that was refused is unknown", given{issueVoice("", "", 0)}, when{redeem("v", 0)},
			then{refused(UnknownCode), &CodeRefused{Reason: UnknownCode}}},
		{"CODE-6 code_revoked after its end and on another platform",
			given{issuePasscode("t", 0), revoke("t", 0)}, when{redeemFor(TWS, "", "t", 99*day)},
			then{refused(CodeIsRevoked), &CodeRefused{Reason: CodeIsRevoked}}},
		{"CODE-6 code_revoked after an activation (DEV-5)",
			given{issuePasscode("t", 0), issueCard("k", 0)},
			when{appByHand("alice", "m", 0), redeem("t", 0), redeem("k", 0)},
			then{
				accepted, &DeviceActivated{}, &CodeRevoked{Code: "t"}, &CodeRevoked{Code: "k"},
				refused(CodeIsRevoked), &CodeRefused{Reason: CodeIsRevoked},
				refused(CodeIsRevoked), &CodeRefused{Reason: CodeIsRevoked}}},
		{"CODE-6 code_expired comes before the platform and the purpose",
			given{issuePasscode("t", 0), fail(10 * day)}, when{redeemFor(TWS, "", "t", 10*day)},
			then{refused(CodeHasExpired), &CodeRefused{Reason: CodeHasExpired}}},
		{"CODE-6 code_expired for a replaced passcode",
			given{issuePasscode("t", 0), appByHand("alice", "m", 10*day), issuePasscode("u", 10*day)},
			when{redeem("t", 11*day)},
			then{refused(CodeHasExpired), &CodeRefused{Reason: CodeHasExpired}}},
		{"CODE-6 used code does not expire (A-19)",
			given{issueSMS("s", 0), redeem("s", minute)},
			when{redeem("s", minute), timer(5 * minute), redeem("s", 6*minute)},
			then{
				refused(CodeIsUsed), &CodeRefused{Reason: CodeIsUsed},
				invalid(Moot),
				refused(CodeIsUsed), &CodeRefused{Reason: CodeIsUsed}}},
		{"CODE-6 revoked code does not expire (A-19)",
			given{issueSMS("s", 0), issuePasscode("t", 0), revoke("s", 0), revoke("t", 0)},
			when{timer(5 * minute), timer(2 * day), timer(10 * day), redeem("s", 10*day)},
			then{invalid(Moot), invalid(Moot), invalid(Moot), refused(CodeIsRevoked),
				&CodeRefused{Reason: CodeIsRevoked}}},
		{"CODE-6 refused redemption does not use the code",
			given{issueSMS("s", 0), redeem("r", 0)}, when{redeem("s", 0)},
			then{accepted, &CodeRedeemed{}}},
		{"CODE-6 code can be redeemed during a lockout (A-52)",
			given{times(10, fail(0)), issueSMS("s", 0)}, when{redeem("s", 0)},
			then{accepted, &CodeRedeemed{}}},
		{"CODE-6 expired challenge",
			given{plusByHand("alice", "d", 0), issueChallenge("d", 0)},
			when{redeem("c", 5*minute), issueChallenge("d", 5*minute),
				send(5*minute, &CodeIssue{User: "alice", Code: "c2", Kind: ChallengeCode, Device: "d"}),
				redeem("c2", 6*minute)},
			then{
				refused(CodeHasExpired), &CodeExpired{Code: "c"}, &CodeRefused{Reason: CodeHasExpired},
				invalid(IDReused),
				accepted, &CodeIssued{Until: after(10 * minute)},
				accepted, &CodeRedeemed{}}},
	})
}

func TestRedeem_RestrictedPasscode(t *testing.T) {
	elsewhere := then{refused(PlatformNotAllowed), &CodeRefused{Reason: PlatformNotAllowed}}
	restricted := then{refused(CodeIsRestricted), &CodeRefused{Reason: CodeIsRestricted}}
	issued := given{issuePasscode("t", 0), fail(2 * day)}
	var rows []rule
	for _, platform := range platforms {
		rows = append(rows, rule{"CODE-3 a full passcode admits " + platform + ", until just before its end",
			given{issuePasscode("t", 0)}, when{redeemFor(platform, "", "t", 2*day-1)},
			then{accepted, &CodeRedeemed{}}})
		if platform != ClientPortal {
			rows = append(rows,
				rule{"CODE-6 a restricted one is refused on " + platform +
					", for printing a card too: the platform is told first",
					issued, when{redeemFor(platform, PrintOnlineCard, "t", 2*day), redeemFor(platform, ToLogin, "t", 2*day)},
					then{elsewhere[0], elsewhere[1], elsewhere[0], elsewhere[1]}})
		}
	}
	for _, purpose := range []string{"", ToLogin, ToActivate, ChangePIN} {
		rows = append(rows,
			rule{"CODE-6 a restricted one is refused in the portal for the purpose " + purpose +
				", none being login (A-40)",
				issued, when{redeemFor(ClientPortal, purpose, "t", 2*day)}, restricted})
	}
	hold(t, IBKRSLS(), append(rows,
		rule{"CODE-3 a restricted one admits the portal to print a card, many times, until just before its end",
			issued, when{redeemFor(ClientPortal, PrintOnlineCard, "t", 2*day),
				redeemFor(ClientPortal, PrintOnlineCard, "t", 10*day-1),
				redeemFor(ClientPortal, PrintOnlineCard, "t", 10*day)},
			then{
				accepted, &CodeRedeemed{},
				accepted, &CodeRedeemed{},
				refused(CodeHasExpired), &CodeExpired{Code: "t"}, &CodeRefused{Reason: CodeHasExpired}}},
		rule{"CODE-3 restricted begins at the end of full, in the next record",
			given{issuePasscode("t", 0)}, when{redeem("t", 2*day)},
			then{restricted[0], &CodeRestricted{Code: "t"}, restricted[1]}},
	))
}

func TestRedeem_OnceOrManyTimes(t *testing.T) {
	again := then{accepted, &CodeRedeemed{}, refused(CodeIsUsed), &CodeRefused{Reason: CodeIsUsed}}
	var rows []rule
	for _, kind := range []string{SMS, ActivationQR, ActivationSMS} {
		rows = append(rows,
			rule{"CODE-5 " + kind + " is accepted once, for any purpose (A-40), until just before its end",
				given{issue(kind, "a", 0)}, when{redeemFor(TWS, ChangePIN, "a", 5*minute-1), redeem("a", 5*minute-1)},
				again})
	}
	once := given{plusByHand("alice", "d", 0), issueSMS("s", 0)}
	hold(t, IBKRSLS(), append(rows,
		rule{"CODE-5 voice is accepted once", append(once, issueVoice("", "", 0)),
			when{redeem("v", 0), redeem("v", 0)}, again},
		rule{"CODE-5 a challenge is accepted once", append(once, issueChallenge("d", 0)),
			when{redeem("c", 0), redeem("c", 0)}, again},
		rule{"CODE-5 code that activated a device is used (A-20)",
			given{issue(ActivationQR, "a", 0), send(0, &DeviceActivate{User: "alice", Device: "m", Class: IBKRMobile,
				Method: QR, Code: "a"})},
			when{redeem("a", 0)}, again[2:]},
		rule{"CODE-7 a passcode is redeemed many times while it lives", given{issuePasscode("t", 0)},
			when{redeem("t", 0), redeem("t", 0), redeem("t", day)},
			then{accepted, &CodeRedeemed{}, accepted, &CodeRedeemed{}, accepted, &CodeRedeemed{}}},
		rule{"CODE-7 card is redeemed many times", given{issuePasscode("t", 0), issueCard("k", 0)},
			when{redeem("k", 0), redeem("k", 0)},
			then{accepted, &CodeRedeemed{}, accepted, &CodeRedeemed{}}},
		rule{"CODE-5 login with a code neither checks nor uses it (A-52)",
			given{
				issueSMS("s", 0), begin("a", 0), send(0, &LoginFinish{User: "alice", Attempt: "a", Outcome: Succeeded,
					Code: "s", Device: "nowhere"}),
				send(0, &LoginReport{User: "alice", Outcome: Succeeded, Code: "s"})},
			when{send(0, &LoginReport{User: "alice", Outcome: Succeeded, Code: "unheard", Device: "nowhere"}),
				redeem("s", 0)},
			then{accepted, &LoginSucceeded{}, triesLeft(10), accepted, &CodeRedeemed{}}},
	))
}
