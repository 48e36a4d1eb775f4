package domain

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// refusedUnheard is a request whose sender did not authenticate: no totals are
// told.
func refusedUnheard(reason string) then { return then{"refused " + reason, "denied"} }

func TestWithdrawalUnauthenticated(t *testing.T) {
	lend := steps{theOwner.is("one-and-the-same", 0), theThird.is("one-and-the-same", 0), theThird.has("g", Gold, 0)}
	holdAs(t, IBKRSLS(), toldMoney, []rule{
		{"WD-2 locked_out comes first: before device_not_active, and before any limit",
			given{wallet(), times(10, fail(0))},
			when{theOwner.takes("w1", "1", "gold", hour), theOwner.takes("w2", "1", "none", hour), theOwner.takes("w3", "200000.01", "scc", hour)},
			slices.Concat(refusedUnheard("locked_out"), refusedUnheard("locked_out"), refusedUnheard("locked_out"))},
		{"WD-2 device_not_active before any limit",
			given{wallet(), theOwner.takes("w1", "200000", "scc", 0), theOwner.drops("scc", Lost, 0)},
			when{theOwner.takes("w2", "600000.01", "scc", hour)}, refusedUnheard("device_not_active")},
		{"WD-2 a user never heard of has no device",
			given{}, when{theOwner.takes("w1", "1", "gold", 0)}, refusedUnheard("device_not_active")},
		{"WD-2 another's device is not the user's",
			given{wallet(), theRequester.is("x", 0)}, when{theRequester.takes("w1", "1", "gold", 0)}, refusedUnheard("device_not_active")},
		{"WD-2 neither is one that is requested, shipped or deactivated",
			given{theOwner.orders("r", 0), theOwner.orders("s", 0), theOwner.gets("s", 0), theOwner.has("g", Gold, 0), theOwner.drops("g", ByUser, 0)},
			when{theOwner.takes("w1", "1", "r", hour), theOwner.takes("w2", "1", "s", hour), theOwner.takes("w3", "1", "g", hour)},
			slices.Concat(refusedUnheard("device_not_active"), refusedUnheard("device_not_active"), refusedUnheard("device_not_active"))},
		{"WD-2 a borrowed device authenticates, a dormant one does not (SHARE-4)",
			given{lend, theOwner.has("c", Gold, 0), theOwner.asks("s", theThird, "g", 0)},
			when{theOwner.takes("w1", "1", "c", hour), theOwner.takes("w2", "1", "g", hour), theOwner.ends("s", hour), theOwner.takes("w3", "1", "g", hour)},
			slices.Concat(refusedUnheard("device_not_active"),
				then{"accepted", "approved 1.00 by gold on 2026-03-02", "gold: today 1.00; since 2026-02-24 1.00", "accepted", "sharing.cancelled"},
				refusedUnheard("device_not_active"))},
		{"WD-2 a code that is none, or for one use, is not full",
			given{theOwner.code(SMS, "m", 0)}, when{theOwner.takes("w1", "1", "#none", 0), theOwner.takes("w2", "1", "#m", 0)},
			slices.Concat(refusedUnheard("device_not_active"), refusedUnheard("device_not_active"))},
		{"WD-2 neither is another's, or one revoked",
			given{theOwner.passcode("p", 0), theRequester.passcode("q", 0), theOwner.has("gold", Gold, 0)},
			when{theOwner.takes("w1", "1", "#q", 0), theOwner.takes("w2", "1", "#p", 0)},
			slices.Concat(refusedUnheard("device_not_active"), refusedUnheard("device_not_active"))},
		{"WD-2 a device is no code, a code no device",
			given{wallet(), theOwner.passcode("p", 0)}, when{theOwner.takes("w1", "1", "#gold", 0), theOwner.takes("w2", "1", "p", 0)},
			slices.Concat(refusedUnheard("device_not_active"), refusedUnheard("device_not_active"))},
		{"WD-2 a denial counts as nothing",
			given{wallet()}, when{theOwner.takes("w1", "200000.01", "scc", 0), theOwner.takes("w2", "200000", "scc", 0)},
			then{"refused daily_limit", "denied security_code_card", "security_code_card: today 0.00 of 200000.00, 200000.00 left; since 2026-02-24 0.00 of 600000.00, 600000.00 left",
				"try app dsc plus gold",
				"accepted", "approved 200000.00 by security_code_card on 2026-03-02",
				"security_code_card: today 200000.00 of 200000.00, 0.00 left; since 2026-02-24 200000.00 of 600000.00, 400000.00 left"}},
	})
}

// a withdrawal sees the user with all that is due by its own time, and
// tells the user nothing of it.
func TestWithdrawalSeesTheUserAsHeStands(t *testing.T) {
	byPasscode := then{"accepted", "approved 1.00 by temp_passcode on 2026-03-04",
		"temp_passcode: today 1.00 of 200000.00, 199999.00 left; since 2026-02-26 1.00 of 600000.00, 599999.00 left"}
	byGold := then{"accepted", "approved 1.00 by gold on 2026-03-03", "gold: today 1.00; since 2026-02-25 1.00"}
	rows := []rule{
		{"A-17 locked until just before the end",
			given{wallet(), times(10, fail(0))}, when{theOwner.takes("w1", "1", "gold", day-1)}, refusedUnheard("locked_out")},
		{"A-17 at its end the lock is over",
			given{wallet(), times(10, fail(0))}, when{theOwner.takes("w1", "1", "gold", day)}, byGold},
		{"A-17 the passcode is full until just before its two days are over",
			given{theOwner.passcode("p", 0)}, when{theOwner.takes("w1", "1", "#p", 2*day-1)}, byPasscode},
		{"A-17 then it is restricted, and not full (CODE-3)",
			given{theOwner.passcode("p", 0)}, when{theOwner.takes("w1", "1", "#p", 2*day)}, refusedUnheard("device_not_active")},
		{"A-17 the card stays full while its passcode is restricted, and for its 21 days (CODE-4)",
			given{theOwner.passcode("p", 0), theOwner.code(OnlineCard, "c", 0)},
			when{theOwner.takes("w1", "1", "#c", 2*day), theOwner.takes("w2", "1", "#c", 21*day)},
			slices.Concat(then{"accepted", "approved 1.00 by online_card on 2026-03-04",
				"online_card: today 1.00 of 200000.00, 199999.00 left; since 2026-02-26 1.00 of 600000.00, 599999.00 left"},
				refusedUnheard("device_not_active"))},
		{"A-17 a shipped device is not active until just before it activates by itself",
			given{theOwner.orders("d", 0), theOwner.gets("d", 0)}, when{theOwner.takes("w1", "1", "d", 14*day-1)}, refusedUnheard("device_not_active")},
		{"A-17 and then it is, and the passcode is revoked thereby (DEV-5)",
			given{theOwner.orders("d", 0), theOwner.gets("d", 0), theOwner.passcode("p", 14*day-1)},
			when{theOwner.takes("w1", "1", "d", 14*day), theOwner.takes("w2", "1", "#p", 14*day)},
			slices.Concat(then{"accepted", "approved 1.00 by digital_security_card_plus on 2026-03-16",
				"digital_security_card_plus: today 1.00; since 2026-03-10 1.00"}, refusedUnheard("device_not_active"))},
		{"A-17 a device that activated by itself is a device to try",
			given{theOwner.has("scc", SecurityCodeCard, 0), theOwner.orders("d", 0), theOwner.gets("d", 0)},
			when{theOwner.takes("w1", "200000.01", "scc", 14*day-1), theOwner.takes("w2", "200000.01", "scc", 14*day)},
			then{"refused daily_limit", "denied security_code_card",
				"security_code_card: today 0.00 of 200000.00, 200000.00 left; since 2026-03-10 0.00 of 600000.00, 600000.00 left",
				"refused daily_limit", "denied security_code_card",
				"security_code_card: today 0.00 of 200000.00, 200000.00 left; since 2026-03-10 0.00 of 600000.00, 600000.00 left", "try d"}},
		{"A-17 the user's clock makes no withdrawal late",
			given{wallet(), theOwner.begins("a", 9*day)}, when{theOwner.takes("w1", "1", "gold", day)}, byGold},
		{"A-17 but the log stands as it stands: a lock that came later in time holds",
			given{wallet(), times(10, fail(9*day))}, when{theOwner.takes("w1", "1", "gold", day)}, refusedUnheard("locked_out")},
		{"A-17 another's clock either",
			given{wallet(), theRequester.begins("a", 9*day)}, when{theOwner.takes("w1", "1", "gold", day)}, byGold},
		{"A-52 a lock stops requests only: not a settlement, not a cancellation",
			given{wallet(), theOwner.takes("w1", "1", "gold", 0), theOwner.takes("w2", "1", "gold", 0), times(10, fail(0))},
			when{theOwner.settles("w1", hour), theOwner.recalls("w2", hour)},
			then{"accepted", "withdrawal.settled", "accepted", "withdrawal.cancelled usd=1.00 day=2026-03-02"}},
		{"A-51 a refusal does not move the lock's end, whatever the policy",
			given{wallet(), adopts("extending@1", 0, func(p *Policy) { p.RefusalsExtend = true }), times(10, fail(0)), theOwner.takes("w1", "1", "gold", hour)},
			when{theOwner.takes("w2", "1", "gold", day)}, byGold},
	}
	holdAs(t, IBKRSLS(), toldMoney, rows)
	for _, r := range rows {
		l := newLedger(IBKRSLS())
		for _, s := range flat(r.given) {
			l.do(*s(l))
		}
		before := l.users["alice"]
		for _, s := range flat(r.when) {
			d := l.do(*s(l))
			if diff := cmp.Diff([]Entity{AccountEntity("acct")}, d.Entities); diff != "" || len(d.Events) != 1 || d.Late {
				t.Errorf("%s: %d events of %v, late %v", r.says, len(d.Events), d.Entities, d.Late)
			}
		}
		if diff := cmp.Diff(before, l.users["alice"]); diff != "" {
			t.Errorf("%s: it changed the user (-before +after)\n%s", r.says, diff)
		}
	}
}

// WD-9, A-16: the id of a request is taken for good in its account, approved or
// denied.
func TestWithdrawalIDs(t *testing.T) {
	euro := func(amount, usd string) step {
		return send(hour, &WithdrawalRequest{Withdrawal: "e", Account: "acct", User: "alice", Device: "gold", Amount: amount, Currency: "EUR", USDAmount: usd})
	}
	franc := send(hour, &WithdrawalRequest{Withdrawal: "e", Account: "acct", User: "alice", Device: "gold", Amount: "5.00", Currency: "CHF", USDAmount: "6.00"})
	elsewhere := send(hour, &WithdrawalRequest{Withdrawal: "w1", Account: "other", User: "alice", Device: "gold", Amount: "2", Currency: "USD"})
	holdAs(t, IBKRSLS(), toldMoney, []rule{
		{"WD-9 the same request is a duplicate, at any time, under any command id",
			given{wallet(), theOwner.takes("w1", "1", "gold", 0)}, when{theOwner.takes("w1", "1", "gold", 0), from("gateway/tws", theOwner.takes("w1", "1", "gold", 99*day))},
			then{"duplicate of 6", "duplicate of 6"}},
		{"WD-9 also an earlier one: nothing is late that is not recorded",
			given{wallet(), theOwner.takes("w1", "1", "gold", hour)}, when{theOwner.takes("w1", "1", "gold", 0)},
			then{"duplicate of 6"}},
		{"WD-9 of a denied one too, even if it would pass by now",
			given{wallet(), theOwner.takes("w1", "1", "none", 0), theOwner.has("none", Gold, 0)}, when{theOwner.takes("w1", "1", "none", hour)},
			then{"duplicate of 6"}},
		{"WD-9 of a settled and a cancelled one, which tells the first verdict",
			given{wallet(), theOwner.takes("w1", "1", "gold", 0), theOwner.takes("w2", "1", "gold", 0), theOwner.settles("w1", 0), theOwner.recalls("w2", 0)},
			when{theOwner.takes("w1", "1", "gold", hour), theOwner.takes("w2", "1", "gold", hour)},
			then{"duplicate of 6", "duplicate of 7"}},
		{"WD-9 also while the user is locked",
			given{wallet(), theOwner.takes("w1", "1", "gold", 0), times(10, fail(0))}, when{theOwner.takes("w1", "1", "gold", hour)},
			then{"duplicate of 6"}},
		{"WD-9 other content is id_reused: user, device, code, amount",
			given{wallet(), theOwner.passcode("gold", 0), theOwner.takes("w1", "1", "gold", 0)},
			when{theRequester.takes("w1", "1", "gold", 0), theOwner.takes("w1", "1", "scc", 0), theOwner.takes("w1", "1", "#gold", 0), theOwner.takes("w1", "2", "gold", 0)},
			then{"invalid id_reused", "invalid id_reused", "invalid id_reused", "invalid id_reused"}},
		{"WD-9 also an amount written otherwise (A-08)",
			given{wallet(), theOwner.takes("w1", "1", "gold", 0)}, when{theOwner.takes("w1", "1.00", "gold", 0)},
			then{"invalid id_reused"}},
		{"WD-9 also a currency or its value",
			given{wallet(), euro("5.00", "6.00")}, when{euro("5.00", "6.01"), euro("5.01", "6.00"), franc, euro("5.00", "6.00")},
			then{"invalid id_reused", "invalid id_reused", "invalid id_reused", "duplicate of 6"}},
		{"WD-9 also of a denied one",
			given{wallet(), theOwner.takes("w1", "1", "none", 0)}, when{theOwner.takes("w1", "1", "gold", 0)},
			then{"invalid id_reused"}},
		{"WD-9 another account has its own ids (A-14)",
			given{wallet(), theOwner.takes("w1", "1", "gold", 0)}, when{elsewhere},
			then{"accepted", "approved 2.00 by gold on 2026-03-02", "gold: today 2.00; since 2026-02-24 2.00"}},
	})
	l := newLedger(IBKRSLS())
	for _, s := range append(wallet(), theOwner.takes("w1", "1", "gold", 0)) {
		l.do(*s(l))
	}
	clock := l.accounts["acct"].Clock
	want := Decision{Policy: DefaultPolicy, Duplicate: 6}
	if diff := cmp.Diff(want, l.do(*theOwner.takes("w1", "1", "gold", day)(l))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(l.records) != 6 || !l.accounts["acct"].Clock.Equal(clock) {
		t.Errorf("a duplicate left a trace: %d records, the clock at %s", len(l.records), distance(l.accounts["acct"].Clock))
	}
}
