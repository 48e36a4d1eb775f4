package explain

import (
	"time"

	"authledger/domain"
)

var lockoutCommands = []commandKind{
	command[*domain.LockoutRelease]{
		text: func(_ *domain.Record, c *domain.LockoutRelease) string {
			return "the agent " + c.Agent + " requested the release of the lockout of user " + c.User
		},
		sought:   func(*domain.LockoutRelease) []string { return []string{verificationFact, lockFact} },
		verified: func(c *domain.LockoutRelease) string { return c.User },
	},
}

var lockoutEvents = []eventKind{
	event[*domain.LockoutStarted]{
		text: func(_ *domain.Event, data *domain.LockoutStarted, user string) string {
			return "user " + user + " is locked out " + lockedUntil(data.Until)
		},
		numbers: func(x *explaining, _ *domain.Event, data *domain.LockoutStarted) []string {
			return []string{plural(x.policy.Failures, "counted failure") + " lock the user out " + lockedUntil(data.Until) + "."}
		},
	},
	event[*domain.LockoutExtended]{text: func(_ *domain.Event, data *domain.LockoutExtended, user string) string {
		return "the lockout of user " + user + " now lasts " + lockedUntil(data.Until)
	}},
	event[*domain.LockoutExpired]{text: func(e *domain.Event, _ *domain.LockoutExpired, user string) string {
		return "the lockout of user " + user + " expired at " + stamp(e.At)
	}},
	event[*domain.LockoutReleased]{text: func(_ *domain.Event, data *domain.LockoutReleased, user string) string {
		return "user " + user + " is no longer locked out, " + closedAttempts(data.Attempts) + "and the count of failed logins restarts at 0"
	}},
}

// lockedUntil returns the end of a lockout. The zero time means that only support ends it.
func lockedUntil(until time.Time) string {
	if until.IsZero() {
		return "until support releases the lockout"
	}
	return "until " + stamp(until)
}

// closedAttempts states the number of open attempts that a release closed, "" for 0.
func closedAttempts(n int64) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 open attempt is closed, "
	}
	return plural(n, "open attempt") + " are closed, "
}

var lockoutFactKinds = []factKind{
	fact[*domain.Lock]{
		name: lockFact, empty: func() domain.Data { return new(domain.Lock) },
		text: func(f *Fact, s *domain.Lock) string {
			return "User " + f.user() + " was locked out at " + stamp(s.Since) + ", " + lockedUntil(s.Until) + "."
		},
		restore: onUser(func(u *domain.User, s *domain.Lock) { u.Lock = *s }),
	},
}
