package domain

import "time"

// Event is one fact. It never changes once it is recorded.
type Event struct {
	At   time.Time // when it happened; within an entity never decreasing
	Data EventData
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
	evolve(u *User, at time.Time, c *Command)
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
}

// NewEventData makes empty data of a type, nil if there is no such type.
func NewEventData(eventType string) EventData {
	if make, ok := events[eventType]; ok {
		return make()
	}
	return nil
}
