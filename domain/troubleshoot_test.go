package domain

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// trouble is an expected case with some words of its text.
type trouble struct {
	number int64
	until  time.Duration // 0: none
	words  string
}

// TestTroubles checks each of the eleven cases of the login article, alone and with others (LOGIN-10,
//
func TestTroubles(t *testing.T) {
	const ten = 9 * minute // of the tenth failure
	lock := append(times(9, fail(0)), fail(ten))
	code := func(reason string, at time.Duration) some { return failed(reason, at) }
	lost := deactivateDevice("alice", "p", Lost, hour)
	plus := plusByHand("alice", "p", 0)
	tests := []struct {
		says  string
		given given
		at    time.Duration
		want  []trouble
	}{
		{"unknown user has no case", nil, 0, nil},
		{"1: failures in the window", given{times(3, fail(0))}, 24 * hour,
			[]trouble{{1, 0, "3 logins have failed, of the 10"}}},
		{"1: absent after the failures have left the window", given{times(3, fail(0))}, 24*hour + 1, nil},
		{"1: absent after a success", given{fail(0), succeed(minute)}, minute, nil},
		{"1: open attempts at the limit (A-65)",
			given{times(8, fail(0)), begin("a", minute), begin("b", 2*minute)}, 2 * minute,
			[]trouble{{1, 6 * minute,
				"No further attempt is admitted until 2026-03-02 15:06:00 UTC: 8 logins have failed, and 2 attempts " +
					"are open"}}},
		{"1: absent while one more attempt is admitted", given{times(8, fail(0)), begin("a", minute)}, 2 * minute,
			[]trouble{{1, 0, "8 logins have failed, of the 10"}}},
		{"1: absent after the attempts have lapsed", given{times(8, fail(0)), begin("a", minute),
			begin("b", 2*minute)}, 6 * minute, []trouble{{1, 0, "8 logins have failed, of the 10"}}},
		{"1 and 3: locked", given{lock}, hour, []trouble{{1, 24*hour + ten,
			"locked out until 2026-03-03 15:09:00 UTC: wait, or verify"}, {3, 0, "forgotten"}}},
		{"1: absent at the end of the lockout", given{lock}, 24*hour + ten, nil},
		{"1 and 3: locked until released, with old failures", given{
			adopt(0, func(p *Policy) { p.DurationSeconds = 0 }), lock,
		}, 99 * day, []trouble{{1, 0, "until support releases it"}, {3, 0, ""}}},
		{"2: a wrong code", given{code("bad_code", 0)}, 0,
			[]trouble{{1, 0, "1 login has"}, {2, 0, "at the code, not at the password"}}},
		{"2: expired code", given{code("expired_code", 0)}, 0, []trouble{{1, 0, ""}, {2, 0, "expired"}}},
		{"2: the wrong case", given{code("wrong_case", 0)}, 0, []trouble{{1, 0, ""}, {2, 0, "capital letters"}}},
		{"2: spaces", given{code("has_spaces", 0)}, 0, []trouble{{1, 0, ""}, {2, 0, "spaces"}}},
		{"2: absent if the newest failure has another reason",
			given{code("bad_code", 0), fail(1)}, 1, []trouble{{1, 0, "2 logins"}}},
		{"2: uncounted failure has no effect", given{code("bad_code", 0), code("cancelled", 1)}, 1,
			[]trouble{{1, 0, ""}, {2, 0, ""}}},
		{"2: absent after the failure has left the window", given{code("bad_code", 0)}, 25 * hour, nil},
		{"4: device and passcode", given{plus, issuePasscode("k", hour)}, 2 * hour,
			[]trouble{{4, 2*day + hour,
				"Device p is active, and a temporary passcode stands in for it until 2026-03-04 16:00:00"}}},
		{"4: online card in place of its passcode", given{plus, issuePasscode("k", hour), issueCard("o", hour)},
			2 * hour,
			[]trouble{{4, 21*day + hour, "an online card stands in"}}},
		{"5: lost device", given{plus, lost}, 2 * hour,
			[]trouble{{5, 0, "lost or damaged on 2026-03-02 16:00:00"}}},
		{"5: absent before the loss", given{plus}, 2 * hour, nil},
		{"5: absent while another device is active",
			given{plus, lost, plusByHand("alice", "q", 2*hour)}, 2 * hour, nil},
		{"5: absent after a replacement", given{plus, deactivateDevice("alice", "p", Replaced, hour)}, hour, nil},
		{"6 and 9: restricted passcode", given{issuePasscode("k", 0)}, 2 * day, []trouble{
			{6, 10 * day, "Until 2026-03-12 15:00:00 UTC the portal still admits"},
			{9, 10 * day, "print or save an online card until 2026-03-12"}}},
		{"6: expired passcode", given{issuePasscode("k", 0)}, 10 * day, []trouble{{6, 0, "expired on 2026-03-12"}}},
		{"6: absent while the passcode is full", given{issuePasscode("k", 0)}, 2*day - 1, nil},
		{"6: absent after a later activation",
			given{issuePasscode("k", 0), plusByHand("alice", "p", 11*day)}, 12 * day, nil},
		{"7: expired online card", given{issuePasscode("k", 0), issueCard("o", day)}, 22 * day,
			[]trouble{{6, 0, ""}, {7, 0, "expired on 2026-03-24"}}},
		{"7: absent after a later activation",
			given{issuePasscode("k", 0), issueCard("o", day), plusByHand("alice", "p", 23*day)}, 24 * day, nil},
		{"8: requested device", given{plusAsked("p", 0)}, day, []trouble{{8, 0, "has not been shipped"}}},
		{"8 and 10: shipped device", given{plusSent("p", 0)}, day,
			[]trouble{{8, 14 * day, "by itself on 2026-03-16"}, {10, 0, "p (shipped)"}}},
		{"8: first of several shipped devices",
			given{plusAsked("r", 0), plusSent("q", hour), plusSent("p", 2*hour)},
			day,
			[]trouble{{8, 14*day + hour, "Device q"}, {10, 0, ""}}},
		{"8: absent after the automatic activation (DEV-3)", given{plusSent("p", 0)}, 14 * day, nil},
		{"10: device that the user deactivated", given{plus, deactivateDevice("alice", "p", ByUser, hour)}, hour,
			[]trouble{{10, 0, "p (deactivated)"}}},
		{"4: device with a label (DEV-10)",
			given{plus, renameDevice("alice", "p", "Card"), issuePasscode("k", hour)}, 2 * hour,
			[]trouble{{4, 2*day + hour, `Device p "Card" is active`}}},
		{"4: a shared device without its owner's label (DEV-10)",
			given{lentPlus("d", 0), renameDevice("bob", "d", "Card"), issuePasscode("k", hour)}, 2 * hour,
			[]trouble{{4, 2*day + hour, "Device d is active"}}},
		{"8: requested device with a label (DEV-10)", given{plusAsked("p", 0), renameDevice("alice", "p", "Card")},
			day, []trouble{{8, 0, `Device p "Card" was requested`}}},
		{"8 and 10: shipped device with a label (DEV-10)",
			given{plusSent("p", 0), renameDevice("alice", "p", "Card")}, day,
			[]trouble{{8, 14 * day, `Device p "Card" was shipped`}, {10, 0, `p "Card" (shipped)`}}},
		{"several: locked by a wrong code, lost device, restricted passcode", given{
			plus, lost, issuePasscode("k", hour), times(10, failed("bad_code", 3*day)),
		}, 3*day + hour, []trouble{
			{1, 4 * day, ""}, {2, 0, ""}, {3, 0, ""}, {5, 0, ""}, {6, 10*day + hour, ""}, {9, 10*day + hour, ""}}},
	}
	for _, test := range tests {
		t.Run(test.says, func(t *testing.T) {
			l := newLedger(IBKRSLS())
			for _, s := range flat(test.given) {
				if d := l.do(*s(l)); d.Status != Accepted {
					t.Fatalf("earlier command: got %+v, want accepted", d)
				}
			}
			u := l.users["alice"]
			checkTroubles(t, u.Troubles(l.policy, "alice", epoch.Add(test.at)), test.want)
		})
	}
}

func checkTroubles(t *testing.T, got []Trouble, want []trouble) {
	t.Helper()
	same := slices.EqualFunc(got, want, func(g Trouble, w trouble) bool {
		ends := g.Until.IsZero() && w.until == 0 || g.Until.Equal(epoch.Add(w.until))
		return g.Case == w.number && ends && strings.Contains(g.Says, w.words) && !strings.Contains(g.Says, "%!")
	})
	if !same {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// A dormant device can be activated only after the end of the sharing (SHARE-4, A-25, LOGIN-10 case 10).
func TestTroubles_DormantDeviceDuringSharing(t *testing.T) {
	l := newLedger(IBKRSLS())
	play := func(all ...some) {
		for _, s := range flat(all) {
			l.do(*s(l))
		}
	}
	play(samePerson("alice", "bob", 0), hasDevice("alice", "g", Gold, 0), hasDevice("bob", "p", Platinum, 0),
		send(hour, &SharingRequest{Sharing: "s", Requester: "alice", Owner: "bob", Device: "p"}))
	checkTroubles(t, l.users["alice"].Troubles(l.policy, "alice", epoch.Add(hour)), nil)
	play(send(2*hour, &SharingCancel{Sharing: "s", By: "bob"}))
	checkTroubles(t, l.users["alice"].Troubles(l.policy, "alice", epoch.Add(2*hour)),
		[]trouble{{10, 0, "g (dormant)"}})
}

// Case 11 depends only on the name as typed (LOGIN-10, A-44).
func TestTroubles_BadName(t *testing.T) {
	for name, words := range map[string]string{
		"al ice": "position 3 is not allowed", "Alice": "Caps Lock", "": "missing at position 1",
	} {
		checkTroubles(t, User{}.Troubles(IBKRSLS(), name, epoch), []trouble{{11, 0, words}})
	}
}
