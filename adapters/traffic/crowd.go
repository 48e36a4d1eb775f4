package traffic

import (
	"strings"
	"time"

	"authledger/domain"
)

// habits are the courses of a session, by their share.
var habits = []struct {
	perMille int
	play     func(s *script)
}{
	{860, (*script).succeed},
	{80, fatFingers},
	{20, secondFactor},
	{12, changesMind},
	{10, nobodys},
	{8, givesUp},
	{6, walksAway},
	{4, gatewayStumbles},
}

const perMilleAll = 1000

// stageSession plays one session of the crowd.
func (d *day) stageSession(at time.Duration) {
	person := scenePeople + d.chance.IntN(d.users)
	s := &script{
		day: d, now: at.Truncate(time.Millisecond), user: userName(person), address: homeAddress(person),
		gate: gateOf(person, mobileShare(d.start.Add(at).In(d.zone)), d.chance),
	}
	share := d.chance.IntN(perMilleAll)
	for _, h := range habits {
		if share -= h.perMille; share < 0 {
			h.play(s)
			return
		}
	}
}

func fatFingers(s *script) {
	for range 1 + s.day.chance.IntN(3) {
		s.fail(mistyped(s))
		s.pause(4*time.Second, 20*time.Second)
	}
	s.succeed()
}

func mistyped(s *script) string {
	return [...]string{badCredentials, badCredentials, badCredentials, wrongCase, hasSpaces}[s.day.chance.IntN(5)]
}

func secondFactor(s *script) {
	s.fail([...]string{badCode, badCode, expiredCode, codeNotReceived}[s.day.chance.IntN(4)])
	s.pause(10*time.Second, 40*time.Second)
	s.succeed()
}

func changesMind(s *script) { s.fail(cancelled) }

func gatewayStumbles(s *script) {
	s.fail(gatewayError)
	s.pause(5*time.Second, 30*time.Second)
	s.succeed()
}

func givesUp(s *script) {
	for range 1 + s.day.chance.IntN(2) {
		s.fail(mistyped(s))
		s.pause(4*time.Second, 20*time.Second)
	}
}

// walksAway leaves a reservation to lapse where the gate makes one.
func walksAway(s *script) {
	if s.gate.live {
		s.begin()
		return
	}
	s.fail(cancelled)
}

// nobodys are attempts that no user answers for (LOGIN-9).
func nobodys(s *script) {
	if s.day.chance.IntN(2) == 0 {
		stranger(s)
		return
	}
	misnamed(s)
	s.pause(5*time.Second, 20*time.Second)
	s.succeed()
}

// stranger is reported in one step: a gate asks its directory before it begins
//
func stranger(s *script) {
	s.user = strangers[s.day.chance.IntN(len(strangers))]
	s.report(domain.Failed, domain.UnknownUser)
}

// misnamed types the name as a person writes it.
func misnamed(s *script) {
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
