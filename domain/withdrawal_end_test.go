package domain

import (
	"slices"
	"testing"
)

func TestWithdrawalEnds(t *testing.T) {
	taken := append(wallet(), theOwner.takes("w", "200000", "scc", 0))
	refuses := func(reason string) then {
		return then{"refused " + reason, "withdrawal.refused reason=" + reason}
	}
	settled, recalled := then{"accepted", "withdrawal.settled"},
		then{"accepted", "withdrawal.cancelled usd=200000.00 day=2026-03-02"}
	elsewhere := send(hour, &WithdrawalCancel{Withdrawal: "w", Account: "other", By: "alice"})
	holdAs(t, IBKRSLS(), formattedMoney, []rule{
		{"WD-6 a settled withdrawal is neither cancelled nor settled again (A-34)",
			given{taken}, when{theOwner.settles("w", hour), theOwner.recalls("w", hour), theOwner.settles("w", hour)},
			slices.Concat(settled, refuses("already_settled"), refuses("already_settled"))},
		{"WD-6 cancelled withdrawal is neither cancelled nor settled again",
			given{taken}, when{theOwner.recalls("w", hour), theOwner.settles("w", hour), theOwner.recalls("w", hour)},
			slices.Concat(recalled, refuses("already_cancelled"), refuses("already_cancelled"))},
		{"WD-6 unknown and denied withdrawals are unknown_withdrawal (A-34)",
			given{wallet(), theOwner.takes("w", "200000.01", "scc", 0)},
			when{theOwner.settles("none", hour), theOwner.recalls("none", hour), theOwner.settles("w", hour),
				theOwner.recalls("w", hour)},
			slices.Concat(refuses("unknown_withdrawal"), refuses("unknown_withdrawal"), refuses("unknown_withdrawal"),
				refuses("unknown_withdrawal"))},
		{"WD-6 withdrawal of another account is unknown",
			given{taken}, when{elsewhere}, refuses("unknown_withdrawal")},
		{"WD-6 settled withdrawal still counts",
			given{taken, theOwner.settles("w", hour)}, when{theOwner.takes("w2", "0.01", "scc", hour)},
			then{"refused daily_limit", "denied security_code_card",
				"security_code_card: today 200000.00 of 200000.00, 0.00 left; since 2026-02-24 200000.00 of 600000.00, " +
					"400000.00 left",
				"frees at 2026-03-03T05:00:00Z", "try app dsc plus gold"}},
		{"WD-6 a cancellation frees the amount on the same day",
			given{taken, theOwner.recalls("w", hour)}, when{theOwner.takes("w2", "200000", "scc", hour)},
			then{"accepted", "approved 200000.00 by security_code_card on 2026-03-02",
				"security_code_card: today 200000.00 of 200000.00, 0.00 left; since 2026-02-24 200000.00 of 600000.00, " +
					"400000.00 left"}},
		{"WD-6 later cancellation frees the day of the request",
			given{taken, theOwner.takes("w2", "200000", "scc", day), theOwner.recalls("w", day)},
			when{theOwner.takes("w3", "0.01", "scc", day)},
			then{"refused daily_limit", "denied security_code_card",
				"security_code_card: today 200000.00 of 200000.00, 0.00 left; since 2026-02-25 200000.00 of 600000.00, " +
					"400000.00 left",
				"frees at 2026-03-04T05:00:00Z", "try app dsc plus gold"}},
		{"WD-6 part of a day stays",
			given{wallet(), theOwner.takes("w0", "5.50", "scc", 0), theOwner.takes("w", "200000", "gold", 0),
				theOwner.recalls("w", day)},
			when{theOwner.takes("w2", "1", "scc", day)},
			then{"accepted", "approved 1.00 by security_code_card on 2026-03-03",
				"security_code_card: today 1.00 of 200000.00, 199999.00 left; since 2026-02-25 6.50 of 600000.00, " +
					"599993.50 left"}},
		{"WD-6 cancellation a year later (A-34)",
			given{taken, theOwner.takes("w2", "200000", "scc", 365*day)},
			when{theOwner.recalls("w", 365*day), theOwner.takes("w3", "0.01", "scc", 365*day)},
			slices.Concat(recalled, then{"refused daily_limit", "denied security_code_card",
				"security_code_card: today 200000.00 of 200000.00, 0.00 left; since 2027-02-24 200000.00 of 600000.00, " +
					"400000.00 left",
				"frees at 2027-03-03T05:00:00Z", "try app dsc plus gold"})},
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
		t.Errorf("%+v", w)
	}
}
