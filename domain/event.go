package domain

import "time"

// Event is one fact. It never changes once it is recorded.
type Event struct {
	At     time.Time // when it happened; within an entity never decreasing
	Entity Entity    // whose it is, of a record that names several users; "" for the first
	Data   EventData
}

// EventData is the data of one type of event. What the command says is not
// repeated in it.
type EventData interface {
	Data
	EventType() string
}

// userEvent is an event that changes a user.
type userEvent interface {
	EventData
	evolve(u *User, f *fold)
}

// partyEvent changes every user of its record: a sharing has two.
type partyEvent interface {
	userEvent
	ofAll()
}

// accountEvent is an event that changes an account.
type accountEvent interface {
	EventData
	evolve(a *Account, f *fold)
}

// realmEvent changes what belongs to no user and no account.
type realmEvent interface {
	EventData
	evolve(f *fold)
}

// EventVersion is the version of every event's members. A type whose members
// change meaning gets a higher one, and keeps decoding the old.
const EventVersion = 1

// events is the catalog. Wire names are stored forever: add, never rename.
var events = map[string]func() EventData{
	"login.started":      func() EventData { return new(LoginStarted) },
	"login.succeeded":    func() EventData { return new(LoginSucceeded) },
	"login.failed":       func() EventData { return new(LoginFailed) },
	"login.refused":      func() EventData { return new(LoginRefused) },
	"login.abandoned":    func() EventData { return new(LoginAbandoned) },
	"login.unattributed": func() EventData { return new(LoginUnattributed) },
	"lockout.started":    func() EventData { return new(LockoutStarted) },
	"lockout.extended":   func() EventData { return new(LockoutExtended) },
	"lockout.expired":    func() EventData { return new(LockoutExpired) },
	"lockout.released":   func() EventData { return new(LockoutReleased) },
	"lockout.refused":    func() EventData { return new(LockoutRefused) },
	"identity.recorded":  func() EventData { return new(IdentityRecorded) },
	"identity.verified":  func() EventData { return new(IdentityVerified) },
	"policy.adopted":     func() EventData { return new(PolicyAdopted) },
	"audit.read":         func() EventData { return new(AuditWasRead) },

	"device.requested":   func() EventData { return new(DeviceRequested) },
	"device.shipped":     func() EventData { return new(DeviceShipped) },
	"device.activated":   func() EventData { return new(DeviceActivated) },
	"device.deactivated": func() EventData { return new(DeviceDeactivated) },
	"device.dormant":     func() EventData { return new(DeviceDormant) },
	"device.user_added":  func() EventData { return new(DeviceUserAdded) },
	"device.pin_changed": func() EventData { return new(DevicePINChanged) },
	"device.pin_reset":   func() EventData { return new(DevicePINReset) },
	"device.refused":     func() EventData { return new(DeviceRefused) },

	"code.issued":     func() EventData { return new(CodeIssued) },
	"code.redeemed":   func() EventData { return new(CodeRedeemed) },
	"code.restricted": func() EventData { return new(CodeRestricted) },
	"code.expired":    func() EventData { return new(CodeExpired) },
	"code.revoked":    func() EventData { return new(CodeRevoked) },
	"code.refused":    func() EventData { return new(CodeRefused) },

	"sharing.requested": func() EventData { return new(SharingRequested) },
	"sharing.pending":   func() EventData { return new(SharingPending) },
	"sharing.approved":  func() EventData { return new(SharingApproved) },
	"sharing.granted":   func() EventData { return new(SharingGranted) },
	"sharing.rejected":  func() EventData { return new(SharingRejected) },
	"sharing.cancelled": func() EventData { return new(SharingCancelled) },
	"sharing.refused":   func() EventData { return new(SharingRefused) },

	"withdrawal.approved":  func() EventData { return new(WithdrawalApproved) },
	"withdrawal.denied":    func() EventData { return new(WithdrawalDenied) },
	"withdrawal.settled":   func() EventData { return new(WithdrawalSettled) },
	"withdrawal.cancelled": func() EventData { return new(WithdrawalCancelled) },
	"withdrawal.refused":   func() EventData { return new(WithdrawalRefused) },
}

// NewEventData makes empty data of a type, nil if there is no such type.
func NewEventData(eventType string) EventData {
	if make, ok := events[eventType]; ok {
		return make()
	}
	return nil
}
