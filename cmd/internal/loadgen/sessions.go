package loadgen

import (
	"strings"
	"time"

	"authledger/domain"
)

// sessionKinds are the kinds of sessions and their shares.
var sessionKinds = []struct {
	perMille int
	run      func(s *script)
}{
	{860, (*script).succeed},
	{80, mistypesPassword},
	{20, failsSecondFactor},
	{12, cancelsLogin},
	{10, failsUnattributed},
	{8, givesUp},
	{6, abandonsAttempt},
	{4, gatewayFails},
}

const perMilleAll = 1000

// scheduleSession schedules one session of the load.
func (d *day) scheduleSession(at time.Duration) {
	person := scenarioUsers + d.chance.IntN(d.users)
	s := &script{
		day: d, now: at.Truncate(time.Millisecond), user: userName(person), address: addressOf(person),
		gate: gateOf(person, mobileShare(d.start.Add(at).In(d.zone)), d.chance),
	}
	share := d.chance.IntN(perMilleAll)
	for _, h := range sessionKinds {
		if share -= h.perMille; share < 0 {
			h.run(s)
			return
		}
	}
}

func mistypesPassword(s *script) {
	for range 1 + s.day.chance.IntN(3) {
		s.fail(typingReason(s))
		s.pause(4*time.Second, 20*time.Second)
	}
	s.succeed()
}

func typingReason(s *script) string {
	return [...]string{badCredentials, badCredentials, badCredentials, wrongCase, hasSpaces}[s.day.chance.IntN(5)]
}

func failsSecondFactor(s *script) {
	s.fail([...]string{badCode, badCode, expiredCode, codeNotReceived}[s.day.chance.IntN(4)])
	s.pause(10*time.Second, 40*time.Second)
	s.succeed()
}

func cancelsLogin(s *script) { s.fail(cancelled) }

func gatewayFails(s *script) {
	s.fail(gatewayError)
	s.pause(5*time.Second, 30*time.Second)
	s.succeed()
}

func givesUp(s *script) {
	for range 1 + s.day.chance.IntN(2) {
		s.fail(typingReason(s))
		s.pause(4*time.Second, 20*time.Second)
	}
}

// abandonsAttempt leaves an attempt open at a live gate. At another gate it reports a cancelled
// login.
func abandonsAttempt(s *script) {
	if s.gate.live {
		s.begin()
		return
	}
	s.fail(cancelled)
}

// failsUnattributed schedules an attempt that belongs to no user (LOGIN-9).
func failsUnattributed(s *script) {
	if s.day.chance.IntN(2) == 0 {
		reportsUnknownUser(s)
		return
	}
	mistypesName(s)
	s.pause(5*time.Second, 20*time.Second)
	s.succeed()
}

// reportsUnknownUser reports an attempt in one command, because a gate checks its directory
// before it begins an attempt (LOGIN-9).
func reportsUnknownUser(s *script) {
	s.user = unknownNames[s.day.chance.IntN(len(unknownNames))]
	s.report(domain.Failed, domain.UnknownUser)
}

// mistypesName reports an attempt with an invalid spelling of the user name, and restores s.user.
func mistypesName(s *script) {
	right := s.user
	switch s.day.chance.IntN(3) {
	case 0:
		s.user = strings.ToUpper(right[:1]) + right[1:]
	case 1:
		s.user = right + " "
	default:
		s.user = right + "@example.com"
	}
	s.report(domain.Failed, badCredentials)
	s.user = right
}
