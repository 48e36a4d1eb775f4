package domain

import (
	"testing"
	"time"
)

// aDay makes every deadline fall due a day after it was set, so that they meet.
func aDay() *Policy {
	return with(IBKRSLS(), func(p *Policy) {
		p.Failures, p.DurationSeconds, p.AttemptTTLSeconds, p.CodeTTLSeconds = 4, 86400, 86400, 86400
		p.FullDays, p.RestrictedDays, p.CardDays, p.AutoActivationDays = 1, 1, 1, 1
	})
}

// askNone asks bob for what he has not: a record of alice and bob that changes
// nothing, in which she comes first.
func askNone(at time.Duration) step {
	return send(at, &SharingRequest{Sharing: "none", Requester: "alice", Owner: "bob", Device: "none"})
}

func noneShared(carried ...string) then {
	return append(append(then{"refused device_not_active"}, carried...), "sharing.refused reason=device_not_active")
}

func withdraw(at time.Duration) step {
	return send(at, &WithdrawalRequest{Withdrawal: "w", Account: "account", User: "alice", Device: "d", Amount: "1", Currency: "USD"})
}

func TestOrderOfWhatIsDueAtOneInstant(t *testing.T) {
	everything := given{
		plusSent("d", 0), issueSMS("s", 0), issuePasscode("t", 0), issueCard("k", 0), issueSMS("r", 0),
		begin("b", 0), begin("a", 0), plusSent("e", 0), times(4, fail(0))}
	ordered := []string{
		"lockout.expired", "login.abandoned attempt=b", "login.abandoned attempt=a", "code.restricted code=t",
		"code.expired code=s", "code.expired code=k", "code.expired code=r",
		"device.activated device=d method=auto", "code.revoked code=t", "device.activated device=e method=auto"}
	late := []string{}
	for _, line := range ordered {
		late = append(late, "at 24h: "+line)
	}
	hold(t, aDay(), []rule{
		{"by type, then in the order of setting; what an activation revokes follows it at once (A-07)",
			everything, when{timer(day)}, append(then{"accepted"}, ordered...)},
		{"the same ahead of an accepted command's own, at its own time",
			everything, when{verify(3 * day)}, append(append(then{"accepted"}, late...), "identity.verified")},
		{"and of a refused one's",
			everything, when{redeem("none", 3*day)}, append(append(then{"refused unknown_code"}, late...), "code.refused reason=unknown_code")},
		{"devices in the order of shipment, not of the request",
			given{plusAsked("d", 0), plusSent("e", 0), send(0, &DeviceShip{User: "alice", Device: "d"})}, when{timer(day)},
			then{"accepted", "device.activated device=e method=auto", "device.activated device=d method=auto"}},
		{"an earlier instant comes first, whatever the type",
			given{plusSent("d", 0), issueSMS("s", 1), begin("a", 2), times(4, fail(3))}, when{verify(2 * day)},
			then{
				"accepted", "at 24h: device.activated device=d method=auto", "at 24h+1ns: code.expired code=s",
				"at 24h+2ns: login.abandoned attempt=a", "at 24h+3ns: lockout.expired", "identity.verified"}},
		{"of two users the record's first comes first, whoever's was set first",
			given{
				issueTo("bob", SMS, "his", 0), issueTo("bob", SMS, "his2", 0),
				issuePasscode("t", 0), revoke("t", 0), issueSMS("hers", 0), issueSMS("hers2", 0)},
			when{askNone(day)},
			noneShared("code.expired code=hers", "code.expired code=hers2", "code.expired code=his", "code.expired code=his2")},
		{"but the type precedes the user",
			given{issueSMS("hers", 0), send(0, &LoginBegin{User: "bob", Attempt: "his", Platform: TWS})}, when{askNone(day)},
			noneShared("login.abandoned attempt=his", "code.expired code=hers")},
		{"and the instant precedes both",
			given{issueTo("bob", SMS, "his", 0), begin("hers", 1)}, when{askNone(2 * day)},
			noneShared("at 24h: code.expired code=his", "at 24h+1ns: login.abandoned attempt=hers")},
	})
}

func TestWhatAnActivationOfItselfMakesMoot(t *testing.T) {
	hold(t, aDay(), []rule{
		{"DEV-5 a passcode that expires at the instant of an activation has expired: it is not revoked (A-07)",
			given{issuePasscode("t", 0), plusSent("d", day)}, when{timer(2 * day)},
			then{"accepted", "code.expired code=t", "device.activated device=d method=auto"}},
	})
	hold(t, IBKRSLS(), []rule{
		{"CODE-3 what falls due later is judged after the revocation: no restriction, no expiry",
			given{plusSent("d", 0), issuePasscode("t", 13*day), issueCard("k", 13*day)}, when{verify(99 * day)},
			then{
				"accepted", "at 336h: device.activated device=d method=auto", "at 336h: code.revoked code=t", "at 336h: code.revoked code=k",
				"identity.verified"}},
		{"CODE-3 what fell due before it has happened",
			given{plusSent("d", 0), issuePasscode("t", 11*day)}, when{verify(99 * day)},
			then{
				"accepted", "at 312h: code.restricted code=t", "at 336h: device.activated device=d method=auto",
				"at 336h: code.revoked code=t", "identity.verified"}},
	})
}

func TestWhatMakesADeadlineMoot(t *testing.T) {
	moot := then{"invalid moot"}
	hold(t, aDay(), []rule{
		{"DEV-3 activation by hand", given{plusSent("d", 0), plusByHand("alice", "d", 0)}, when{timer(day)}, moot},
		{"DEV-3 a loss on the way", given{plusSent("d", 0), giveUp("d", Lost, 0)}, when{timer(day)}, moot},
		{"DEV-3 a user who does not want it", given{plusSent("d", 0), giveUp("d", ByUser, 0)}, when{timer(day)}, moot},
		{"DEV-3 but not a sharing: what is on its way goes on (A-25)",
			given{plusSent("d", 0), lentPlus("b", 0)}, when{timer(day)}, then{"accepted", "device.activated device=d method=auto"}},
		{"CODE-5 a use", given{issueSMS("s", 0), redeem("s", 0)}, when{timer(day)}, moot},
		{"CODE-5 not a refused use", given{issuePasscode("t", 0), fail(day), redeemFor(TWS, "", "t", day)}, when{timer(2 * day)},
			then{"accepted", "code.expired code=t"}},
		{"CODE-6 a revocation", given{issuePasscode("t", 0), revoke("t", 0)}, when{timer(day), timer(2 * day)}, append(moot, moot...)},
		{"DEV-5 an activation", given{issuePasscode("t", 0), appByHand("alice", "m", 0)}, when{timer(day), timer(2 * day)}, append(moot, moot...)},
		{"not a new policy: what is set keeps its instant (A-43)",
			given{issueSMS("s", 0), plusSent("d", 0), adopt(0, func(p *Policy) { p.CodeTTLSeconds, p.AutoActivationDays = 1, 9 })},
			when{timer(second), timer(day)},
			then{"invalid moot", "accepted", "code.expired code=s", "device.activated device=d method=auto"}},
	})
}

func TestWhoCarriesWhatIsDue(t *testing.T) {
	carried := then{"accepted", "at 24h: code.expired code=s", "identity.verified"}
	hold(t, aDay(), []rule{
		{"an invalid command carries nothing, and leaves it to the next",
			given{issueSMS("s", 0)}, when{issueSMS("s", 2*day), verify(2 * day)}, append(then{"invalid id_reused"}, carried...)},
		{"a moot timer neither", given{issueSMS("s", 0)}, when{timer(2 * day), verify(2 * day)}, append(then{"invalid moot"}, carried...)},
		{"a withdrawal neither, nor its duplicate: they name the account alone (A-09)",
			given{issueSMS("s", 0)}, when{withdraw(2 * day), withdraw(2 * day), verify(2 * day)},
			append(then{"refused device_not_active", "withdrawal.denied reason=device_not_active zone=America/New_York restated=…", ""}, carried...)},
		{"another user's command neither",
			given{issueSMS("s", 0)}, when{issueTo("bob", SMS, "b", 2*day), verify(2 * day)},
			append(then{"accepted", "code.issued until=72h"}, carried...)},
		{"who comes late carries what is due by the clock, which is nothing more",
			given{issueSMS("s", 0), fail(day - 1)}, when{verify(0), verify(day)},
			then{
				"accepted late, at 24h-1ns", "identity.verified",
				"accepted", "code.expired code=s", "identity.verified"}},
		{"a record of two users carries what is due by the later clock of the two (A-09)",
			given{issueSMS("s", 0), issueTo("bob", SMS, "b", day)}, when{askNone(0)},
			then{"refused device_not_active late, at 24h", "code.expired code=s", "sharing.refused reason=device_not_active"}},
		{"nothing is carried twice", given{issueSMS("s", 0), fail(day)}, when{verify(day)}, then{"accepted", "identity.verified"}},
		{"the timer of one user leaves another's alone (A-53)",
			given{issueSMS("s", 0), issueTo("bob", SMS, "b", 0)}, when{timer(day), askNone(day)},
			append(then{"accepted", "code.expired code=s"}, noneShared("code.expired code=b")...)},
		{"each instant has a record of its own, and a restriction makes way for the expiry (A-53)",
			given{issuePasscode("t", 0), issueSMS("s", 0), plusSent("d", 1)}, when{timer(day), timer(day + 1), timer(2 * day)},
			then{
				"accepted", "code.restricted code=t", "code.expired code=s",
				"accepted", "device.activated device=d method=auto", "code.revoked code=t",
				"invalid moot"}},
		{"the timer keeps off a backfill, of any deadline; a live command carries it (A-01)",
			given{plusSent("d", 0), backfilled(issueSMS("s", 0))}, when{timer(day), verify(2 * day)},
			then{
				"invalid moot",
				"accepted", "at 24h: code.expired code=s", "at 24h: device.activated device=d method=auto", "identity.verified"}},
		{"and so does the backfill's own next line: the file alone decides (A-01)",
			given{backfilled(issueSMS("s", 0))}, when{backfilled(redeem("s", day-1)), backfilled(verify(2 * day))},
			then{"accepted", "code.redeemed", "accepted", "identity.verified"}},
		{"no verdict waits for the timer (A-03)",
			given{issueSMS("s", 0)}, when{redeem("s", day-1), redeem("s", day)},
			then{"accepted", "code.redeemed", "refused code_used", "code.refused reason=code_used"}},
	})
}
