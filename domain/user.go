package domain

import "time"

// Bounds of what one user has at a time: beyond them it is refused too_many.
const (
	liveCodesMax   = 64
	devicesMax     = 64 // not gone for good
	joinersMax     = 64 // of a device, directly or through others
	liveSharingMax = 64
)

// User is what the rules read of one user: the fold of its records, bounded
// whatever the history. The zero User has no record.
type User struct {
	Clock      time.Time // last effective time
	Backfilled bool      // the newest record is a backfill: timers keep off

	Run      Run
	Lock     Lock
	Attempts []Attempt // open reservations, oldest first
	Identity Identity

	Devices []Device  // not gone for good, in the order in which they were first heard of
	Codes   []Code    // live, in order of issue; and the newest passcode and card, whatever became of them
	Shares  []Share   // pending and approved, in order of request
	SMS     time.Time // when the newest SMS was issued (CODE-5)
	Lost    time.Time // when a device was lost or damaged, none activated since (LOGIN-10)

	// Turns counts shipments and activations, to tell which came first;
	// Activated is the turn of the newest activation (CODE-2).
	Turns, Activated int64
}

// Members lists the state's members for its row.
func (u *User) Members(v Visitor) {
	v.Instant("clock", &u.Clock, Free)
	v.Flag("backfilled", &u.Backfilled, Free)
	v.Object("run", &u.Run, Free)
	v.Object("lock", &u.Lock, Free)
	v.List("attempts", items[Attempt, *Attempt]{&u.Attempts})
	v.Object("identity", &u.Identity, Free)
	v.List("devices", items[Device, *Device]{&u.Devices})
	v.List("codes", items[Code, *Code]{&u.Codes})
	v.List("shares", items[Share, *Share]{&u.Shares})
	v.Instant("sms", &u.SMS, Free)
	v.Count("turns", &u.Turns, Free)
	v.Count("activated", &u.Activated, Free)
	v.Instant("lost", &u.Lost, Free)
}

// activation counts one: there is a device at hand again.
func (u *User) activation() int64 {
	u.Activated, u.Lost = u.turn(), time.Time{}
	return u.Activated
}

// turn counts a shipment or an activation.
func (u *User) turn() int64 {
	u.Turns++
	return u.Turns
}
