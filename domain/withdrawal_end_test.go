package domain

import (
	"slices"
	"testing"
)

func TestWithdrawalEnds(t *testing.T) {
	taken := append(wallet(), theOwner.takes("w", "200000", "scc", 0))
	refuses := func(reason Reason) then {
		return then{refused(reason), &WithdrawalRefused{Reason: reason}}
	}
	settled, recalled := then{accepted, &WithdrawalSettled{}},
		then{accepted, &WithdrawalCancelled{USD: "200000.00", Day: "2026-03-02"}}
	elsewhere := send(hour, &WithdrawalCancel{Withdrawal: "w", Account: "other", By: "alice"})
	holdAs(t, IBKRSLS(), outcomeOfWithdrawal, []rule{
		{"WD-6 a settled withdrawal is neither cancelled nor settled again (A-34)",
			given{taken}, when{theOwner.settles("w", hour), theOwner.recalls("w", hour), theOwner.settles("w", hour)},
			slices.Concat(settled, refuses(AlreadySettled), refuses(AlreadySettled))},
		{"WD-6 cancelled withdrawal is neither cancelled nor settled again",
			given{taken}, when{theOwner.recalls("w", hour), theOwner.settles("w", hour), theOwner.recalls("w", hour)},
			slices.Concat(recalled, refuses(AlreadyCancelled), refuses(AlreadyCancelled))},
		{"WD-6 unknown and denied withdrawals are unknown_withdrawal (A-34)",
			given{wallet(), theOwner.takes("w", "200000.01", "scc", 0)},
			when{theOwner.settles("none", hour), theOwner.recalls("none", hour), theOwner.settles("w", hour),
				theOwner.recalls("w", hour)},
			slices.Concat(refuses(UnknownWithdrawal), refuses(UnknownWithdrawal), refuses(UnknownWithdrawal),
				refuses(UnknownWithdrawal))},
		{"WD-6 withdrawal of another account is unknown",
			given{taken}, when{elsewhere}, refuses(UnknownWithdrawal)},
		{"WD-6 settled withdrawal still counts",
			given{taken, theOwner.settles("w", hour)}, when{theOwner.takes("w2", "0.01", "scc", hour)},
			then{refused(DailyLimit), denial(DailyLimit, SecurityCodeCard),
				totals{SecurityCodeCard, sum{"200000.00", "200000.00", "0.00"}, "2026-02-24",
					sum{"200000.00", "600000.00", "400000.00"}},
				freesAt("2026-03-03T05:00:00Z"), tryDevices{"app", "dsc", "plus", "gold"}}},
		{"WD-6 a cancellation frees the amount on the same day",
			given{taken, theOwner.recalls("w", hour)}, when{theOwner.takes("w2", "200000", "scc", hour)},
			then{accepted, approved("200000.00", SecurityCodeCard, "2026-03-02"),
				totals{SecurityCodeCard, sum{"200000.00", "200000.00", "0.00"}, "2026-02-24",
					sum{"200000.00", "600000.00", "400000.00"}}}},
		{"WD-6 later cancellation frees the day of the request",
			given{taken, theOwner.takes("w2", "200000", "scc", day), theOwner.recalls("w", day)},
			when{theOwner.takes("w3", "0.01", "scc", day)},
			then{refused(DailyLimit), denial(DailyLimit, SecurityCodeCard),
				totals{SecurityCodeCard, sum{"200000.00", "200000.00", "0.00"}, "2026-02-25",
					sum{"200000.00", "600000.00", "400000.00"}},
				freesAt("2026-03-04T05:00:00Z"), tryDevices{"app", "dsc", "plus", "gold"}}},
		{"WD-6 part of a day stays",
			given{wallet(), theOwner.takes("w0", "5.50", "scc", 0), theOwner.takes("w", "200000", "gold", 0),
				theOwner.recalls("w", day)},
			when{theOwner.takes("w2", "1", "scc", day)},
			then{accepted, approved("1.00", SecurityCodeCard, "2026-03-03"),
				totals{SecurityCodeCard, sum{"1.00", "200000.00", "199999.00"}, "2026-02-25",
					sum{"6.50", "600000.00", "599993.50"}}}},
		{"WD-6 cancellation a year later (A-34)",
			given{taken, theOwner.takes("w2", "200000", "scc", 365*day)},
			when{theOwner.recalls("w", 365*day), theOwner.takes("w3", "0.01", "scc", 365*day)},
			slices.Concat(recalled, then{refused(DailyLimit), denial(DailyLimit, SecurityCodeCard),
				totals{SecurityCodeCard, sum{"200000.00", "200000.00", "0.00"}, "2027-02-24",
					sum{"200000.00", "600000.00", "400000.00"}},
				freesAt("2027-03-03T05:00:00Z"), tryDevices{"app", "dsc", "plus", "gold"}})},
		{"WD-6 device of the request is no longer active",
			given{taken, theOwner.drops("scc", Lost, 0)}, when{theOwner.recalls("w", 0)}, recalled},
	})
	l := newLedger(IBKRSLS())
	for _, s := range append(taken, theOwner.settles("w", hour)) {
		l.do(*s(l))
	}
	if w := l.items[WithdrawalKey("acct",
		"w")].(*Withdrawal); w.State != Settled || !w.Since.Equal(epoch.Add(hour)) || !w.Time.Equal(epoch) ||
		w.USD != 200_000*dollar {
		t.Errorf("settled withdrawal: got %+v, want settled an hour after its time, 200,000 USD", w)
	}
}
