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
func refusedUnknown(overdue ...Data) then {
	return append(append(then{refused(DeviceNotActive)}, overdue...), &SharingRefused{Reason: DeviceNotActive})
}

func withdraw(at time.Duration) step {
	return send(at, &WithdrawalRequest{Withdrawal: "w", Account: "account", User: "alice", Device: "d",
		Amount: "1", Currency: "USD"})
}

func TestDeadlines_OrderAtOneInstant(t *testing.T) {
	everything := given{
		plusSent("d", 0), issueSMS("s", 0), issuePasscode("t", 0), issueCard("k", 0), issueSMS("r", 0),
		begin("b", 0), begin("a", 0), plusSent("e", 0), times(4, fail(0))}
	ordered := []EventData{
		&LockoutExpired{}, &LoginAbandoned{Attempt: "b"}, &LoginAbandoned{Attempt: "a"}, &CodeRestricted{Code: "t"},
		&CodeExpired{Code: "s"}, &CodeExpired{Code: "k"}, &CodeExpired{Code: "r"},
		&DeviceActivated{Device: "d", Method: Auto}, &CodeRevoked{Code: "t"},
		&DeviceActivated{Device: "e", Method: Auto}}
	var due, late then
	for _, e := range ordered {
		due, late = append(due, e), append(late, on(day, e))
	}
	hold(t, aDay(), []rule{
		{"by type, then in the order of setting; revocations follow their activation (A-07)",
			everything, when{timer(day)}, append(then{accepted}, due...)},
		{"overdue events before the event of an accepted command",
			everything, when{verify(3 * day)}, append(append(then{accepted}, late...), &IdentityVerified{})},
		{"overdue events before the event of a refused command",
			everything, when{redeem("none", 3*day)}, append(append(then{refused(UnknownCode)}, late...),
				&CodeRefused{Reason: UnknownCode})},
		{"devices in the order of shipment",
			given{plusAsked("d", 0), plusSent("e", 0), send(0, &DeviceShip{User: "alice", Device: "d"})},
			when{timer(day)},
			then{accepted, &DeviceActivated{Device: "e", Method: Auto}, &DeviceActivated{Device: "d", Method: Auto}}},
		{"an earlier instant comes first, whatever the type",
			given{plusSent("d", 0), issueSMS("s", 1), begin("a", 2), times(4, fail(3))}, when{verify(2 * day)},
			then{
				accepted, on(day, &DeviceActivated{Device: "d", Method: Auto}), on(day+1, &CodeExpired{Code: "s"}),
				on(day+2, &LoginAbandoned{Attempt: "a"}), on(day+3, &LockoutExpired{}), &IdentityVerified{}}},
		{"two users in the order of the record",
			given{
				issueTo("bob", SMS, "his", 0), issueTo("bob", SMS, "his2", 0),
				issuePasscode("t", 0), revoke("t", 0), issueSMS("hers", 0), issueSMS("hers2", 0)},
			when{requestUnknown(day)},
			refusedUnknown(&CodeExpired{Code: "hers"}, &CodeExpired{Code: "hers2"}, &CodeExpired{Code: "his"},
				&CodeExpired{Code: "his2"})},
		{"type comes before user",
			given{issueSMS("hers", 0), send(0, &LoginBegin{User: "bob", Attempt: "his", Platform: TWS})},
			when{requestUnknown(day)},
			refusedUnknown(&LoginAbandoned{Attempt: "his"}, &CodeExpired{Code: "hers"})},
		{"instant comes before type and user",
			given{issueTo("bob", SMS, "his", 0), begin("hers", 1)}, when{requestUnknown(2 * day)},
			refusedUnknown(on(day, &CodeExpired{Code: "his"}), on(day+1, &LoginAbandoned{Attempt: "hers"}))},
	})
}

func TestDeadlines_MootAfterAutomaticActivation(t *testing.T) {
	hold(t, aDay(), []rule{
		{"DEV-5 passcode that expires at the instant of an activation is not revoked (A-07)",
			given{issuePasscode("t", 0), plusSent("d", day)}, when{timer(2 * day)},
			then{accepted, &CodeExpired{Code: "t"}, &DeviceActivated{Device: "d", Method: Auto}}},
	})
	hold(t, IBKRSLS(), []rule{
		{"CODE-3 later deadlines of a revoked passcode are moot",
			given{plusSent("d", 0), issuePasscode("t", 13*day), issueCard("k", 13*day)}, when{verify(99 * day)},
			then{
				accepted, on(14*day, &DeviceActivated{Device: "d", Method: Auto}), on(14*day, &CodeRevoked{Code: "t"}),
				on(14*day, &CodeRevoked{Code: "k"}), &IdentityVerified{}}},
		{"CODE-3 earlier deadline occurs before the activation",
			given{plusSent("d", 0), issuePasscode("t", 11*day)}, when{verify(99 * day)},
			then{
				accepted, on(13*day, &CodeRestricted{Code: "t"}), on(14*day, &DeviceActivated{Device: "d", Method: Auto}),
				on(14*day, &CodeRevoked{Code: "t"}), &IdentityVerified{}}},
	})
}

func TestDeadlines_Moot(t *testing.T) {
	moot := then{invalid(Moot)}
	hold(t, aDay(), []rule{
		{"DEV-3 activation by hand", given{plusSent("d", 0), plusByHand("alice", "d", 0)}, when{timer(day)}, moot},
		{"DEV-3 loss after the shipment", given{plusSent("d", 0), giveUp("d", Lost, 0)}, when{timer(day)}, moot},
		{"DEV-3 deactivation by the user", given{plusSent("d", 0), giveUp("d", ByUser, 0)}, when{timer(day)},
			moot},
		{"DEV-3 sharing does not stop a shipped device (A-25)",
			given{plusSent("d", 0), lentPlus("b", 0)}, when{timer(day)},
			then{accepted, &DeviceActivated{Device: "d", Method: Auto}}},
		{"CODE-5 a use", given{issueSMS("s", 0), redeem("s", 0)}, when{timer(day)}, moot},
		{"CODE-5 refused use does not make it moot",
			given{issuePasscode("t", 0), fail(day), redeemFor(TWS, "", "t", day)},
			when{timer(2 * day)},
			then{accepted, &CodeExpired{Code: "t"}}},
		{"CODE-6 a revocation", given{issuePasscode("t", 0), revoke("t", 0)}, when{timer(day), timer(2 * day)},
			append(moot, moot...)},
		{"DEV-5 an activation", given{issuePasscode("t", 0), appByHand("alice", "m", 0)},
			when{timer(day), timer(2 * day)}, append(moot, moot...)},
		{"new policy does not change a set deadline (A-43)",
			given{issueSMS("s", 0), plusSent("d", 0),
				adopt(0, func(p *Policy) { p.CodeTTLSeconds, p.AutoActivationDays = 1, 9 })},
			when{timer(second), timer(day)},
			then{invalid(Moot), accepted, &CodeExpired{Code: "s"}, &DeviceActivated{Device: "d", Method: Auto}}},
	})
}

func TestDeadlines_RecordedByNextCommand(t *testing.T) {
	carried := then{accepted, on(day, &CodeExpired{Code: "s"}), &IdentityVerified{}}
	hold(t, aDay(), []rule{
		{"invalid command records no overdue events, the next command does",
			given{issueSMS("s", 0)}, when{issueSMS("s", 2*day), verify(2 * day)},
			append(then{invalid(IDReused)}, carried...)},
		{"moot timer records no overdue events", given{issueSMS("s", 0)}, when{timer(2 * day), verify(2 * day)},
			append(then{invalid(Moot)}, carried...)},
		{"withdrawal and its duplicate record no events of the user (A-09)",
			given{issueSMS("s", 0)}, when{withdraw(2 * day), withdraw(2 * day), verify(2 * day)},
			append(then{refused(DeviceNotActive), denial(DeviceNotActive, ""), duplicateOf(2)}, carried...)},
		{"command of another user records no overdue events",
			given{issueSMS("s", 0)}, when{issueTo("bob", SMS, "b", 2*day), verify(2 * day)},
			append(then{accepted, &CodeIssued{Until: after(3 * day)}}, carried...)},
		{"late command has no further overdue events",
			given{issueSMS("s", 0), fail(day - 1)}, when{verify(0), verify(day)},
			then{
				accepted.late(day - 1), &IdentityVerified{},
				accepted, &CodeExpired{Code: "s"}, &IdentityVerified{}}},
		{"record of two users has the overdue events until the later clock (A-09)",
			given{issueSMS("s", 0), issueTo("bob", SMS, "b", day)}, when{requestUnknown(0)},
			then{refused(DeviceNotActive).late(day), &CodeExpired{Code: "s"},
				&SharingRefused{Reason: DeviceNotActive}}},
		{"overdue event is recorded once", given{issueSMS("s", 0), fail(day)}, when{verify(day)},
			then{accepted, &IdentityVerified{}}},
		{"timer of one user does not affect another user (A-53)",
			given{issueSMS("s", 0), issueTo("bob", SMS, "b", 0)}, when{timer(day), requestUnknown(day)},
			append(then{accepted, &CodeExpired{Code: "s"}}, refusedUnknown(&CodeExpired{Code: "b"})...)},
		{"one record for each instant; restriction before expiry (A-53)",
			given{issuePasscode("t", 0), issueSMS("s", 0), plusSent("d", 1)},
			when{timer(day), timer(day + 1), timer(2 * day)},
			then{
				accepted, &CodeRestricted{Code: "t"}, &CodeExpired{Code: "s"},
				accepted, &DeviceActivated{Device: "d", Method: Auto}, &CodeRevoked{Code: "t"},
				invalid(Moot)}},
		{"no timer after a backfill; a live command records the event (A-01)",
			given{plusSent("d", 0), backfilled(issueSMS("s", 0))}, when{timer(day), verify(2 * day)},
			then{
				invalid(Moot),
				accepted, on(day, &CodeExpired{Code: "s"}), on(day, &DeviceActivated{Device: "d", Method: Auto}),
				&IdentityVerified{}}},
		{"next backfilled command records the event (A-01)",
			given{backfilled(issueSMS("s", 0))}, when{backfilled(redeem("s", day-1)), backfilled(verify(2 * day))},
			then{accepted, &CodeRedeemed{}, accepted, &IdentityVerified{}}},
		{"verdict does not depend on the timer (A-03)",
			given{issueSMS("s", 0)}, when{redeem("s", day-1), redeem("s", day)},
			then{accepted, &CodeRedeemed{}, refused(CodeIsUsed), &CodeRefused{Reason: CodeIsUsed}}},
	})
}
