package loadgen

import (
	"time"

	"authledger/domain"
)

// The failure reasons of LOGIN-3.
const (
	badCredentials  = "bad_credentials"
	badCode         = "bad_code"
	expiredCode     = "expired_code"
	wrongCase       = "wrong_case"
	hasSpaces       = "has_spaces"
	cancelled       = "cancelled"
	codeNotReceived = "code_not_received"
	gatewayError    = "gateway_error"
)

// script schedules the steps of one user at one gate.
type script struct {
	day     *day
	now     time.Duration
	user    string
	address string
	gate    gate
	device  string // the device that authenticates the user, "" if unknown
	// isUnreliable: the gate's connection repeats and delays some commands.
	isUnreliable bool
}

func (s *script) wait(d time.Duration) { s.now += d }

// pause adds a random duration between two steps of a person.
func (s *script) pause(least, most time.Duration) {
	s.wait(least + time.Duration(s.day.chance.Int64N(int64(most-least))).Truncate(time.Millisecond))
}

func (s *script) send(data domain.CommandData) { s.sendLate(0, data) }

func (s *script) sendLate(late time.Duration, data domain.CommandData) {
	id := s.day.nextID()
	s.day.schedule(s.now, s.now+late, s.gate, data, id)
	if s.isUnreliable && s.day.sent%resentOf == 0 {
		s.day.schedule(s.now, s.now+late+resentAfter, s.gate, data, id)
	}
}

// From an unreliable gate, one command in resentOf arrives again after resentAfter, and one report
// in lateOf arrives late.
const (
	resentOf    = 400
	resentAfter = 3 * time.Second
	lateOf      = 500
)

// succeed and fail schedule one attempt: two commands at a live gate, one report at another gate.
func (s *script) succeed()           { s.try(domain.Succeeded, "") }
func (s *script) fail(reason string) { s.try(domain.Failed, reason) }

func (s *script) try(outcome domain.Outcome, reason string) {
	if !s.gate.live {
		s.report(outcome, reason)
		return
	}
	attempt := s.begin()
	s.pause(2*time.Second, 15*time.Second)
	s.finish(attempt, outcome, reason)
}

func (s *script) begin() (attempt string) {
	attempt = s.day.nextID()
	s.send(&domain.LoginBegin{
		User: s.user, Attempt: attempt, Platform: s.gate.platform,
		ClientVersion: s.gate.version, IP: s.address, UserAgent: s.gate.userAgent,
	})
	return attempt
}

func (s *script) finish(attempt string, outcome domain.Outcome, reason string) {
	s.send(&domain.LoginFinish{User: s.user, Attempt: attempt, Outcome: outcome, Reason: reason, Device: s.device})
}

func (s *script) report(outcome domain.Outcome, reason string) {
	late := time.Duration(0)
	if s.isUnreliable && s.day.sent%lateOf == 0 {
		late = MaxLateness / 2
	}
	s.reportLate(late, outcome, reason)
}

func (s *script) reportLate(late time.Duration, outcome domain.Outcome, reason string) {
	s.sendLate(late, &domain.LoginReport{
		User: s.user, Outcome: outcome, Reason: reason, Platform: s.gate.platform,
		ClientVersion: s.gate.version, Device: s.device, IP: s.address, UserAgent: s.gate.userAgent,
	})
}

// sendTwice sends one report twice under one id, as a gateway does that received no response.
func (s *script) sendTwice(outcome domain.Outcome, reason string, apart time.Duration) {
	id := s.day.nextID()
	for _, late := range []time.Duration{0, apart} {
		s.day.schedule(s.now, s.now+late, s.gate, &domain.LoginReport{
			User: s.user, Outcome: outcome, Reason: reason, Platform: s.gate.platform, IP: s.address,
		}, id)
	}
}
