package domain

import "testing"

// a policy with another zone counts the account's withdrawals anew, by the
// days of that zone, and the request's event tells what came out.
func TestWithdrawalsInAnotherZone(t *testing.T) {
	// Two on one day in New York lie on two days in Tokyo, 14 hours ahead.
	taken := append(wallet(), theOwner.takes("w1", "1", "gold", newYork("2026-03-03 09:00:00")), theOwner.takes("w2", "2", "gold", newYork("2026-03-03 11:00:00")))
	tokyo := inZone("tokyo@1", "Asia/Tokyo", 0)
	later := newYork("2026-03-03 12:00:00")
	holdAs(t, IBKRSLS(), toldMoney, []rule{
		{"A-54 the next request counts anew",
			given{taken, tokyo}, when{theOwner.takes("w3", "4", "gold", later), theOwner.takes("w4", "8", "gold", later)},
			then{"accepted", "approved 4.00 by gold on 2026-03-04 in Asia/Tokyo, again 2026-03-03 1.00, again 2026-03-04 2.00",
				"gold: today 6.00; since 2026-02-26 7.00",
				"accepted", "approved 8.00 by gold on 2026-03-04 in Asia/Tokyo", "gold: today 14.00; since 2026-02-26 15.00"}},
		{"A-54 also one that is denied, for whatever reason",
			given{taken, tokyo}, when{theOwner.takes("w3", "200000", "scc", later), theOwner.takes("w4", "1", "none", later)},
			then{"refused daily_limit", "denied security_code_card in Asia/Tokyo, again 2026-03-03 1.00, again 2026-03-04 2.00",
				"security_code_card: today 2.00 of 200000.00, 199998.00 left; since 2026-02-26 3.00 of 600000.00, 599997.00 left",
				"frees at 2026-03-04T15:00:00Z", "try app dsc plus gold",
				"refused device_not_active", "denied in Asia/Tokyo"}},
		{"A-54 a denial that knows no totals counts anew too",
			given{taken, tokyo}, when{theOwner.takes("w3", "4", "none", later), theOwner.takes("w4", "8", "gold", later)},
			then{"refused device_not_active", "denied in Asia/Tokyo, again 2026-03-03 1.00, again 2026-03-04 2.00",
				"accepted", "approved 8.00 by gold on 2026-03-04 in Asia/Tokyo", "gold: today 10.00; since 2026-02-26 11.00"}},
		{"A-54 what was cancelled is not counted, what was settled is",
			given{taken, theOwner.recalls("w1", later), theOwner.settles("w2", later), tokyo}, when{theOwner.takes("w3", "4", "gold", later)},
			then{"accepted", "approved 4.00 by gold on 2026-03-04 in Asia/Tokyo, again 2026-03-04 2.00", "gold: today 6.00; since 2026-02-26 6.00"}},
		{"A-54 nor what was denied",
			given{taken, theOwner.takes("w3", "4", "none", later), tokyo}, when{theOwner.takes("w4", "8", "gold", later)},
			then{"accepted", "approved 8.00 by gold on 2026-03-04 in Asia/Tokyo, again 2026-03-03 1.00, again 2026-03-04 2.00", "gold: today 10.00; since 2026-02-26 11.00"}},
		{"WD-6 a cancellation between policy and request frees the day of the old zone, after it the day of the new",
			given{taken, tokyo}, when{theOwner.recalls("w2", later), theOwner.takes("w3", "4", "gold", later), theOwner.recalls("w3", later), theOwner.takes("w4", "8", "gold", later)},
			then{"accepted", "withdrawal.cancelled usd=2.00 day=2026-03-03",
				"accepted", "approved 4.00 by gold on 2026-03-04 in Asia/Tokyo, again 2026-03-03 1.00", "gold: today 4.00; since 2026-02-26 5.00",
				"accepted", "withdrawal.cancelled usd=4.00 day=2026-03-04",
				"accepted", "approved 8.00 by gold on 2026-03-04 in Asia/Tokyo", "gold: today 8.00; since 2026-02-26 9.00"}},
		{"A-54 twice in a row, and back again",
			given{taken, tokyo, inZone("samoa@1", "Pacific/Pago_Pago", 0)},
			when{theOwner.takes("w3", "4", "gold", later), inZone("back@1", "America/New_York", 0), theOwner.takes("w4", "8", "gold", later)},
			then{"accepted", "approved 4.00 by gold on 2026-03-03 in Pacific/Pago_Pago, again 2026-03-03 3.00", "gold: today 7.00; since 2026-02-25 7.00",
				"accepted", "policy.adopted",
				"accepted", "approved 8.00 by gold on 2026-03-03, again 2026-03-03 7.00", "gold: today 15.00; since 2026-02-25 15.00"}},
		{"A-54 a zone that comes and goes between two requests changes nothing",
			given{taken, tokyo, inZone("back@1", "America/New_York", 0)}, when{theOwner.takes("w3", "4", "gold", later)},
			then{"accepted", "approved 4.00 by gold on 2026-03-03", "gold: today 7.00; since 2026-02-25 7.00"}},
		{"A-54 an account without withdrawals has nothing to count",
			given{wallet(), tokyo}, when{theOwner.takes("w1", "1", "gold", later)},
			then{"accepted", "approved 1.00 by gold on 2026-03-04 in Asia/Tokyo", "gold: today 1.00; since 2026-02-26 1.00"}},
		{"A-54 neither has one whose withdrawals are all cancelled: it forgets the old days",
			given{taken, theOwner.recalls("w1", later), theOwner.recalls("w2", later), tokyo}, when{theOwner.takes("w3", "4", "gold", later)},
			then{"accepted", "approved 4.00 by gold on 2026-03-04 in Asia/Tokyo", "gold: today 4.00; since 2026-02-26 4.00"}},
		{"WD-9 a duplicate is one also then, and counts nothing anew",
			given{taken, tokyo}, when{theOwner.takes("w1", "1", "gold", newYork("2026-03-03 09:00:00"))},
			then{"duplicate of 6"}},
		{"WD-5 another calendar moves the window, and counts nothing anew",
			given{wallet(), theOwner.takes("w1", "1", "gold", newYork("2026-05-18 12:00:00")), adopts("target@1", 0, func(p *Policy) { p.Calendar = "eu-target" })},
			when{theOwner.takes("w2", "2", "gold", newYork("2026-05-25 12:00:00"))},
			then{"accepted", "approved 2.00 by gold on 2026-05-25", "gold: today 2.00; since 2026-05-19 2.00"}},
		{"WD-4 under the old calendar the holiday kept the window open",
			given{wallet(), theOwner.takes("w1", "1", "gold", newYork("2026-05-18 12:00:00"))},
			when{theOwner.takes("w2", "2", "gold", newYork("2026-05-25 12:00:00"))},
			then{"accepted", "approved 2.00 by gold on 2026-05-25", "gold: today 2.00; since 2026-05-18 3.00"}},
		{"WD-3 new limits hold for the next request, and what was taken counts against them (A-43)",
			given{taken, adopts("low@1", 0, func(p *Policy) { p.Limits.Gold = Limit{PerDay: "5", PerFiveDays: "5"} })},
			when{theOwner.takes("w3", "2.01", "gold", later), theOwner.takes("w4", "2", "gold", later)},
			then{"refused daily_limit", "denied gold", "gold: today 3.00 of 5.00, 2.00 left; since 2026-02-25 3.00 of 5.00, 2.00 left",
				"frees at 2026-03-10T04:00:00Z", "try scc app dsc plus",
				"accepted", "approved 2.00 by gold on 2026-03-03", "gold: today 5.00 of 5.00, 0.00 left; since 2026-02-25 5.00 of 5.00, 0.00 left"}},
	})
}
