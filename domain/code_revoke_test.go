package domain

import "testing"

func TestRevoke(t *testing.T) {
	revoked := then{accepted, &CodeRevoked{}}
	hold(t, IBKRSLS(), []rule{
		{"CODE-1 a live code of any kind can be revoked",
			given{issueSMS("s", 0), issueVoice("", "", 0), issuePasscode("t", 0), issueCard("k", 0)},
			when{revoke("s", 0), revoke("v", 0), revoke("k", 0), revoke("t", 0)},
			then{accepted, &CodeRevoked{}, accepted, &CodeRevoked{}, accepted, &CodeRevoked{}, accepted,
				&CodeRevoked{}}},
		{"CODE-3 restricted passcode until just before its end",
			given{issuePasscode("t", 0), fail(2 * day)}, when{revoke("t", 10*day-1)}, revoked},
		{"CODE-4 revoked passcode leaves its card live (A-40)",
			given{issuePasscode("t", 0), issueCard("k", 0), revoke("t", 0)},
			when{redeem("k", 21*day-1), timer(21 * day)},
			then{accepted, &CodeRedeemed{}, accepted, &CodeExpired{Code: "k"}}},
		{"CODE-4 revoked card leaves the passcode live",
			given{issuePasscode("t", 0), issueCard("k", 0), revoke("k", 0)}, when{redeem("t", 0)},
			then{accepted, &CodeRedeemed{}}},
		{"CODE-6 unknown_code for another user's code (A-40)",
			given{issueTo("bob", SMS, "s", 0)}, when{revoke("s", 0)},
			then{refused(UnknownCode), &CodeRefused{Reason: UnknownCode}}},
		{"CODE-6 code_revoked (A-40)", given{issueSMS("s", 0), revoke("s", 0)}, when{revoke("s", 6*minute)},
			then{refused(CodeIsRevoked), &CodeRefused{Reason: CodeIsRevoked}}},
		{"CODE-6 code_expired, at the instant of its end (A-40)", given{issueSMS("s", 0)},
			when{revoke("s", 5*minute)},
			then{refused(CodeHasExpired), &CodeExpired{Code: "s"}, &CodeRefused{Reason: CodeHasExpired}}},
		{"CODE-6 code_used (A-40)", given{issueSMS("s", 0), redeem("s", 0)}, when{revoke("s", 6*minute)},
			then{refused(CodeIsUsed), &CodeRefused{Reason: CodeIsUsed}}},
	})
}
