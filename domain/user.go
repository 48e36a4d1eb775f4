package domain

import "time"

// Maximum numbers for one user. A command that would exceed a maximum is refused as too_many.
const (
	liveCodesMax   = 64
	devicesMax     = 64 // that can still be activated
	joinersMax     = 64 // of an app, directly or through other users
	liveSharingMax = 64
)

// User is the state of one user. Its size is bounded for every history. The zero User is
// the state of a user whom no record names.
type User struct {
	Clock      time.Time // last effective time
	Backfilled bool      // the newest record is a backfill, so no timer fires

	Run      Run
	Lock     Lock
	Attempts []Attempt // open reservations, oldest first
	Identity Identity

	Devices []Device  // that can still be activated, in order of their first record
	Codes   []Code    // live, in order of issue; also the newest passcode and card in any state
	Shares  []Share   // pending and approved, in order of request
	SMS     time.Time // when the newest SMS was issued (CODE-5)
	Lost    time.Time // when a device was lost or damaged; zero if one was activated since (LOGIN-10)

	// Turns counts shipments and activations, which gives them an order. Activated is the
	// value of Turns at the newest activation (CODE-2).
	Turns, Activated int64

	Holds     []Hold    // in order of their records (PERSON-2)
	Forgotten time.Time // when the user was forgotten; zero if a later command names the user
}

// Members lists the members that the row of the user stores.
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
	v.List("holds", items[Hold, *Hold]{&u.Holds})
	v.Instant("forgotten", &u.Forgotten, Free)
}

// activation counts an activation and clears Lost.
func (u *User) activation() int64 {
	u.Activated, u.Lost = u.turn(), time.Time{}
	return u.Activated
}

// turn counts a shipment or an activation.
func (u *User) turn() int64 {
	u.Turns++
	return u.Turns
}
