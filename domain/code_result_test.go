package domain

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// asSentence writes any result, "none" if there is none.
func asSentence(result Data) string {
	if result == nil {
		return "none"
	}
	var members sentence
	result.Members(&members)
	return members.String()[1:]
}

// A code's result is its state after the command: until is the state's end, of a
// final state when it began.
func TestCodeResults(t *testing.T) {
	passcode, card := issuePasscode("t", 0), steps{issuePasscode("t", 0)[0], issuePasscode("t", 0)[1], issueCard("k", 0)}
	answers(t, IBKRSLS(), asSentence, []answer{
		{"CODE-3 a new passcode is full", given{verify(0)}, issue(TempPasscode, "t", 0), "state=full until=48h"},
		{"CODE-7 a redeemed one still", given{passcode}, redeem("t", hour), "state=full until=48h"},
		{"CODE-3 then restricted", given{passcode}, redeemFor(ClientPortal, PrintOnlineCard, "t", 2*day), "state=restricted until=240h"},
		{"CODE-6 also when it is refused", given{passcode}, redeem("t", 2*day), "state=restricted until=240h"},
		{"CODE-3 then expired, since its end", given{passcode}, redeem("t", 11*day), "state=expired until=240h"},
		{"CODE-3 or revoked, since the revocation", given{passcode}, revoke("t", 3*day), "state=revoked until=72h"},
		{"CODE-6 a second revocation changes nothing", given{passcode, revoke("t", 3*day)}, revoke("t", 4*day), "state=revoked until=72h"},
		{"CODE-4 a new card is full", given{passcode}, issueCard("k", 0), "state=full until=504h"},
		{"CODE-4 and never restricted", given{card}, redeemFor(TWS, "", "k", 20*day), "state=full until=504h"},
		{"CODE-4 then expired", given{card}, redeem("k", 22*day), "state=expired until=504h"},
		{"CODE-4 revoking the passcode leaves it full (A-40)", given{card, revoke("t", 0)}, redeem("k", 0), "state=full until=504h"},
		{"CODE-4 or revoked by an activation", given{card, appByHand("alice", "m", minute)}, redeem("k", day), "state=revoked until=1m"},
		{"CODE-4 or by one that came of itself", given{plusSent("d", 0), steps(issuePasscode("t", 13*day))}, redeem("t", 15*day), "state=revoked until=336h"},
		{"CODE-5 another code is live", given{}, issueSMS("s", 0), "state=live until=5m"},
		{"CODE-5 then used, since it was redeemed", given{issueSMS("s", 0)}, redeem("s", minute), "state=used until=1m"},
		{"CODE-6 for good (A-19)", given{issueSMS("s", 0), redeem("s", minute)}, redeem("s", hour), "state=used until=1m"},
		{"CODE-5 or expired", given{issueSMS("s", 0)}, redeem("s", hour), "state=expired until=5m"},
		{"CODE-5 a late one is used at the clock", given{issueSMS("s", 0), fail(minute)}, redeem("s", 0), "state=used until=1m"},
		{"CODE-6 an unknown code has no result", given{}, redeem("s", 0), "none"},
		{"CODE-6 nor to revoke", given{}, revoke("s", 0), "none"},
		{"CODE-1 nor has one that was not issued", given{}, issueCard("k", 0), "none"},
		{"CODE-1 nor one whose id is taken", given{issueSMS("s", 0)}, issueSMS("s", 0), "none"},
	})
}

// What the ledger knows of every code ever, after all the ways in which one ends.
func TestEveryCodeIsKept(t *testing.T) {
	l := newLedger(IBKRSLS())
	for _, s := range flat(given{
		plusByHand("alice", "d", 0), issueChallenge("d", 0), redeemFor(TWS, "", "c", 0),
		issueSMS("s", 0), redeemFor(ClientPortal, ChangePIN, "s", minute),
		issueSMS("r", 0), revoke("r", minute), issuePasscode("t", minute), issueCard("k", minute),
		issueSMS("e", minute), fail(3 * day), issueSMS("live", 3*day),
	}) {
		l.do(*s(l))
	}
	at := func(d time.Duration) time.Time { return epoch.Add(d) }
	want := map[string]Item{
		"c":    &Code{ID: "c", Kind: ChallengeCode, State: Used, Issued: at(0), Until: at(0), Device: "d", Purpose: ToLogin, Turn: 1},
		"s":    &Code{ID: "s", Kind: SMS, State: Used, Issued: at(0), Until: at(minute), Purpose: ChangePIN, Turn: 1},
		"r":    &Code{ID: "r", Kind: SMS, State: Revoked, Issued: at(minute), Until: at(minute), Turn: 1},
		"t":    &Code{ID: "t", Kind: TempPasscode, State: Restricted, Issued: at(minute), Until: at(10*day + minute), Ends: at(10*day + minute), Turn: 1},
		"k":    &Code{ID: "k", Kind: OnlineCard, State: Full, Issued: at(minute), Until: at(21*day + minute), Turn: 1},
		"e":    &Code{ID: "e", Kind: SMS, State: Expired, Issued: at(minute), Until: at(6 * minute), Turn: 1},
		"live": &Code{ID: "live", Kind: SMS, State: Live, Issued: at(3 * day), Until: at(3*day + 5*minute), Turn: 1},
	}
	if diff := cmp.Diff(want, l.Items(CodeItem, "alice")); diff != "" {
		t.Errorf("CODE-1 (-want +kept)\n%s", diff)
	}
}

// A user stays small whatever the history: its live codes, the newest passcode
// and the newest card.
func TestAUserKeepsFewCodes(t *testing.T) {
	const rounds = 2500
	l := newLedger(IBKRSLS())
	for i := range rounds {
		at, n := time.Duration(i)*30*day, decimal(int64(i))
		for _, s := range flat(given{
			appByHand("alice", "m"+n, at), giveUp("m"+n, Lost, at), issuePasscode("t"+n, at), issueCard("k"+n, at),
			issueSMS("s"+n, at), issue(ActivationQR, "a"+n, at), redeem("s"+n, at),
		}) {
			c := s(l)
			c.ID += "-" + n
			if d := l.do(*c); d.Status != Accepted {
				t.Fatalf("round %d: %s %s", i, c.Data.CommandType(), d.Reason)
			}
		}
		l.records = l.records[:0]
		if u := l.users["alice"]; len(u.Codes) > 3 || len(u.Devices) > 1 {
			t.Fatalf("CODE-1 after round %d a user holds %d codes and %d devices", i, len(u.Codes), len(u.Devices))
		}
	}
	later := l.users["alice"].At(l.users["alice"].Clock.Add(99 * day))
	var kept []string
	for _, c := range later.Codes {
		kept = append(kept, c.ID+" "+c.State)
	}
	last := decimal(rounds - 1)
	if diff := cmp.Diff([]string{"t" + last + " expired", "k" + last + " expired"}, kept); diff != "" {
		t.Errorf("CODE-1 (-want +kept)\n%s", diff)
	}
	if all := l.Items(CodeItem, "alice"); len(all) != 4*rounds {
		t.Errorf("CODE-1 %d codes are known of %d issued", len(all), 4*rounds)
	}
}
