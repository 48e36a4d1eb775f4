package loadgen

import (
	"time"

	"authledger/domain"
)

// isAttacked simulates a program that guesses passwords from another address until the
// lockout and beyond. The user notices the lockout, and calls support or waits.
func isAttacked(v visit) {
	script := v.at(portal)
	script.address = attackerAddress
	for range lockingFailures + v.day.chance.IntN(4) {
		script.fail(badCredentials)
		script.pause(time.Second, 5*time.Second)
	}
	v.now = script.now
	v.noticesLockout()
}

// forgetsPassword simulates a user who tries wrong passwords (LOCK-1).
func forgetsPassword(v visit) {
	for range 4 + v.day.chance.IntN(lockingFailures-2) {
		v.fail(typingReason(v.script))
		v.pause(10*time.Second, time.Minute)
	}
	v.noticesLockout()
}

// noticesLockout schedules the user's reaction to a lockout. Most users call support. Some
// agents first request the release without verifying the caller, and the ledger refuses it
// (LOCK-5).
func (v visit) noticesLockout() {
	v.later(10*time.Minute, 4*time.Hour, func(v visit) {
		v.succeed()
		if v.chance(35) {
			v.later(dayLength, dayLength+4*time.Hour, func(v visit) { v.succeed() })
			return
		}
		v.pause(2*time.Minute, 20*time.Minute)
		desk := v.desk()
		if desk.chance(10) {
			desk.send(&domain.LockoutRelease{User: v.user, Agent: v.agent()})
			desk.wait(time.Minute)
		}
		desk.verify()
		desk.send(&domain.LockoutRelease{User: v.user, Agent: v.agent()})
		v.now = desk.now + time.Minute
		v.succeed()
	})
}
