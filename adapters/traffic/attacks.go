package traffic

import (
	"time"

	"authledger/domain"
)

// isGuessedAt: a script guesses until the lock and beyond, from elsewhere. The
// user finds out, and calls or waits.
func isGuessedAt(v visit) {
	script := v.at(portal)
	script.address = attackerAddress
	for range lockingFailures + v.day.chance.IntN(4) {
		script.fail(badCredentials)
		script.pause(time.Second, 5*time.Second)
	}
	v.now = script.now
	v.findsOut()
}

// forgetsPassword tries what comes to mind (LOCK-1).
func forgetsPassword(v visit) {
	for range 4 + v.day.chance.IntN(lockingFailures-2) {
		v.fail(mistyped(v.script))
		v.pause(10*time.Second, time.Minute)
	}
	v.findsOut()
}

// findsOut that the door is locked. Most call support, some before the agent has
// asked who is calling (LOCK-5).
func (v visit) findsOut() {
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
