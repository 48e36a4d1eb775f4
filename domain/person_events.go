package domain

import (
	"slices"
	"time"
)

// PersonForgotten is the event that the personal data of the user was erased, with all devices and codes
// of the user. A later command that names the user starts a new person, who inherits nothing.
type PersonForgotten struct{}

// PersonHeld is the event that the case of the command forbids the erasure of the user.
type PersonHeld struct{}

// PersonReleased is the event that the hold of the command's case ended.
type PersonReleased struct{}

// PersonRefused is the event that a person.* command was refused.
type PersonRefused struct{ Reason Reason }

func (e *PersonForgotten) EventType() string { return "person.forgotten" }
func (e *PersonForgotten) Members(Visitor)   {}
func (e *PersonForgotten) causedBy(c CommandData) bool {
	_, ok := c.(*PersonForget)
	return ok
}

// evolve deactivates the devices for good and revokes the live codes. It keeps the lockout, the attempts
// and the sharings, which the following events of the record end, and Turns, because the items of the
// user contain numbers of that count.
func (e *PersonForgotten) evolve(u *User, f *fold) {
	for _, device := range slices.Clone(u.Devices) {
		device.State, device.Since, device.Reason = Deactivated, f.at, Forgotten
		device.Method, device.Due = "", time.Time{}
		f.leave(&device)
		u.setDevice(f, device)
	}
	for _, code := range slices.Clone(u.Codes) {
		if code.IsLive() {
			u.changeCode(f, code.ID, Revoked, f.at, "")
		}
	}
	*u = User{
		Clock: u.Clock, Backfilled: u.Backfilled, Forgotten: f.at, Turns: u.Turns, Activated: u.Activated,
		Lock: u.Lock, Attempts: u.Attempts, Shares: u.Shares,
	}
}

func (e *PersonHeld) EventType() string { return "person.held" }
func (e *PersonHeld) Members(Visitor)   {}
func (e *PersonHeld) causedBy(c CommandData) bool {
	_, ok := c.(*PersonHold)
	return ok
}
func (e *PersonHeld) evolve(u *User, f *fold) {
	u.Holds = append(slices.Clip(u.Holds), Hold{Case: f.command.Data.(*PersonHold).Case, Since: f.at})
}

func (e *PersonReleased) EventType() string { return "person.released" }
func (e *PersonReleased) Members(Visitor)   {}
func (e *PersonReleased) causedBy(c CommandData) bool {
	_, ok := c.(*PersonRelease)
	return ok
}
func (e *PersonReleased) evolve(u *User, f *fold) {
	i := u.hold(f.command.Data.(*PersonRelease).Case)
	if i < 0 {
		return
	}
	u.Holds = slices.Delete(slices.Clone(u.Holds), i, i+1)
}

func (e *PersonRefused) EventType() string { return "person.refused" }
func (e *PersonRefused) Members(v Visitor) { v.Text("reason", (*string)(&e.Reason), Need) }
