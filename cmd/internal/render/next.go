package render

import (
	"fmt"
	"strings"

	"authledger/domain"
)

// Next steps of the operator after a refusal. A verdict does not name its user.
const (
	nextRelease  = "wait for the end of the lockout, or verify the identity of the user and run `authledger do lockout.release user=USER agent=AGENT`"
	nextVerify   = "run `authledger do identity.verify user=USER agent=AGENT channel=phone`, then submit the command again with another id"
	nextAttempts = "wait until an open attempt ends, or end it with login.finish; `authledger show lockout USER` shows the open attempts"
	nextDevices  = "see the devices of the user with `authledger show devices USER`"
	nextCodes    = "see the codes of the user with `authledger show codes USER`"
	nextSharings = "see the sharings of the user with `authledger show sharings USER`"
	nextLimits   = "see the limits of the account with `authledger show withdrawals ACCOUNT`"
	nextHolds    = "see the holds of the user with `authledger show holds --user USER`, and end a hold with `authledger hold release USER --case CASE --by OFFICER`"
	nextHeld     = "see the holds of the user with `authledger show holds --user USER`"
	nextOpen     = "see the open withdrawals with `authledger show withdrawals --all --user USER --state approved`, settle or cancel them, then erase the data"
	nextUsers    = "check the user name with `authledger show users --prefix USER`, and earlier erasures with `authledger show forgotten --user USER`"
)

// nextSteps holds the next step after a refusal by its reason.
var nextSteps = map[domain.Reason]string{
	domain.LockedOut: nextRelease, domain.IdentityNotVerified: nextVerify,
	domain.AttemptsInFlight: nextAttempts, domain.AttemptOpen: nextAttempts,

	domain.DeviceExists: nextDevices, domain.NotRequested: nextDevices, domain.UnknownDevice: nextDevices,
	domain.ClassMismatch: nextDevices, domain.DeviceGone: nextDevices, domain.AlreadyActive: nextDevices,
	domain.DeviceNotActive: nextDevices, domain.NotReturnable: nextDevices, domain.UseSharing: nextSharings,
	domain.SharingActive: nextSharings, domain.NoPIN: nextDevices, domain.CodeNotRedeemed: nextCodes,

	domain.AlreadyIssued: nextCodes, domain.NoTempPasscode: nextCodes, domain.UnknownCode: nextCodes,
	domain.CodeIsRevoked: nextCodes, domain.CodeHasExpired: nextCodes, domain.CodeIsUsed: nextCodes,
	domain.CodeIsRestricted: nextCodes,

	domain.AlreadyShared: nextSharings, domain.UnknownSharing: nextSharings, domain.NotPending: nextSharings,
	domain.NotAParty: nextSharings, domain.NotShared: nextSharings,

	domain.DailyLimit: nextLimits, domain.FiveDayLimit: nextLimits, domain.UnknownWithdrawal: nextLimits,
	domain.AlreadySettled: nextLimits, domain.AlreadyCancelled: nextLimits,

	domain.OnHold: nextHolds, domain.AlreadyHeld: nextHeld, domain.NotHeld: nextHeld,
	domain.WithdrawalOpen: nextOpen, domain.Reason(domain.UnknownUser): nextUsers,
}

// nextStep returns what the operator can do after a verdict that is not accepted, "" for another.
func (v *verdict) nextStep() string {
	switch {
	case v.Reason == domain.UnknownType:
		return "see `authledger do --help` for the types, and submit the command again"
	case v.Status == domain.Invalid:
		return fmt.Sprintf("correct the command and submit it again: `authledger do %s --help`", v.Type)
	case v.Status != domain.Refused:
		return ""
	}
	return nextOf(v.Reason, v.Seq)
}

// nextOf returns the next step after the refusal in the record seq.
func nextOf(reason domain.Reason, seq uint64) string {
	if next := nextSteps[reason]; next != "" {
		return next
	}
	return fmt.Sprintf("see `authledger why %d`", seq)
}

// NextStepFor returns the next step after the refusal in the record seq, for the words of the user
// and of the officer in a shell.
func NextStepFor(reason domain.Reason, seq uint64, user, officer string) string {
	return strings.NewReplacer("USER", user, "OFFICER", officer).Replace(nextOf(reason, seq))
}
