package domain

import (
	"testing"
	"time"
)

// menu returns the second factors of the result of a login.
func menu(result Data) []SecondFactor { return result.(*LoginResult).SecondFactors }

func beginOn(platform, clientVersion string, at time.Duration) step {
	return send(at, &LoginBegin{User: "alice", Attempt: "x", Platform: platform, ClientVersion: clientVersion})
}

var (
	appEntry      = SecondFactor{Device: "m", Class: IBKRMobile}
	phoneEntry    = SecondFactor{Device: "m", Class: IBKRMobile, Label: "Phone"}
	plusEntry     = SecondFactor{Device: "d", Class: DigitalSecurityCardPlus}
	passcodeEntry = SecondFactor{Code: "t", Kind: TempPasscode}
	cardEntry     = SecondFactor{Code: "k", Kind: OnlineCard}
)

func TestMenu(t *testing.T) {
	both := given{appByHand("alice", "m", 0), plusByHand("alice", "d", 0)}
	answers(t, IBKRSLS(), menu, []answer[[]SecondFactor]{
		{"LOGIN-7 user without an active device has no second factor", given{}, beginOn(TWS, "", 0), nil},
		{"LOGIN-7 active devices in order of activation", both, beginOn(TWS, "", 0),
			[]SecondFactor{appEntry, plusEntry}},
		{"LOGIN-7 device activated again comes last",
			append(both, giveUp("m", ByUser, 0), appByHand("alice", "m", 0)), beginOn(TWS, "", 0),
			[]SecondFactor{plusEntry, appEntry}},
		{"DEV-10 a device shows its label", append(both, renameDevice("alice", "m", "Phone")),
			beginOn(TWS, "", 0), []SecondFactor{phoneEntry, plusEntry}},
		{"LOGIN-7 order of the shipments has no effect",
			given{plusSent("d", 0), appByHand("alice", "m", 0), plusByHand("alice", "d", 0)}, beginOn(TWS, "", 0),
			[]SecondFactor{appEntry, plusEntry}},
		{"LOGIN-7 shared device is in the order of its approval",
			given{lentPlus("d", 0), appByHand("alice", "m", 0)}, beginOn(TWS, "", 0),
			[]SecondFactor{plusEntry, appEntry}},
		{"LOGIN-7 shared device comes after devices activated before the approval",
			given{appByHand("alice", "m", 0), lentPlus("d", 0)}, beginOn(TWS, "", 0),
			[]SecondFactor{appEntry, plusEntry}},
		{"LOGIN-7 requested and deactivated devices are absent",
			given{plusAsked("d", 0), appByHand("alice", "n", 0), giveUp("n", Lost, 0)}, beginOn(TWS, "", 0), nil},
		{"LOGIN-7 shipped device is absent", given{plusSent("d", 0)}, beginOn(TWS, "", 14*day-1), nil},
		{"LOGIN-7 shipped device is present from its automatic activation", given{plusSent("d", 0)},
			beginOn(TWS, "", 14*day), []SecondFactor{plusEntry}},
		{"LOGIN-7 devices of another user are absent", given{appByHand("bob", "m", 0)},
			beginOn(TWS, "", 0), nil},
		{"LOGIN-7 codes come after devices (A-36): card without its passcode",
			append(both, issuePasscode("u", 0), issueCard("k", 0), revoke("u", 0)), beginOn(TWS, "", 0),
			[]SecondFactor{appEntry, plusEntry, cardEntry}},
		{"LOGIN-7 passcode comes before the card", append(both, issuePasscode("t", 0), issueCard("k", 0)),
			beginOn(TWS, "", 0),
			[]SecondFactor{appEntry, plusEntry, passcodeEntry, cardEntry}},
		{"LOGIN-7 other codes are absent", given{issueSMS("s", 0), issue(ActivationQR, "a", 0)},
			beginOn(TWS, "", 0), nil},
		{"LOGIN-7 expired code is absent", given{issuePasscode("t", 0), issueCard("k", 0)},
			beginOn(ClientPortal, "", 21*day), nil},
		{"LOGIN-7 passcode and card are absent after an activation", given{issuePasscode("t", 0), issueCard("k", 0),
			plusByHand("alice", "d", 0)}, beginOn(TWS, "", 0), []SecondFactor{plusEntry}},
		{"LOGIN-7 begin refused during a lockout has no second factors", append(both, times(10, fail(0))),
			beginOn(TWS, "", 0), nil},
		{"LOGIN-7 begin refused for an open attempt has no second factors",
			append(both, beginOn(TWS, "", 0)), beginOn(TWS, "", 0), nil},
		{"LOGIN-7 begin refused at the limit has no second factors", append(both, times(9, fail(0)), begin("a", 0)),
			beginOn(TWS, "", 0), nil},
		{"LOGIN-7 report has no second factors", both, succeed(0), nil},
		{"LOGIN-7 finish has no second factors", append(both, begin("a", 0)), finishOK("a", 0), nil},
	})
}

func TestMenu_OldTWS(t *testing.T) {
	all := given{appByHand("alice", "m", 0), plusByHand("alice", "d", 0), issuePasscode("t", 0),
		issueCard("k", 0)}
	short, long := []SecondFactor{appEntry, passcodeEntry, cardEntry},
		[]SecondFactor{appEntry, plusEntry, passcodeEntry, cardEntry}
	var rows []answer[[]SecondFactor]
	for version, factors := range map[string][]SecondFactor{
		"965": short, "1": short, "0": short, "965.9": short, "965.9999": short, "965z": short, "0965": short,
		"10.19": short, // the build is 10, the leading digits
		"966":   long, "966.0": long, "967": long, "1019": long, "00966": long, "99999999999999999999999999": long,
		"": long, "x": long, "build 965": long, "v965": long, "-1": long, "٩": long,
	} {
		rows = append(rows,
			answer[[]SecondFactor]{"LOGIN-7 on tws " + version, all, beginOn(TWS, version, 0), factors})
	}
	for _, platform := range platforms {
		if platform != TWS {
			rows = append(rows, answer[[]SecondFactor]{"LOGIN-7 a build counts on tws alone, not on " + platform, all,
				beginOn(platform, "1", 0), long})
		}
	}
	answers(t, IBKRSLS(), menu, append(rows,
		answer[[]SecondFactor]{"LOGIN-7 an old tws without a device", given{issuePasscode("t", 0)},
			beginOn(TWS, "1", 0),
			[]SecondFactor{passcodeEntry}},
		answer[[]SecondFactor]{"LOGIN-7 an old tws with one device", given{plusByHand("alice", "d", 0)},
			beginOn(TWS, "1", 0),
			[]SecondFactor{plusEntry}}))
}

func TestMenu_PlatformsOfCodes(t *testing.T) {
	issued := given{issuePasscode("t", 0), issueCard("k", 0)}
	var rows []answer[[]SecondFactor]
	for _, platform := range platforms {
		rows = append(rows, answer[[]SecondFactor]{"LOGIN-8 a full passcode admits " + platform, issued,
			beginOn(platform, "", 2*day-1), []SecondFactor{passcodeEntry, cardEntry}})
		if platform != ClientPortal {
			rows = append(rows,
				answer[[]SecondFactor]{"LOGIN-8 a restricted one does not admit " + platform + ", a card does",
					issued, beginOn(platform, "", 2*day), []SecondFactor{cardEntry}})
		}
	}
	answers(t, IBKRSLS(), menu, append(rows,
		answer[[]SecondFactor]{"LOGIN-8 a restricted one admits the portal", issued,
			beginOn(ClientPortal, "", 2*day),
			[]SecondFactor{passcodeEntry, cardEntry}},
		answer[[]SecondFactor]{"LOGIN-8 until just before its end", issued, beginOn(ClientPortal, "", 10*day-1),
			[]SecondFactor{passcodeEntry, cardEntry}},
		answer[[]SecondFactor]{"LOGIN-8 an expired one admits nowhere", issued, beginOn(ClientPortal, "", 10*day),
			[]SecondFactor{cardEntry}}))
}
