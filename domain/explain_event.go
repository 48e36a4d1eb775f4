package domain

import "time"

// sayEvent retells an event for a person, "" of a refusal: its reason is told.
func (r *Record) sayEvent(e *Event) string {
	who := r.whose(e)
	switch data := e.Data.(type) {
	case *LoginStarted:
		return "user " + who + " may go on until " + stamp(data.Until) + ", when the attempt lapses"
	case *LoginSucceeded:
		return "user " + who + " was let in, and the count of failures starts from zero"
	case *LoginFailed:
		return "it is failure " + decimal(data.Failures) + " in a row of " + who + uncounted(data.Reason)
	case *LoginAbandoned:
		return "the attempt " + data.Attempt + " of " + who + " lapsed, which counts as nothing"
	case *LoginUnattributed:
		return "it is recorded under its source and counts for nobody"
	case *LockoutStarted:
		return "user " + who + " is locked out " + lockedUntil(data.Until)
	case *LockoutExtended:
		return "the lock of " + who + " lasts " + lockedUntil(data.Until)
	case *LockoutExpired:
		return "the lock of " + who + " ended by itself at " + stamp(e.At)
	case *LockoutReleased:
		return "the lock of " + who + " is ended, and the count of failures starts from zero"
	case *IdentityRecorded:
		return "the identity of " + who + " is recorded"
	case *IdentityVerified:
		return "user " + who + " counts as verified from " + stamp(e.At) + " on"
	case *AuditWasRead:
		return "it was recorded before anything was shown"
	case *PolicyAdopted:
		return "it is in force from the next record on"
	case *WithdrawalApproved:
		return data.USD + " USD are approved and count on " + data.Day + " (" + data.Zone + ")" + restated(data.Restated)
	case *WithdrawalDenied:
		return "it counts as nothing" + restated(data.Restated)
	case *WithdrawalSettled:
		return "it stands for good"
	case *WithdrawalCancelled:
		return data.USD + " USD are free again on " + data.Day
	}
	return r.sayMore(e, who)
}

// sayMore is sayEvent of devices, codes and sharings.
func (r *Record) sayMore(e *Event, who string) string {
	switch data := e.Data.(type) {
	case *DeviceRequested:
		return "user " + who + " is to get it"
	case *DeviceShipped:
		return "it activates by itself at " + stamp(data.Activates)
	case *DeviceActivated:
		if data.Method == Auto {
			return "the device " + data.Device + " of " + who + " activated by itself at " + stamp(e.At)
		}
		return "it is active for " + who
	case *DeviceDeactivated:
		return "it is deactivated for " + who
	case *DeviceDormant:
		return "the device " + data.Device + " of " + who + " is dormant"
	case *DeviceUserAdded:
		return "it is active for " + who + ", as an own one"
	case *DevicePINChanged:
		return "the PIN is changed, and the code is spent on it"
	case *DevicePINReset:
		return "the PIN is reset"
	case *CodeIssued:
		return "it is live until " + stamp(data.Until) + restrictedUntil(data.Ends)
	case *CodeRedeemed:
		return "the code was right"
	case *CodeRestricted:
		return "the passcode " + data.Code + " of " + who + " was restricted at " + stamp(e.At)
	case *CodeExpired:
		return "the code " + data.Code + " of " + who + " expired at " + stamp(e.At)
	case *CodeRevoked:
		return revoked(data, who)
	case *SharingRequested:
		return "the request stands (" + data.Class + ")"
	case *SharingPending:
		return "it waits for an officer"
	case *SharingApproved:
		return "the sharing is approved"
	case *SharingGranted:
		return "the device is active for the requester too"
	case *SharingRejected:
		return "the sharing is rejected"
	case *SharingCancelled:
		return sharingEnded(data)
	}
	return ""
}

// whose is the user of an event, "" if the record has none.
func (r *Record) whose(e *Event) string {
	of := e.Entity
	if of == "" {
		of = r.Entities[0]
	}
	name, _ := of.User()
	return name
}

func uncounted(reason string) string {
	if counts(reason) {
		return ""
	}
	return ", this one (" + reason + ") not counted"
}

func lockedUntil(until time.Time) string {
	if until.IsZero() {
		return "until released"
	}
	return "until " + stamp(until)
}

func restrictedUntil(ends time.Time) string {
	if ends.IsZero() {
		return ""
	}
	return ", then restricted until " + stamp(ends)
}

func revoked(e *CodeRevoked, who string) string {
	if e.Code == "" {
		return "it is good for nothing any more"
	}
	return "the code " + e.Code + " of " + who + " is revoked, because a device was activated"
}

func sharingEnded(e *SharingCancelled) string {
	if e.Sharing == "" {
		return "the sharing has ended"
	}
	return "the sharing " + e.Sharing + " has ended with it"
}

func restated(days []DayUSD) string {
	if days == nil {
		return ""
	}
	return "; the account's sums were counted again by the days of that zone"
}
