package explain

import "authledger/domain"

// This file explains the commands that the ledger itself sends, and the clock of each entity.

var systemCommands = []commandKind{
	command[*domain.TimerFire]{text: func(_ *domain.Record, c *domain.TimerFire) string {
		return "the ledger's timer recorded the events that were due for " + c.Entity
	}},
	command[*domain.AuditRead]{text: func(_ *domain.Record, c *domain.AuditRead) string {
		return "the caller " + c.Reader + ", with the role " + c.Role + ", requested " + c.Query + revealText(c)
	}},
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
