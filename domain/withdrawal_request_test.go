package domain

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// refusedUnauthenticated returns the answer to a request without valid authentication. It contains no totals
//
func refusedUnauthenticated(reason Reason) then { return then{refused(reason), denial(reason, "")} }

func TestWithdrawalUnauthenticated(t *testing.T) {
	lend := steps{theOwner.is("one-and-the-same", 0), theThird.is("one-and-the-same", 0),
		theThird.has("g", Gold, 0)}
	holdAs(t, IBKRSLS(), outcomeOfWithdrawal, []rule{
		{"WD-2 locked_out comes first: before device_not_active, and before any limit",
			given{wallet(), times(10, fail(0))},
			when{theOwner.takes("w1", "1", "gold", hour), theOwner.takes("w2", "1", "none", hour),
				theOwner.takes("w3", "200000.01", "scc", hour)},
			slices.Concat(refusedUnauthenticated(LockedOut), refusedUnauthenticated(LockedOut),
				refusedUnauthenticated(LockedOut))},
		{"WD-2 device_not_active before any limit",
			given{wallet(), theOwner.takes("w1", "200000", "scc", 0), theOwner.drops("scc", Lost, 0)},
			when{theOwner.takes("w2", "600000.01", "scc", hour)}, refusedUnauthenticated(DeviceNotActive)},
		{"WD-2 unknown user has no device",
			given{}, when{theOwner.takes("w1", "1", "gold", 0)}, refusedUnauthenticated(DeviceNotActive)},
		{"WD-2 device of another user",
			given{wallet(), theRequester.is("x", 0)}, when{theRequester.takes("w1", "1", "gold", 0)},
			refusedUnauthenticated(DeviceNotActive)},
		{"WD-2 requested, shipped and deactivated devices",
			given{theOwner.orders("r", 0), theOwner.orders("s", 0), theOwner.gets("s", 0), theOwner.has("g", Gold, 0),
				theOwner.drops("g", ByUser, 0)},
			when{theOwner.takes("w1", "1", "r", hour), theOwner.takes("w2", "1", "s", hour),
				theOwner.takes("w3", "1", "g", hour)},
			slices.Concat(refusedUnauthenticated(DeviceNotActive), refusedUnauthenticated(DeviceNotActive),
				refusedUnauthenticated(DeviceNotActive))},
		{"WD-2 a borrowed device authenticates, a dormant one does not (SHARE-4)",
			given{lend, theOwner.has("c", Gold, 0), theOwner.asks("s", theThird, "g", 0)},
			when{theOwner.takes("w1", "1", "c", hour), theOwner.takes("w2", "1", "g", hour), theOwner.ends("s", hour),
				theOwner.takes("w3", "1", "g", hour)},
			slices.Concat(refusedUnauthenticated(DeviceNotActive),
				then{accepted, approved("1.00", Gold, "2026-03-02"),
					totals{Gold, noLimit("1.00"), "2026-02-24", noLimit("1.00")},
					accepted, &SharingCancelled{}},
				refusedUnauthenticated(DeviceNotActive))},
		{"WD-2 unknown code and code for one use",
			given{theOwner.code(SMS, "m", 0)}, when{theOwner.takes("w1", "1", "#none", 0),
				theOwner.takes("w2", "1", "#m", 0)},
			slices.Concat(refusedUnauthenticated(DeviceNotActive), refusedUnauthenticated(DeviceNotActive))},
		{"WD-2 code of another user and revoked code",
			given{theOwner.passcode("p", 0), theRequester.passcode("q", 0), theOwner.has("gold", Gold, 0)},
			when{theOwner.takes("w1", "1", "#q", 0), theOwner.takes("w2", "1", "#p", 0)},
			slices.Concat(refusedUnauthenticated(DeviceNotActive), refusedUnauthenticated(DeviceNotActive))},
		{"WD-2 device id as a code and code id as a device",
			given{wallet(), theOwner.passcode("p", 0)},
			when{theOwner.takes("w1", "1", "#gold", 0), theOwner.takes("w2", "1", "p", 0)},
			slices.Concat(refusedUnauthenticated(DeviceNotActive), refusedUnauthenticated(DeviceNotActive))},
		{"WD-2 denied request does not count",
			given{wallet()}, when{theOwner.takes("w1", "200000.01", "scc", 0),
				theOwner.takes("w2", "200000", "scc", 0)},
			then{refused(DailyLimit), denial(DailyLimit, SecurityCodeCard),
				totals{SecurityCodeCard, sum{"0.00", "200000.00", "200000.00"}, "2026-02-24",
					sum{"0.00", "600000.00", "600000.00"}},
				tryDevices{"app", "dsc", "plus", "gold"},
				accepted, approved("200000.00", SecurityCodeCard, "2026-03-02"),
				totals{SecurityCodeCard, sum{"200000.00", "200000.00", "0.00"}, "2026-02-24",
					sum{"200000.00", "600000.00", "400000.00"}}}},
	})
}

// TestWithdrawal_ReadsTheUserAtItsTime is A-17: a withdrawal reads the user with all deadlines
// until its time, and does not change the user.
func TestWithdrawal_ReadsTheUserAtItsTime(t *testing.T) {
	byPasscode := then{accepted, approved("1.00", TempPasscode, "2026-03-04"),
		totals{TempPasscode, sum{"1.00", "200000.00", "199999.00"}, "2026-02-26",
			sum{"1.00", "600000.00", "599999.00"}}}
	byGold := then{accepted, approved("1.00", Gold, "2026-03-03"),
		totals{Gold, noLimit("1.00"), "2026-02-25", noLimit("1.00")}}
	rows := []rule{
		{"A-17 locked until just before the end",
			given{wallet(), times(10, fail(0))}, when{theOwner.takes("w1", "1", "gold", day-1)},
			refusedUnauthenticated(LockedOut)},
		{"A-17 not locked at the end of the lockout",
			given{wallet(), times(10, fail(0))}, when{theOwner.takes("w1", "1", "gold", day)}, byGold},
		{"A-17 the passcode is full until just before its two days are over",
			given{theOwner.passcode("p", 0)}, when{theOwner.takes("w1", "1", "#p", 2*day-1)}, byPasscode},
		{"A-17 restricted passcode is not full (CODE-3)",
			given{theOwner.passcode("p", 0)}, when{theOwner.takes("w1", "1", "#p", 2*day)},
			refusedUnauthenticated(DeviceNotActive)},
		{"A-17 the card stays full while its passcode is restricted, and for its 21 days (CODE-4)",
			given{theOwner.passcode("p", 0), theOwner.code(OnlineCard, "c", 0)},
			when{theOwner.takes("w1", "1", "#c", 2*day), theOwner.takes("w2", "1", "#c", 21*day)},
			slices.Concat(then{accepted, approved("1.00", OnlineCard, "2026-03-04"),
				totals{OnlineCard, sum{"1.00", "200000.00", "199999.00"}, "2026-02-26",
					sum{"1.00", "600000.00", "599999.00"}}},
				refusedUnauthenticated(DeviceNotActive))},
		{"A-17 shipped device is not active just before its automatic activation",
			given{theOwner.orders("d", 0), theOwner.gets("d", 0)}, when{theOwner.takes("w1", "1", "d", 14*day-1)},
			refusedUnauthenticated(DeviceNotActive)},
		{"A-17 shipped device is active at its activation, and the passcode is revoked (DEV-5)",
			given{theOwner.orders("d", 0), theOwner.gets("d", 0), theOwner.passcode("p", 14*day-1)},
			when{theOwner.takes("w1", "1", "d", 14*day), theOwner.takes("w2", "1", "#p", 14*day)},
			slices.Concat(then{accepted, approved("1.00", DigitalSecurityCardPlus, "2026-03-16"),
				totals{DigitalSecurityCardPlus, noLimit("1.00"), "2026-03-10", noLimit("1.00")}},
				refusedUnauthenticated(DeviceNotActive))},
		{"A-17 automatically activated device is in the devices to try",
			given{theOwner.has("scc", SecurityCodeCard, 0), theOwner.orders("d", 0), theOwner.gets("d", 0)},
			when{theOwner.takes("w1", "200000.01", "scc", 14*day-1), theOwner.takes("w2", "200000.01", "scc", 14*day)},
			then{refused(DailyLimit), denial(DailyLimit, SecurityCodeCard),
				totals{SecurityCodeCard, sum{"0.00", "200000.00", "200000.00"}, "2026-03-10",
					sum{"0.00", "600000.00", "600000.00"}},
				refused(DailyLimit), denial(DailyLimit, SecurityCodeCard),
				totals{SecurityCodeCard, sum{"0.00", "200000.00", "200000.00"}, "2026-03-10",
					sum{"0.00", "600000.00", "600000.00"}}, tryDevices{"d"}}},
		{"A-17 clock of the user does not make a withdrawal late",
			given{wallet(), theOwner.begins("a", 9*day)}, when{theOwner.takes("w1", "1", "gold", day)}, byGold},
		{"A-17 lockout that was recorded at a later time applies",
			given{wallet(), times(10, fail(9*day))}, when{theOwner.takes("w1", "1", "gold", day)},
			refusedUnauthenticated(LockedOut)},
		{"A-17 clock of another user has no effect",
			given{wallet(), theRequester.begins("a", 9*day)}, when{theOwner.takes("w1", "1", "gold", day)}, byGold},
		{"A-52 settlement and cancellation during a lockout",
			given{wallet(), theOwner.takes("w1", "1", "gold", 0), theOwner.takes("w2", "1", "gold", 0),
				times(10, fail(0))},
			when{theOwner.settles("w1", hour), theOwner.recalls("w2", hour)},
			then{accepted, &WithdrawalSettled{}, accepted, &WithdrawalCancelled{USD: "1.00", Day: "2026-03-02"}}},
		{"A-51 refusal does not extend the lockout under any policy",
			given{wallet(), adopts("extending@1", 0, func(p *Policy) { p.RefusalsExtend = true }), times(10, fail(0)),
				theOwner.takes("w1", "1", "gold", hour)},
			when{theOwner.takes("w2", "1", "gold", day)}, byGold},
	}
	holdAs(t, IBKRSLS(), outcomeOfWithdrawal, rows)
	for _, r := range rows {
		l := newLedger(IBKRSLS())
		for _, s := range flat(r.given) {
			l.do(*s(l))
		}
		before := l.users["alice"]
		for _, s := range flat(r.when) {
			d := l.do(*s(l))
			if diff := cmp.Diff([]Entity{AccountEntity("acct")},
				d.Entities); diff != "" || len(d.Events) != 1 || d.Late {
				t.Errorf("%s: got %d events of %v, late %t, want 1 event of account/acct", r.says, len(d.Events),
					d.Entities, d.Late)
			}
		}
		if diff := cmp.Diff(before, l.users["alice"]); diff != "" {
			t.Errorf("%s: got a changed user, want none (-before +after)\n%s", r.says, diff)
		}
	}
}

// TestWithdrawalIDs is WD-9 and A-16: the id of a request is never reused in the account, approved or denied.
func TestWithdrawalIDs(t *testing.T) {
	euro := func(amount, usd string) step {
		return send(hour, &WithdrawalRequest{Withdrawal: "e", Account: "acct", User: "alice", Device: "gold",
			Amount: amount, Currency: "EUR", USDAmount: usd})
	}
	franc := send(hour, &WithdrawalRequest{Withdrawal: "e", Account: "acct", User: "alice", Device: "gold",
		Amount: "5.00", Currency: "CHF", USDAmount: "6.00"})
	elsewhere := send(hour, &WithdrawalRequest{Withdrawal: "w1", Account: "other", User: "alice",
		Device: "gold", Amount: "2", Currency: "USD"})
	holdAs(t, IBKRSLS(), outcomeOfWithdrawal, []rule{
		{"WD-9 the same request is a duplicate, at any time, under any command id",
			given{wallet(), theOwner.takes("w1", "1", "gold", 0)},
			when{theOwner.takes("w1", "1", "gold", 0),
				from("gateway/tws", theOwner.takes("w1", "1", "gold", 99*day))},
			then{duplicateOf(6), duplicateOf(6)}},
		{"WD-9 duplicate with an earlier time is not late",
			given{wallet(), theOwner.takes("w1", "1", "gold", hour)}, when{theOwner.takes("w1", "1", "gold", 0)},
			then{duplicateOf(6)}},
		{"WD-9 duplicate of a denied request, even if it were now within the limits",
			given{wallet(), theOwner.takes("w1", "1", "none", 0), theOwner.has("none", Gold, 0)},
			when{theOwner.takes("w1", "1", "none", hour)},
			then{duplicateOf(6)}},
		{"WD-9 duplicate of a settled and a cancelled request has the first verdict",
			given{wallet(), theOwner.takes("w1", "1", "gold", 0), theOwner.takes("w2", "1", "gold", 0),
				theOwner.settles("w1", 0), theOwner.recalls("w2", 0)},
			when{theOwner.takes("w1", "1", "gold", hour), theOwner.takes("w2", "1", "gold", hour)},
			then{duplicateOf(6), duplicateOf(7)}},
		{"WD-9 duplicate during a lockout",
			given{wallet(), theOwner.takes("w1", "1", "gold", 0), times(10, fail(0))},
			when{theOwner.takes("w1", "1", "gold", hour)},
			then{duplicateOf(6)}},
		{"WD-9 other content is id_reused: user, device, code, amount",
			given{wallet(), theOwner.passcode("gold", 0), theOwner.takes("w1", "1", "gold", 0)},
			when{theRequester.takes("w1", "1", "gold", 0), theOwner.takes("w1", "1", "scc", 0),
				theOwner.takes("w1", "1", "#gold", 0), theOwner.takes("w1", "2", "gold", 0)},
			then{invalid(IDReused), invalid(IDReused), invalid(IDReused), invalid(IDReused)}},
		{"WD-9 other text of the same amount is id_reused (A-08)",
			given{wallet(), theOwner.takes("w1", "1", "gold", 0)}, when{theOwner.takes("w1", "1.00", "gold", 0)},
			then{invalid(IDReused)}},
		{"WD-9 other currency or value is id_reused",
			given{wallet(), euro("5.00", "6.00")}, when{euro("5.00", "6.01"), euro("5.01", "6.00"), franc,
				euro("5.00", "6.00")},
			then{invalid(IDReused), invalid(IDReused), invalid(IDReused), duplicateOf(6)}},
		{"WD-9 other content of a denied request is id_reused",
			given{wallet(), theOwner.takes("w1", "1", "none", 0)}, when{theOwner.takes("w1", "1", "gold", 0)},
			then{invalid(IDReused)}},
		{"WD-9 another account has its own ids (A-14)",
			given{wallet(), theOwner.takes("w1", "1", "gold", 0)}, when{elsewhere},
			then{accepted, approved("2.00", Gold, "2026-03-02"),
				totals{Gold, noLimit("2.00"), "2026-02-24", noLimit("2.00")}}},
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
		t.Errorf("ledger after a duplicate: got %d records, clock at %s, want 6 and %s", len(l.records),
			distance(l.accounts["acct"].Clock), distance(clock))
	}
}
