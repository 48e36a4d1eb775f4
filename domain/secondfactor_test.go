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
		{"LOGIN-7 nothing active, nothing listed", given{}, beginOn(TWS, "", 0), nil},
		{"LOGIN-7 the active devices, in order of activation", both, beginOn(TWS, "", 0),
			[]SecondFactor{appEntry, plusEntry}},
		{"LOGIN-7 the order is that of the latest activation",
			append(both, giveUp("m", ByUser, 0), appByHand("alice", "m", 0)), beginOn(TWS, "", 0),
			[]SecondFactor{plusEntry, appEntry}},
		{"DEV-10 a device shows its label", append(both, renameDevice("alice", "m", "Phone")),
			beginOn(TWS, "", 0), []SecondFactor{phoneEntry, plusEntry}},
		{"LOGIN-7 not of the order in which they were heard of",
			given{plusSent("d", 0), appByHand("alice", "m", 0), plusByHand("alice", "d", 0)}, beginOn(TWS, "", 0),
			[]SecondFactor{appEntry, plusEntry}},
		{"LOGIN-7 a shared one stands where it was granted",
			given{lentPlus("d", 0), appByHand("alice", "m", 0)}, beginOn(TWS, "", 0),
			[]SecondFactor{plusEntry, appEntry}},
		{"LOGIN-7 and after those before it",
			given{appByHand("alice", "m", 0), lentPlus("d", 0)}, beginOn(TWS, "", 0),
			[]SecondFactor{appEntry, plusEntry}},
		{"LOGIN-7 one that is requested or given up is not active",
			given{plusAsked("d", 0), appByHand("alice", "n", 0), giveUp("n", Lost, 0)}, beginOn(TWS, "", 0), nil},
		{"LOGIN-7 one on its way neither", given{plusSent("d", 0)}, beginOn(TWS, "", 14*day-1), nil},
		{"LOGIN-7 but it is once it is due to activate by itself", given{plusSent("d", 0)},
			beginOn(TWS, "", 14*day), []SecondFactor{plusEntry}},
		{"LOGIN-7 another user's devices are not listed", given{appByHand("bob", "m", 0)},
			beginOn(TWS, "", 0), nil},
		{"LOGIN-7 codes after devices (A-36): a card without its passcode",
			append(both, issuePasscode("u", 0), issueCard("k", 0), revoke("u", 0)), beginOn(TWS, "", 0),
			[]SecondFactor{appEntry, plusEntry, cardEntry}},
		{"LOGIN-7 then the passcode, then the card", append(both, issuePasscode("t", 0), issueCard("k", 0)),
			beginOn(TWS, "", 0),
			[]SecondFactor{appEntry, plusEntry, passcodeEntry, cardEntry}},
		{"LOGIN-7 no other code is listed", given{issueSMS("s", 0), issue(ActivationQR, "a", 0)},
			beginOn(TWS, "", 0), nil},
		{"LOGIN-7 a code's end takes it off", given{issuePasscode("t", 0), issueCard("k", 0)},
			beginOn(ClientPortal, "", 21*day), nil},
		{"LOGIN-7 an activation takes both off", given{issuePasscode("t", 0), issueCard("k", 0),
			plusByHand("alice", "d", 0)}, beginOn(TWS, "", 0), []SecondFactor{plusEntry}},
		{"LOGIN-7 only where login.begin is accepted: not while locked", append(both, times(10, fail(0))),
			beginOn(TWS, "", 0), nil},
		{"LOGIN-7 not when the attempt is open", append(both, beginOn(TWS, "", 0)), beginOn(TWS, "", 0), nil},
		{"LOGIN-7 not when all places are taken", append(both, times(9, fail(0)), begin("a", 0)),
			beginOn(TWS, "", 0), nil},
		{"LOGIN-7 not after a report", both, succeed(0), nil},
		{"LOGIN-7 not after a finish", append(both, begin("a", 0)), finishOK("a", 0), nil},
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
