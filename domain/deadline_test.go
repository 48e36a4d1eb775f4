package domain

import (
	"testing"
	"time"
)

// aDay returns a policy whose deadlines are all due one day after they were set, so that they coincide.
func aDay() *Policy {
	return with(IBKRSLS(), func(p *Policy) {
		p.Failures, p.DurationSeconds, p.AttemptTTLSeconds, p.CodeTTLSeconds = 4, 86400, 86400, 86400
		p.FullDays, p.RestrictedDays, p.CardDays, p.AutoActivationDays = 1, 1, 1, 1
	})
}

// requestUnknown requests a device that bob does not have. The refusal is a record of alice and bob,
// in this order, that changes no state.
func requestUnknown(at time.Duration) step {
	return send(at, &SharingRequest{Sharing: "none", Requester: "alice", Owner: "bob", Device: "none"})
}

// refusedUnknown returns the answer to requestUnknown, with the overdue events of the record.
func refusedUnknown(overdue ...string) then {
	return append(append(then{"refused device_not_active"}, overdue...),
		"sharing.refused reason=device_not_active")
}

func withdraw(at time.Duration) step {
	return send(at, &WithdrawalRequest{Withdrawal: "w", Account: "account", User: "alice", Device: "d",
		Amount: "1", Currency: "USD"})
}

func TestDeadlines_OrderAtOneInstant(t *testing.T) {
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
		{"by type, then in the order of setting; revocations follow their activation (A-07)",
			everything, when{timer(day)}, append(then{"accepted"}, ordered...)},
		{"overdue events before the event of an accepted command",
			everything, when{verify(3 * day)}, append(append(then{"accepted"}, late...), "identity.verified")},
		{"overdue events before the event of a refused command",
			everything, when{redeem("none", 3*day)}, append(append(then{"refused unknown_code"}, late...),
				"code.refused reason=unknown_code")},
		{"devices in the order of shipment",
			given{plusAsked("d", 0), plusSent("e", 0), send(0, &DeviceShip{User: "alice", Device: "d"})},
			when{timer(day)},
			then{"accepted", "device.activated device=e method=auto", "device.activated device=d method=auto"}},
		{"an earlier instant comes first, whatever the type",
			given{plusSent("d", 0), issueSMS("s", 1), begin("a", 2), times(4, fail(3))}, when{verify(2 * day)},
			then{
				"accepted", "at 24h: device.activated device=d method=auto", "at 24h+1ns: code.expired code=s",
				"at 24h+2ns: login.abandoned attempt=a", "at 24h+3ns: lockout.expired", "identity.verified"}},
		{"two users in the order of the record",
			given{
				issueTo("bob", SMS, "his", 0), issueTo("bob", SMS, "his2", 0),
				issuePasscode("t", 0), revoke("t", 0), issueSMS("hers", 0), issueSMS("hers2", 0)},
			when{requestUnknown(day)},
			refusedUnknown("code.expired code=hers", "code.expired code=hers2", "code.expired code=his",
				"code.expired code=his2")},
		{"type comes before user",
			given{issueSMS("hers", 0), send(0, &LoginBegin{User: "bob", Attempt: "his", Platform: TWS})},
			when{requestUnknown(day)},
			refusedUnknown("login.abandoned attempt=his", "code.expired code=hers")},
		{"instant comes before type and user",
			given{issueTo("bob", SMS, "his", 0), begin("hers", 1)}, when{requestUnknown(2 * day)},
			refusedUnknown("at 24h: code.expired code=his", "at 24h+1ns: login.abandoned attempt=hers")},
	})
}

func TestDeadlines_MootAfterAutomaticActivation(t *testing.T) {
	hold(t, aDay(), []rule{
		{"DEV-5 passcode that expires at the instant of an activation is not revoked (A-07)",
			given{issuePasscode("t", 0), plusSent("d", day)}, when{timer(2 * day)},
			then{"accepted", "code.expired code=t", "device.activated device=d method=auto"}},
	})
	hold(t, IBKRSLS(), []rule{
		{"CODE-3 later deadlines of a revoked passcode are moot",
			given{plusSent("d", 0), issuePasscode("t", 13*day), issueCard("k", 13*day)}, when{verify(99 * day)},
			then{
				"accepted", "at 336h: device.activated device=d method=auto", "at 336h: code.revoked code=t",
				"at 336h: code.revoked code=k",
				"identity.verified"}},
		{"CODE-3 earlier deadline occurs before the activation",
			given{plusSent("d", 0), issuePasscode("t", 11*day)}, when{verify(99 * day)},
			then{
				"accepted", "at 312h: code.restricted code=t", "at 336h: device.activated device=d method=auto",
				"at 336h: code.revoked code=t", "identity.verified"}},
	})
}

func TestDeadlines_Moot(t *testing.T) {
	moot := then{"invalid moot"}
	hold(t, aDay(), []rule{
		{"DEV-3 activation by hand", given{plusSent("d", 0), plusByHand("alice", "d", 0)}, when{timer(day)}, moot},
		{"DEV-3 loss after the shipment", given{plusSent("d", 0), giveUp("d", Lost, 0)}, when{timer(day)}, moot},
		{"DEV-3 deactivation by the user", given{plusSent("d", 0), giveUp("d", ByUser, 0)}, when{timer(day)},
			moot},
		{"DEV-3 sharing does not stop a shipped device (A-25)",
			given{plusSent("d", 0), lentPlus("b", 0)}, when{timer(day)},
			then{"accepted", "device.activated device=d method=auto"}},
		{"CODE-5 a use", given{issueSMS("s", 0), redeem("s", 0)}, when{timer(day)}, moot},
		{"CODE-5 refused use does not make it moot",
			given{issuePasscode("t", 0), fail(day), redeemFor(TWS, "", "t", day)},
			when{timer(2 * day)},
			then{"accepted", "code.expired code=t"}},
		{"CODE-6 a revocation", given{issuePasscode("t", 0), revoke("t", 0)}, when{timer(day), timer(2 * day)},
			append(moot, moot...)},
		{"DEV-5 an activation", given{issuePasscode("t", 0), appByHand("alice", "m", 0)},
			when{timer(day), timer(2 * day)}, append(moot, moot...)},
		{"new policy does not change a set deadline (A-43)",
			given{issueSMS("s", 0), plusSent("d", 0),
				adopt(0, func(p *Policy) { p.CodeTTLSeconds, p.AutoActivationDays = 1, 9 })},
			when{timer(second), timer(day)},
			then{"invalid moot", "accepted", "code.expired code=s", "device.activated device=d method=auto"}},
	})
}

func TestDeadlines_RecordedByNextCommand(t *testing.T) {
	carried := then{"accepted", "at 24h: code.expired code=s", "identity.verified"}
	hold(t, aDay(), []rule{
		{"invalid command records no overdue events, the next command does",
			given{issueSMS("s", 0)}, when{issueSMS("s", 2*day), verify(2 * day)},
			append(then{"invalid id_reused"}, carried...)},
		{"moot timer records no overdue events", given{issueSMS("s", 0)}, when{timer(2 * day), verify(2 * day)},
			append(then{"invalid moot"}, carried...)},
		{"withdrawal and its duplicate record no events of the user (A-09)",
			given{issueSMS("s", 0)}, when{withdraw(2 * day), withdraw(2 * day), verify(2 * day)},
			append(then{"refused device_not_active",
				"withdrawal.denied reason=device_not_active zone=America/New_York restated=…", ""}, carried...)},
		{"command of another user records no overdue events",
			given{issueSMS("s", 0)}, when{issueTo("bob", SMS, "b", 2*day), verify(2 * day)},
			append(then{"accepted", "code.issued until=72h"}, carried...)},
		{"late command has no further overdue events",
			given{issueSMS("s", 0), fail(day - 1)}, when{verify(0), verify(day)},
			then{
				"accepted late, at 24h-1ns", "identity.verified",
				"accepted", "code.expired code=s", "identity.verified"}},
		{"record of two users has the overdue events until the later clock (A-09)",
			given{issueSMS("s", 0), issueTo("bob", SMS, "b", day)}, when{requestUnknown(0)},
			then{"refused device_not_active late, at 24h", "code.expired code=s",
				"sharing.refused reason=device_not_active"}},
		{"overdue event is recorded once", given{issueSMS("s", 0), fail(day)}, when{verify(day)},
			then{"accepted", "identity.verified"}},
		{"timer of one user does not affect another user (A-53)",
			given{issueSMS("s", 0), issueTo("bob", SMS, "b", 0)}, when{timer(day), requestUnknown(day)},
			append(then{"accepted", "code.expired code=s"}, refusedUnknown("code.expired code=b")...)},
		{"one record for each instant; restriction before expiry (A-53)",
			given{issuePasscode("t", 0), issueSMS("s", 0), plusSent("d", 1)},
			when{timer(day), timer(day + 1), timer(2 * day)},
			then{
				"accepted", "code.restricted code=t", "code.expired code=s",
				"accepted", "device.activated device=d method=auto", "code.revoked code=t",
				"invalid moot"}},
		{"no timer after a backfill; a live command records the event (A-01)",
			given{plusSent("d", 0), backfilled(issueSMS("s", 0))}, when{timer(day), verify(2 * day)},
			then{
				"invalid moot",
				"accepted", "at 24h: code.expired code=s", "at 24h: device.activated device=d method=auto",
				"identity.verified"}},
		{"next backfilled command records the event (A-01)",
			given{backfilled(issueSMS("s", 0))}, when{backfilled(redeem("s", day-1)), backfilled(verify(2 * day))},
			then{"accepted", "code.redeemed", "accepted", "identity.verified"}},
		{"verdict does not depend on the timer (A-03)",
			given{issueSMS("s", 0)}, when{redeem("s", day-1), redeem("s", day)},
			then{"accepted", "code.redeemed", "refused code_used", "code.refused reason=code_used"}},
	})
}
