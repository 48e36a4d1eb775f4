package explain

import (
	"strconv"

	"authledger/domain"
)

// This file explains the commands that the ledger itself sends, and the clock of each entity.

var systemCommands = []commandKind{
	command[*domain.TimerFire]{text: func(_ *domain.Record, c *domain.TimerFire) string {
		return "the ledger's timer recorded the events that were due for " + c.Entity
	}},
	command[*domain.AuditRead]{text: func(_ *domain.Record, c *domain.AuditRead) string {
		return "the caller " + c.Reader + ", with the role " + c.Role + ", requested " + c.Query + revealText(c)
	}},
	command[*domain.AuditVerify]{text: func(_ *domain.Record, c *domain.AuditVerify) string { return verifyText(c) }},
}

// verifyText states the range of a verification, as far as the verification has determined it.
func verifyText(c *domain.AuditVerify) string {
	text := "the caller " + c.Verifier + ", with the role " + c.Role + ", verified the log from record " + strconv.FormatInt(c.From, 10)
	switch {
	case c.To > 0:
		return text + " to record " + strconv.FormatInt(c.To, 10) + " and found no fault"
	case c.Fault > 0:
		return text + " and found a fault at record " + strconv.FormatInt(c.Fault, 10)
	case c.Result == domain.VerificationDamaged:
		return text + " and found a fault"
	case c.Result == domain.VerificationStopped:
		return text + ", and the verification was stopped before its end"
	}
	return text + ", and the verification could not read the whole log"
}

func revealText(c *domain.AuditRead) string {
	if !c.Reveal {
		return ""
	}
	return " with the sealed members in clear text, for the purpose: " + c.Purpose
}

var systemEvents = []eventKind{
	event[*domain.AuditWasRead]{text: func(*domain.Event, *domain.AuditWasRead, string) string {
		return "the ledger recorded the request before it returned any data"
	}},
	event[*domain.AuditVerified]{text: func(*domain.Event, *domain.AuditVerified, string) string {
		return "the ledger recorded the end of the verification"
	}},
}

var systemFactKinds = []factKind{
	fact[*FactClock]{
		name: clockFact, empty: func() domain.Data { return new(FactClock) },
		text: func(f *Fact, s *FactClock) string {
			return "The newest record of " + string(f.Of) + " before this record had the time " + stamp(s.Clock) + "."
		},
		restore: restoreClock,
	},
}

func restoreClock(to *States, f *Fact, s *FactClock) {
	to.clocks[f.Of] = s.Clock
	onUser(func(u *domain.User, s *FactClock) { u.Clock, u.Backfilled = s.Clock, s.Backfilled })(to, f, s)
	onAccount(func(a *domain.Account, s *FactClock) { a.Clock = s.Clock })(to, f, s)
}
