package domain

import (
	"slices"
	"testing"
	"time"
)

func TestPasscode(t *testing.T) {
	unverified := then{refused(IdentityNotVerified), &CodeRefused{Reason: IdentityNotVerified}}
	hold(t, IBKRSLS(), []rule{
		{"CODE-2 a passcode needs a verified identity",
			given{}, when{issue(TempPasscode, "t", 0)}, unverified},
		{"CODE-2 the verification is live until just before its end (A-06); CODE-3 days are of 24 hours, over a " +
			"change to summer time too (A-05)",
			given{verify(0)}, when{issue(TempPasscode, "t", 30*minute-1)},
			then{accepted, &CodeIssued{Until: after(2*day + 30*minute - 1), Ends: after(10*day + 30*minute - 1)}}},
		{"CODE-2 verification ends at its end",
			given{verify(0)}, when{issue(TempPasscode, "t", 30*minute)}, unverified},
		{"CODE-2 verification serves several commands and agents (A-37)",
			given{verify(0), release(0)}, when{send(0, &CodeIssue{User: "alice", Code: "t", Kind: TempPasscode,
				Agent: "zoe"})},
			then{accepted, &CodeIssued{Until: after(2 * day), Ends: after(10 * day)}}},
		{"CODE-2 verification of another user",
			given{send(0, &IdentityVerify{User: "bob", Agent: "ann", Channel: "phone"})},
			when{issue(TempPasscode, "t", 0)}, unverified},
		{"CODE-2 missing verification comes before an existing passcode (A-39)",
			given{issuePasscode("t", 0)}, when{issue(TempPasscode, "u", hour)}, unverified},
		{"CODE-1 refused code leaves its id free and has no deadline (A-14)",
			given{issue(TempPasscode, "t", 0), verify(20 * day)}, when{issue(TempPasscode, "t", 20*day)},
			then{accepted, &CodeIssued{Until: after(22 * day), Ends: after(30 * day)}}},
		{"CODE-2 locked user receives a passcode (A-52)",
			given{times(10, fail(0)), verify(0)}, when{issue(TempPasscode, "t", 0)},
			then{accepted, &CodeIssued{Until: after(2 * day), Ends: after(10 * day)}}},
		{"CODE-3 full, then restricted, then expired, each recorded when it was due",
			given{issuePasscode("t", 0)}, when{timer(2*day - 1), timer(2 * day), timer(10*day - 1), timer(10 * day),
				timer(30 * day)},
			then{
				invalid(Moot),
				accepted, &CodeRestricted{Code: "t"},
				invalid(Moot),
				accepted, &CodeExpired{Code: "t"},
				invalid(Moot)}},
	})
}

func TestPasscodeWithoutRestrictedDays(t *testing.T) {
	hold(t, with(IBKRSLS(), func(p *Policy) { p.FullDays, p.RestrictedDays = 1, 0 }), []rule{
		{"CODE-3 without restricted days a full passcode expires, and is never restricted",
			given{issuePasscode("t", 0)}, when{redeem("t", day-1), redeem("t", day)},
			then{
				accepted, &CodeRedeemed{},
				refused(CodeHasExpired), &CodeExpired{Code: "t"}, &CodeRefused{Reason: CodeHasExpired}}},
	})
}

// A second passcode needs the activation of a device after the first one, in the order of the log.
// The state of the first passcode does not matter (CODE-2, A-39).
func TestPasscode_NoSecondWithoutActivation(t *testing.T) {
	var rows []rule
	for says, meanwhile := range map[string]given{
		"nothing was activated after it":                 {},
		"it was revoked":                                 {revoke("t", 0)},
		"it has expired":                                 {fail(10 * day)},
		"a device was asked for":                         {plusAsked("d", 0)},
		"a device was shipped":                           {plusSent("d", 0)},
		"another user activated a device":                {appByHand("bob", "m", 0)},
		"an activation was refused":                      {plusByHand("bob", "d", 0), plusByHand("alice", "d", 0)},
		"a device was deactivated":                       {giveUp("first", ByUser, 0)},
		"her device was shared with another user":        {revoke("t", 0), sharedBy("alice", "bob", 0)},
		"a sharing of another user's device was pending": {revoke("t", 0), pendingSharing(0)},
		"another user joined her device": {issueTo("bob", ActivationSMS, "j", 0),
			join("bob", "alice", 0)},
	} {
		before := given{appByHand("alice", "first", 0), plusByHand("alice", "shareable", 0), issuePasscode("t", 0)}
		rows = append(rows, rule{"CODE-2 no second passcode when " + says,
			slices.Concat(before, meanwhile, given{verify(10 * day)}), when{issue(TempPasscode, "u", 10*day)},
			then{refused(AlreadyIssued), &CodeRefused{Reason: AlreadyIssued}}})
	}
	hold(t, IBKRSLS(), rows)
}

func TestPasscode_SecondAfterActivation(t *testing.T) {
	before := given{plusSent("sent", 0), appByHand("alice", "first", 0), issuePasscode("t", 0)}
	var rows []rule
	for says, meanwhile := range map[string]given{
		"by hand, at the very instant": {plusByHand("alice", "sent", 0)},
		"by hand, of an app":           {appByHand("alice", "m", day)},
		"automatically":                {fail(14 * day)},
		"of one deactivated by_user":   {giveUp("first", ByUser, 0), appByHand("alice", "first", 0)},
		"by joining": {appByHand("bob", "m", 0), issue(ActivationSMS, "j", 0),
			join("alice", "bob", 0)},
		"through a granted sharing":  {revoke("t", 0), lentPlus("d", 0)},
		"of a device given up since": {plusByHand("alice", "sent", 0), giveUp("sent", Lost, 0)},
	} {
		rows = append(rows, rule{"CODE-2 a second passcode after an activation " + says + " (A-39)",
			slices.Concat(before, meanwhile, given{verify(14 * day)}),
			when{issue(TempPasscode, "u", 14*day), issue(TempPasscode, "v", 14*day)},
			then{
				accepted, &CodeIssued{Until: after(16 * day), Ends: after(24 * day)},
				refused(AlreadyIssued), &CodeRefused{Reason: AlreadyIssued}}})
	}
	hold(t, IBKRSLS(),
		append(rows, rule{"CODE-2 also when the command's own record carries the activation (A-07)",
			given{plusSent("d", 0), issuePasscode("t", 10*day), verify(14*day - 1)},
			when{issue(TempPasscode, "u", 14*day)},
			then{accepted, &DeviceActivated{Device: "d", Method: Auto}, &CodeRevoked{Code: "t"},
				&CodeIssued{Until: after(16 * day), Ends: after(24 * day)}}}))
}

// join returns the steps in which a user joins the app m of another user with the code j.
func join(user, owner string, at time.Duration) step {
	return send(at, &DeviceAddUser{User: user, Owner: owner, Device: "m", Code: "j"})
}

// sharedBy returns the steps that share the owner's device with another user.
func sharedBy(owner, requester string, at time.Duration) steps {
	return steps{
		send(at, &IdentityRecord{User: owner, Fingerprint: "f"}),
		send(at, &IdentityRecord{User: requester, Fingerprint: "f"}),
		send(at, &SharingRequest{Sharing: "sharing", Requester: requester, Owner: owner, Device: "shareable"}),
	}
}

// pendingSharing returns a pending sharing that alice requested from bob.
func pendingSharing(at time.Duration) steps {
	lent := lentPlus("d", at)
	return append(lent[:len(lent)-1],
		send(at, &SharingRequest{Sharing: "sharing", Requester: "alice", Owner: "bob", Device: "d", Review: true}))
}
