package loadgen

import (
	"math"
	"time"

	"authledger/domain"
)

// lockingFailures is the number of failures that locks a user out by the built-in
// policy (LOCK-1).
const lockingFailures = 10

// The users of the scenarios have the first numbers. The users of the load follow.
const (
	firstVictim = iota // four users whom the password attack locks out
	_
	_
	_
	firstSpared // two users whom it does not lock out, because it ends earlier for them
	_
	parallelVictim   // victim of parallel guesses
	forgetful        // forgets the password and calls support
	worried          // calls support without a lockout
	distracted       // leaves an attempt open and returns later
	reportsLate      // has a gateway with an unreliable connection
	meetsEveryReason // fails with every reason
	lastMinute       // logs in at the end of the day
	lender           // owner of a shared device, in a brokerage
	borrower         // the lender's second user name
	withdrawer       // withdraws up to the limits

	scenarioUsers = iota
)

// scenarioSession is the stream of random numbers of the scenarios. No session of the
// load has this number.
const scenarioSession = math.MaxUint64

// scheduleScenarios schedules the scenarios at fixed distances from the end.
func (d *day) scheduleScenarios() {
	d.reseed(scenarioSession)
	d.forgottenPassword(d.length - 7*time.Hour)
	d.needlessCall(d.length - 6*time.Hour)
	d.expiredAttempt(d.length - 5*time.Hour)
	d.unreliableConnection(d.length - 4*time.Hour)
	d.everyReason(d.length - 200*time.Minute)
	d.nameScanner(d.length - 3*time.Hour)
	d.bruteForce(d.length - 95*time.Minute)
	d.guessesInParallel(d.length - 20*time.Minute)
	d.enter(lastMinute, portal, dayLength-time.Minute).begin()
}

// enter returns a script of a user of the scenarios at a gate.
func (d *day) enter(person int, at gate, now time.Duration) *script {
	return &script{day: d, now: now, user: userName(person), address: addressOf(person), gate: at}
}

// forgottenPassword schedules a user who enters ten wrong passwords, and the right password during
// the lockout. Support releases the lockout after it has verified the user's identity (LOCK-5).
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

// needlessCall schedules a release that support requests for a user who is not locked out.
func (d *day) needlessCall(at time.Duration) {
	desk := d.enter(worried, supportDesk, at)
	desk.send(&domain.IdentityVerify{User: desk.user, Agent: "agent-kim", Channel: "phone"})
	desk.wait(time.Minute)
	desk.send(&domain.LockoutRelease{User: desk.user, Agent: "agent-kim"})
}

// expiredAttempt schedules an attempt whose success arrives after the attempt has lapsed, and a
// second attempt that succeeds (LOCK-6).
func (d *day) expiredAttempt(at time.Duration) {
	s := d.enter(distracted, portal, at)
	attempt := s.begin()
	s.wait(8 * time.Minute)
	s.finish(attempt, domain.Succeeded, "")
	s.wait(20 * time.Second)
	s.succeed()
}

// unreliableConnection schedules a report that arrives after a newer report, and a report that
// arrives twice.
func (d *day) unreliableConnection(at time.Duration) {
	s := d.enter(reportsLate, androidApp, at)
	s.reportLate(MaxLateness-time.Minute, domain.Failed, badCredentials)
	s.wait(2 * time.Minute)
	s.succeed()
	s.wait(10 * time.Minute)
	s.sendTwice(domain.Failed, wrongCase, 3*time.Second)
	s.wait(30 * time.Second)
	s.succeed()
}

// everyReason schedules a failure with each reason constant of this package, and then a success.
func (d *day) everyReason(at time.Duration) {
	s := d.enter(meetsEveryReason, tws, at)
	for _, reason := range []string{wrongCase, hasSpaces, badCredentials, cancelled, codeNotReceived, expiredCode, badCode, gatewayError} {
		s.fail(reason)
		s.pause(20*time.Second, 50*time.Second)
	}
	s.succeed()
}

// nameScanner schedules attempts with unknown user names and with invalid user names.
func (d *day) nameScanner(at time.Duration) {
	s := d.enter(0, portal, at)
	s.address = scannerAddress
	for _, name := range unknownNames {
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

// bruteForce schedules the attack of one address on six users in turn. The attack locks out four
// users, and the ledger then refuses further guesses and the right password (LOCK-3).
func (d *day) bruteForce(at time.Duration) {
	const sparedRounds, extraRounds = 6, 2
	s := d.enter(firstVictim, portal, at)
	s.address = attackerAddress
	for round := range lockingFailures + extraRounds {
		for victim := firstVictim; victim < parallelVictim; victim++ {
			spared := victim >= firstSpared && round >= sparedRounds
			s.user = userName(victim)
			switch {
			case spared:
			case round < lockingFailures:
				s.fail(badCredentials)
			default:
				s.begin() // the gate receives a refusal and requests no password
			}
			s.pause(10*time.Second, 35*time.Second)
		}
	}
	d.victimsReturn(s.now)
}

// victimsReturn schedules the logins of four victims. The first begins an attempt at a live gate,
// and the ledger refuses the attempt. The gate of the second reports a success. The third mistypes
// the password and thereby extends the lockout (LOCK-2). The fourth is not locked out and succeeds.
func (d *day) victimsReturn(at time.Duration) {
	d.enter(firstVictim, tws, at+3*time.Minute).begin()
	d.enter(firstVictim+1, androidApp, at+5*time.Minute).succeed()
	d.enter(firstVictim+2, appleApp, at+6*time.Minute).fail(hasSpaces)
	d.enter(firstSpared, portal, at+7*time.Minute).succeed()
}

// guessesInParallel schedules parallel attempts. The ledger reserves attempts up to the limit, and
// refuses the others. The lockout starts when the last reserved attempt fails (LOCK-6).
func (d *day) guessesInParallel(at time.Duration) {
	const inParallel = lockingFailures + 3
	s := d.enter(parallelVictim, portal, at)
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
