package domain

import (
	"strings"
	"testing"
	"time"
)

// asMenu formats the second factors of the result of a login.
func asMenu(result Data) string {
	var menu []string
	for _, f := range result.(*LoginResult).SecondFactors {
		menu = append(menu, asSentence(&f))
	}
	return strings.Join(menu, " · ")
}

func beginOn(platform, clientVersion string, at time.Duration) step {
	return send(at, &LoginBegin{User: "alice", Attempt: "x", Platform: platform, ClientVersion: clientVersion})
}

const (
	appEntry      = "device=m class=ibkr_mobile"
	plusEntry     = "device=d class=digital_security_card_plus"
	passcodeEntry = "code=t kind=temp_passcode"
	cardEntry     = "code=k kind=online_card"
)

func TestMenu(t *testing.T) {
	both := given{appByHand("alice", "m", 0), plusByHand("alice", "d", 0)}
	answers(t, IBKRSLS(), asMenu, []answer{
		{"LOGIN-7 nothing active, nothing listed", given{}, beginOn(TWS, "", 0), ""},
		{"LOGIN-7 the active devices, in order of activation", both, beginOn(TWS, "", 0),
			appEntry + " · " + plusEntry},
		{"LOGIN-7 the order is that of the latest activation",
			append(both, giveUp("m", ByUser, 0), appByHand("alice", "m", 0)), beginOn(TWS, "", 0),
			plusEntry + " · " + appEntry},
		{"DEV-10 a device shows its label", append(both, renameDevice("alice", "m", "Phone")),
			beginOn(TWS, "", 0), appEntry + " label=Phone · " + plusEntry},
		{"LOGIN-7 not of the order in which they were heard of",
			given{plusSent("d", 0), appByHand("alice", "m", 0), plusByHand("alice", "d", 0)}, beginOn(TWS, "", 0),
			appEntry + " · " + plusEntry},
		{"LOGIN-7 a shared one stands where it was granted",
			given{lentPlus("d", 0), appByHand("alice", "m", 0)}, beginOn(TWS, "", 0), plusEntry + " · " + appEntry},
		{"LOGIN-7 and after those before it",
			given{appByHand("alice", "m", 0), lentPlus("d", 0)}, beginOn(TWS, "", 0), appEntry + " · " + plusEntry},
		{"LOGIN-7 one that is requested or given up is not active",
			given{plusAsked("d", 0), appByHand("alice", "n", 0), giveUp("n", Lost, 0)}, beginOn(TWS, "", 0), ""},
		{"LOGIN-7 one on its way neither", given{plusSent("d", 0)}, beginOn(TWS, "", 14*day-1), ""},
		{"LOGIN-7 but it is once it is due to activate by itself", given{plusSent("d", 0)},
			beginOn(TWS, "", 14*day), plusEntry},
		{"LOGIN-7 another user's devices are not listed", given{appByHand("bob", "m", 0)}, beginOn(TWS, "", 0), ""},
		{"LOGIN-7 codes after devices (A-36): a card without its passcode",
			append(both, issuePasscode("u", 0), issueCard("k", 0), revoke("u", 0)), beginOn(TWS, "", 0),
			appEntry + " · " + plusEntry + " · " + cardEntry},
		{"LOGIN-7 then the passcode, then the card", append(both, issuePasscode("t", 0), issueCard("k", 0)),
			beginOn(TWS, "", 0),
			appEntry + " · " + plusEntry + " · " + passcodeEntry + " · " + cardEntry},
		{"LOGIN-7 no other code is listed", given{issueSMS("s", 0), issue(ActivationQR, "a", 0)},
			beginOn(TWS, "", 0), ""},
		{"LOGIN-7 a code's end takes it off", given{issuePasscode("t", 0), issueCard("k", 0)},
			beginOn(ClientPortal, "", 21*day), ""},
		{"LOGIN-7 an activation takes both off", given{issuePasscode("t", 0), issueCard("k", 0),
			plusByHand("alice", "d", 0)}, beginOn(TWS, "", 0), plusEntry},
		{"LOGIN-7 only where login.begin is accepted: not while locked", append(both, times(10, fail(0))),
			beginOn(TWS, "", 0), ""},
		{"LOGIN-7 not when the attempt is open", append(both, beginOn(TWS, "", 0)), beginOn(TWS, "", 0), ""},
		{"LOGIN-7 not when all places are taken", append(both, times(9, fail(0)), begin("a", 0)),
			beginOn(TWS, "", 0), ""},
		{"LOGIN-7 not after a report", both, succeed(0), ""},
		{"LOGIN-7 not after a finish", append(both, begin("a", 0)), finishOK("a", 0), ""},
	})
}

func TestMenu_OldTWS(t *testing.T) {
	all := given{appByHand("alice", "m", 0), plusByHand("alice", "d", 0), issuePasscode("t", 0),
		issueCard("k", 0)}
	short, long := appEntry+" · "+passcodeEntry+" · "+cardEntry,
		appEntry+" · "+plusEntry+" · "+passcodeEntry+" · "+cardEntry
	var rows []answer
	for version, menu := range map[string]string{
		"965": short, "1": short, "0": short, "965.9": short, "965.9999": short, "965z": short, "0965": short,
		"10.19": short, // the build is 10, the leading digits
		"966":   long, "966.0": long, "967": long, "1019": long, "00966": long, "99999999999999999999999999": long,
		"": long, "x": long, "build 965": long, "v965": long, "-1": long, "٩": long,
	} {
		rows = append(rows, answer{"LOGIN-7 on tws " + version, all, beginOn(TWS, version, 0), menu})
	}
	for _, platform := range platforms {
		if platform != TWS {
			rows = append(rows, answer{"LOGIN-7 a build counts on tws alone, not on " + platform, all,
				beginOn(platform, "1", 0), long})
		}
	}
	answers(t, IBKRSLS(), asMenu, append(rows,
		answer{"LOGIN-7 an old tws without a device", given{issuePasscode("t", 0)}, beginOn(TWS, "1", 0),
			passcodeEntry},
		answer{"LOGIN-7 an old tws with one device", given{plusByHand("alice", "d", 0)}, beginOn(TWS, "1", 0),
			plusEntry}))
}

func TestMenu_PlatformsOfCodes(t *testing.T) {
	issued := given{issuePasscode("t", 0), issueCard("k", 0)}
	var rows []answer
	for _, platform := range platforms {
		rows = append(rows, answer{"LOGIN-8 a full passcode admits " + platform, issued,
			beginOn(platform, "", 2*day-1), passcodeEntry + " · " + cardEntry})
		if platform != ClientPortal {
			rows = append(rows, answer{"LOGIN-8 a restricted one does not admit " + platform + ", a card does",
				issued, beginOn(platform, "", 2*day), cardEntry})
		}
	}
	answers(t, IBKRSLS(), asMenu, append(rows,
		answer{"LOGIN-8 a restricted one admits the portal", issued, beginOn(ClientPortal, "", 2*day),
			passcodeEntry + " · " + cardEntry},
		answer{"LOGIN-8 until just before its end", issued, beginOn(ClientPortal, "", 10*day-1),
			passcodeEntry + " · " + cardEntry},
		answer{"LOGIN-8 an expired one admits nowhere", issued, beginOn(ClientPortal, "", 10*day), cardEntry}))
}
