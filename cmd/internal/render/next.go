package render

import (
	"fmt"

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
	case nextSteps[v.Reason] != "":
		return nextSteps[v.Reason]
	}
	return fmt.Sprintf("see `authledger why %d`", v.Seq)
}
