package traffic

import (
	"math"
	"time"

	"authledger/domain"
)

// lockingFailures is what the built-in policy locks at (LOCK-1).
const lockingFailures = 10

// The people of the scenes come before the crowd.
const (
	forceFirst = iota // four victims of the brute force that get locked,
	_
	_
	_
	forceSpared // and two that don't, since it breaks off
	_
	besieged   // by guesses in parallel
	forgetful  // of the password; calls support
	worried    // calls support without a lock
	distracted // leaves an attempt open, and comes back
	underway   // has a gateway with a bad line
	unlucky    // meets every reason there is
	lastMinute // is logging in as the day ends
	lender     // of a device, in a brokerage
	borrower   // another user name of the lender's
	presser    // withdraws up to the limits

	scenePeople = iota
)

// sceneSession is a session that the crowd never has.
const sceneSession = math.MaxUint64

// stageScenes puts the scenes at their distances from the end.
func (d *day) stageScenes() {
	d.draw(sceneSession)
	d.forgottenPassword(d.length - 7*time.Hour)
	d.needlessCall(d.length - 6*time.Hour)
	d.leftOpen(d.length - 5*time.Hour)
	d.badLine(d.length - 4*time.Hour)
	d.everyReason(d.length - 200*time.Minute)
	d.crawler(d.length - 3*time.Hour)
	d.bruteForce(d.length - 95*time.Minute)
	d.siege(d.length - 20*time.Minute)
	d.enter(lastMinute, portal, dayLength-time.Minute).begin()
}

// enter lets a person of the scenes come to a gate.
func (d *day) enter(person int, at gate, now time.Duration) *script {
	return &script{day: d, now: now, user: userName(person), address: homeAddress(person), gate: at}
}

// forgottenPassword: ten wrong, then the right one too late; released after a
// call, but only once support has verified who calls (LOCK-5).
func (d *day) forgottenPassword(at time.Duration) {
	s := d.enter(forgetful, appleApp, at)
	for range lockingFailures {
		s.fail(badCredentials)
		s.pause(20*time.Second, 90*time.Second)
	}
	s.succeed()
	s.wait(6 * time.Minute)
	desk := d.enter(forgetful, supportDesk, s.now)
	desk.send(&domain.LockoutRelease{User: desk.user, Agent: "agent-lee"})
	desk.wait(2 * time.Minute)
	desk.send(&domain.IdentityVerify{User: desk.user, Agent: "agent-lee", Channel: "phone"})
	desk.wait(40 * time.Second)
	desk.send(&domain.LockoutRelease{User: desk.user, Agent: "agent-lee"})
	s.now = desk.now + time.Minute
	s.succeed()
}

// needlessCall: a release without a lock.
func (d *day) needlessCall(at time.Duration) {
	desk := d.enter(worried, supportDesk, at)
	desk.send(&domain.IdentityVerify{User: desk.user, Agent: "agent-kim", Channel: "phone"})
	desk.wait(time.Minute)
	desk.send(&domain.LockoutRelease{User: desk.user, Agent: "agent-kim"})
}

// leftOpen: an attempt lapses, its success comes too late, the next is in time
// (LOCK-6).
func (d *day) leftOpen(at time.Duration) {
	s := d.enter(distracted, portal, at)
	attempt := s.begin()
	s.wait(8 * time.Minute)
	s.finish(attempt, domain.Succeeded, "")
	s.wait(20 * time.Second)
	s.succeed()
}

// badLine: a report that arrives behind a newer one, and one that arrives twice.
func (d *day) badLine(at time.Duration) {
	s := d.enter(underway, androidApp, at)
	s.reportLate(LateMost-time.Minute, domain.Failed, badCredentials)
	s.wait(2 * time.Minute)
	s.succeed()
	s.wait(10 * time.Minute)
	s.sendTwice(domain.Failed, wrongCase, 3*time.Second)
	s.wait(30 * time.Second)
	s.succeed()
}

// everyReason: what can go wrong, and at last goes right.
func (d *day) everyReason(at time.Duration) {
	s := d.enter(unlucky, tws, at)
	for _, reason := range []string{wrongCase, hasSpaces, badCredentials, cancelled, codeNotReceived, expiredCode, badCode, gatewayError} {
		s.fail(reason)
		s.pause(20*time.Second, 50*time.Second)
	}
	s.succeed()
}

// crawler: names that nobody has, and names that nobody can have.
func (d *day) crawler(at time.Duration) {
	s := d.enter(0, portal, at)
	s.address = crawlerAddress
	for _, name := range strangers {
		s.user = name
		s.report(domain.Failed, domain.UnknownUser)
		s.pause(time.Second, 4*time.Second)
	}
	for _, name := range []string{"Administrator", "John Smith", "sales@example.com", ""} {
		s.user = name
		s.report(domain.Failed, domain.UnknownUser)
		s.pause(time.Second, 4*time.Second)
	}
	s.user = "Root"
	s.begin()
}

// bruteForce: one address tries six users in turn. Four get locked, and knocking
// on doesn't help; nor does the right password (LOCK-3).
func (d *day) bruteForce(at time.Duration) {
	const sparedRounds, knocks = 6, 2
	s := d.enter(forceFirst, portal, at)
	s.address = attackerAddress
	for round := range lockingFailures + knocks {
		for victim := forceFirst; victim < besieged; victim++ {
			spared := victim >= forceSpared && round >= sparedRounds
			s.user = userName(victim)
			switch {
			case spared:
			case round < lockingFailures:
				s.fail(badCredentials)
			default:
				s.begin() // the gate is told that the user is locked, and asks for no password
			}
			s.pause(10*time.Second, 35*time.Second)
		}
	}
	d.victims(s.now)
}

// victims come back: one to a live gate, one whose telephone had let him in,
// and one who mistypes and so stays locked for longer (LOCK-2).
func (d *day) victims(at time.Duration) {
	d.enter(forceFirst, tws, at+3*time.Minute).begin()
	d.enter(forceFirst+1, androidApp, at+5*time.Minute).succeed()
	d.enter(forceFirst+2, appleApp, at+6*time.Minute).fail(hasSpaces)
	d.enter(forceSpared, portal, at+7*time.Minute).succeed()
}

// siege: guesses in parallel. Only so many are reserved; the others wait, and
// the lock comes with the last answer (LOCK-6).
func (d *day) siege(at time.Duration) {
	const inParallel = lockingFailures + 3
	s := d.enter(besieged, portal, at)
	s.address = attackerAddress
	var attempts []string
	for range inParallel {
		attempts = append(attempts, s.begin())
		s.wait(40 * time.Millisecond)
	}
	for _, attempt := range attempts[:lockingFailures] {
		s.wait(300 * time.Millisecond)
		s.finish(attempt, domain.Failed, badCredentials)
	}
}
