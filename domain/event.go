package domain

import (
	"maps"
	"slices"
	"time"
)

// Event is a recorded fact. It never changes.
type Event struct {
	At     time.Time // the instant of the event; never decreases within an entity
	Entity Entity    // the entity that the event concerns; "" for the first entity of the record
	Data   EventData
}

// EventData is the data of an event of one type. It does not repeat members of the command.
type EventData interface {
	Data
	EventType() string
}

// userEvent is an event that changes a user.
type userEvent interface {
	EventData
	evolve(u *User, f *fold)
}

// partyEvent is an event that changes every user of its record. A sharing has two users.
type partyEvent interface {
	userEvent
	changesAllUsers()
}

// accountEvent is an event that changes an account.
type accountEvent interface {
	EventData
	evolve(a *Account, f *fold)
}

// realmEvent is an event that changes items that belong to no user and no account.
type realmEvent interface {
	EventData
	evolve(f *fold)
}

// EventVersion is the version of the members of every event type. A change of the meaning of a
// member MUST raise the version of its type, and the old version MUST stay readable.
const EventVersion = 1

// events is the catalog of event types. The names are stored permanently: add types, never
// rename one.
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
	"audit.verified":     func() EventData { return new(AuditVerified) },

	"device.requested":   func() EventData { return new(DeviceRequested) },
	"device.shipped":     func() EventData { return new(DeviceShipped) },
	"device.activated":   func() EventData { return new(DeviceActivated) },
	"device.deactivated": func() EventData { return new(DeviceDeactivated) },
	"device.dormant":     func() EventData { return new(DeviceDormant) },
	"device.user_added":  func() EventData { return new(DeviceUserAdded) },
	"device.pin_changed": func() EventData { return new(DevicePINChanged) },
	"device.pin_reset":   func() EventData { return new(DevicePINReset) },
	"device.renamed":     func() EventData { return new(DeviceRenamed) },
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

	"config.token_added":     func() EventData { return new(TokenAdded) },
	"config.token_revoked":   func() EventData { return new(TokenRevoked) },
	"config.webhook_added":   func() EventData { return new(WebhookAdded) },
	"config.webhook_rotated": func() EventData { return new(WebhookRotated) },
	"config.webhook_removed": func() EventData { return new(WebhookRemoved) },
	"config.refused":         func() EventData { return new(ConfigRefused) },

	"person.forgotten": func() EventData { return new(PersonForgotten) },
	"person.held":      func() EventData { return new(PersonHeld) },
	"person.released":  func() EventData { return new(PersonReleased) },
	"person.refused":   func() EventData { return new(PersonRefused) },

	"person.introduced": func() EventData { return new(PersonIntroduced) },
}

// NewEventData returns empty data of an event type, nil if the type is unknown.
func NewEventData(eventType string) EventData {
	if make, ok := events[eventType]; ok {
		return make()
	}
	return nil
}

// EventTypes returns all event types in alphabetical order.
func EventTypes() []string { return slices.Sorted(maps.Keys(events)) }

// Own returns the events that the command itself caused: the events of a record without
// the overdue events at its start. It returns nil for a record of the timer.
func Own(events []Event) []Event {
	activated := false
	for i := range events {
		switch e := events[i].Data.(type) {
		case *LockoutExpired, *LoginAbandoned, *CodeRestricted, *CodeExpired:
			activated = false
		case *DeviceActivated:
			if e.Method != Auto {
				return events[i:]
			}
			activated = true
		case *CodeRevoked:
			if !activated { // a revocation after an automatic activation is overdue too (DEV-5)
				return events[i:]
			}
		default:
			return events[i:]
		}
	}
	return nil
}
