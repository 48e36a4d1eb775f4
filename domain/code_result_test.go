package domain

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// asIs returns a result without a change.
func asIs(result Data) Data { return result }

func codeState(state string, until time.Duration) Data {
	return &CodeResult{State: state, Until: after(until)}
}

// The result of a code command is the state of the code after it. until is the end of the state, or
// the start of a final state.
func TestCodeResults(t *testing.T) {
	passcode, card := issuePasscode("t", 0), steps{issuePasscode("t", 0)[0], issuePasscode("t", 0)[1],
		issueCard("k", 0)}
	answers(t, IBKRSLS(), asIs, []answer[Data]{
		{"CODE-3 a new passcode is full", given{verify(0)}, issue(TempPasscode, "t", 0), codeState(Full, 2*day)},
		{"CODE-7 redeemed passcode stays full", given{passcode}, redeem("t", hour), codeState(Full, 2*day)},
		{"CODE-3 passcode after its full days", given{passcode},
			redeemFor(ClientPortal, PrintOnlineCard, "t", 2*day),
			codeState(Restricted, 10*day)},
		{"CODE-6 state in a refusal", given{passcode}, redeem("t", 2*day), codeState(Restricted, 10*day)},
		{"CODE-3 expired since its end", given{passcode}, redeem("t", 11*day), codeState(Expired, 10*day)},
		{"CODE-3 revoked since the revocation", given{passcode}, revoke("t", 3*day), codeState(Revoked, 3*day)},
		{"CODE-6 a second revocation changes nothing", given{passcode, revoke("t", 3*day)}, revoke("t", 4*day),
			codeState(Revoked, 3*day)},
		{"CODE-4 a new card is full", given{passcode}, issueCard("k", 0), codeState(Full, 21*day)},
		{"CODE-4 card is never restricted", given{card}, redeemFor(TWS, "", "k", 20*day), codeState(Full, 21*day)},
		{"CODE-4 expired card", given{card}, redeem("k", 22*day), codeState(Expired, 21*day)},
		{"CODE-4 revoking the passcode leaves it full (A-40)", given{card, revoke("t", 0)}, redeem("k", 0),
			codeState(Full, 21*day)},
		{"CODE-4 card revoked by a manual activation", given{card, appByHand("alice", "m", minute)},
			redeem("k", day),
			codeState(Revoked, minute)},
		{"CODE-4 card revoked by an automatic activation",
			given{plusSent("d", 0), steps(issuePasscode("t", 13*day))},
			redeem("t", 15*day), codeState(Revoked, 14*day)},
		{"CODE-5 another code is live", given{}, issueSMS("s", 0), codeState(Live, 5*minute)},
		{"CODE-5 used since the redemption", given{issueSMS("s", 0)}, redeem("s", minute),
			codeState(Used, minute)},
		{"CODE-6 used code stays used (A-19)", given{issueSMS("s", 0), redeem("s", minute)}, redeem("s", hour),
			codeState(Used, minute)},
		{"CODE-5 expired code", given{issueSMS("s", 0)}, redeem("s", hour), codeState(Expired, 5*minute)},
		{"CODE-5 late redemption uses the code at the clock", given{issueSMS("s", 0), fail(minute)}, redeem("s", 0),
			codeState(Used, minute)},
		{"CODE-6 an unknown code has no result", given{}, redeem("s", 0), nil},
		{"CODE-6 revocation of an unknown code has no result", given{}, revoke("s", 0), nil},
		{"CODE-1 refused issue has no result", given{}, issueCard("k", 0), nil},
		{"CODE-1 reused id has no result", given{issueSMS("s", 0)}, issueSMS("s", 0), nil},
	})
}

// The ledger keeps every code as an item, whatever its final state.
func TestCode_StaysAsItem(t *testing.T) {
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
		"c": &Code{ID: "c", Kind: ChallengeCode, State: Used, Issued: at(0), Until: at(0), Device: "d",
			Purpose: ToLogin, Turn: 1},
		"s": &Code{ID: "s", Kind: SMS, State: Used, Issued: at(0), Until: at(minute), Purpose: ChangePIN,
			Turn: 1},
		"r": &Code{ID: "r", Kind: SMS, State: Revoked, Issued: at(minute), Until: at(minute), Turn: 1},
		"t": &Code{ID: "t", Kind: TempPasscode, State: Restricted, Issued: at(minute),
			Until: at(10*day + minute), Ends: at(10*day + minute), Turn: 1},
		"k": &Code{ID: "k", Kind: OnlineCard, State: Full, Issued: at(minute), Until: at(21*day + minute),
			Turn: 1},
		"e": &Code{ID: "e", Kind: SMS, State: Expired, Issued: at(minute), Until: at(6 * minute), Turn: 1},
		"live": &Code{ID: "live", Kind: SMS, State: Live, Issued: at(3 * day), Until: at(3*day + 5*minute),
			Turn: 1},
	}
	if diff := cmp.Diff(want, l.Items(CodeItem, "alice")); diff != "" {
		t.Errorf("CODE-1 (-want +kept)\n%s", diff)
	}
}

// The state of a user contains only the live codes, the newest passcode and the newest card.
func TestUser_KeepsFewCodes(t *testing.T) {
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
				t.Fatalf("round %d, %s: got %s, want accepted", i, c.Data.CommandType(), d.Reason)
			}
		}
		l.records = l.records[:0]
		if u := l.users["alice"]; len(u.Codes) > 3 || len(u.Devices) > 1 {
			t.Fatalf("CODE-1 round %d: got %d codes and %d devices, want at most 3 and 1", i, len(u.Codes),
				len(u.Devices))
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
		t.Errorf("CODE-1 items of codes: got %d, want %d", len(all), 4*rounds)
	}
}
