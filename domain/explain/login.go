package explain

import (
	"fmt"

	"authledger/domain"
)

var loginCommands = []commandKind{
	command[*domain.LoginBegin]{
		text: func(r *domain.Record, c *domain.LoginBegin) string {
			return "the client requested the login attempt " + c.Attempt + " of " + loginUser(r, c.User) + " on the platform " + c.Platform
		},
		sought: loginFacts[*domain.LoginBegin], ignoresNames: true,
		numbers: (*explaining).attemptLine,
	},
	command[*domain.LoginFinish]{
		text: func(r *domain.Record, c *domain.LoginFinish) string {
			return "the client reported that the login attempt " + c.Attempt + " of " + loginUser(r, c.User) + " " + outcomeText(c.Outcome, c.Reason)
		},
		sought: loginFacts[*domain.LoginFinish], ignoresNames: true,
	},
	command[*domain.LoginReport]{
		text: func(r *domain.Record, c *domain.LoginReport) string {
			return "the client reported that a login of " + loginUser(r, c.User) + " " + outcomeText(c.Outcome, c.Reason)
		},
		sought: loginFacts[*domain.LoginReport], ignoresNames: true,
	},
}

func loginFacts[C domain.CommandData](C) []string { return []string{failureFact, lockFact} }

// loginUser returns the user of a login command. It does not show the user name of an
// unattributed attempt.
func loginUser(r *domain.Record, user string) string {
	if r.Unattributed() != nil {
		return "an unknown user"
	}
	return "user " + user
}

func outcomeText(o domain.Outcome, reason string) string {
	if reason == "" {
		return string(o)
	}
	return string(o) + " with the reason " + reason
}

var loginEvents = []eventKind{
	event[*domain.LoginStarted]{
		text: func(_ *domain.Event, data *domain.LoginStarted, user string) string {
			return "the attempt of user " + user + " is open until " + stamp(data.Until) + ", and lapses then"
		},
		numbers: func(x *explaining, e *domain.Event, data *domain.LoginStarted) []string {
			return []string{spanLine(e.At, x.policy.AttemptTTL(), data.Until, "the attempt lapses")}
		},
	},
	event[*domain.LoginSucceeded]{text: func(_ *domain.Event, _ *domain.LoginSucceeded, user string) string {
		return "user " + user + " is logged in, and the count of failed logins restarts at 0"
	}},
	event[*domain.LoginFailed]{
		text: func(_ *domain.Event, data *domain.LoginFailed, user string) string {
			if !domain.CountsAsFailure(data.Reason) {
				return fmt.Sprintf("a failure with the reason %s does not count; user %s still has %s", data.Reason, user, plural(data.Failures, "counted failure"))
			}
			return "user " + user + " now has " + plural(data.Failures, "counted failure")
		},
		numbers: func(x *explaining, _ *domain.Event, data *domain.LoginFailed) []string { return x.failureLine(data) },
	},
	event[*domain.LoginAbandoned]{text: func(e *domain.Event, data *domain.LoginAbandoned, user string) string {
		return "the login attempt " + data.Attempt + " of user " + user + " lapsed at " + stamp(e.At) + ", which does not count as a failure"
	}},
	event[*domain.LoginUnattributed]{text: func(*domain.Event, *domain.LoginUnattributed, string) string {
		return "the ledger recorded the attempt under the source address, and the attempt counts for no user"
	}},
}

// failureLine returns the number of counted failures up to a failed login.
func (x *explaining) failureLine(failed *domain.LoginFailed) []string {
	if !domain.CountsAsFailure(failed.Reason) {
		return []string{"The reason " + failed.Reason + " does not count as a failure (LOGIN-3)."}
	}
	name, _ := x.record.Entities[0].User()
	run := x.read.users[name].At(x.record.Time).Run
	kept := run.Failures[max(0, len(run.Failures)-int(failed.Failures)+1):]
	line := fmt.Sprintf("This is counted failure %d of the %d that start a lockout.", failed.Failures, x.policy.Failures)
	if len(kept) > 0 {
		line += fmt.Sprintf(" The first was at %s and the last at %s, %s apart. The policy counts failures within %s.",
			stamp(kept[0]), stamp(x.record.Time), x.record.Time.Sub(kept[0]), x.policy.FailureWindow())
	}
	return []string{line}
}

// attemptLine compares the counted failures and the open attempts with the limit (LOCK-6).
func (x *explaining) attemptLine(given *States, c *domain.LoginBegin) []string {
	if x.record.Reason != "" && x.record.Reason != domain.AttemptsInFlight {
		return nil
	}
	u := given.users[c.User].At(x.record.Time)
	failures, open := u.Run.Within(x.policy, x.record.Time), len(u.Attempts)
	relation := "below"
	if failures+open >= int(x.policy.Failures) {
		relation = "not below"
	}
	return []string{fmt.Sprintf("%s + %s = %d, %s the limit of %d.", plural(int64(failures), "counted failure"), plural(int64(open), "open attempt"),
		failures+open, relation, x.policy.Failures)}
}

var loginFactKinds = []factKind{
	fact[*FactInstant]{
		name: failureFact, empty: func() domain.Data { return new(FactInstant) },
		text: func(f *Fact, s *FactInstant) string {
			return "A login of user " + f.user() + " failed at " + stamp(s.At) + ", and the failure counts towards a lockout."
		},
		restore: onUser(func(u *domain.User, s *FactInstant) { u.Run.Failures = append(u.Run.Failures, s.At) }),
	},
	fact[*domain.Attempt]{
		name: attemptFact, empty: func() domain.Data { return new(domain.Attempt) },
		text: func(f *Fact, s *domain.Attempt) string {
			return "The login attempt " + s.ID + " of user " + f.user() + " was open until " + stamp(s.Until) + "."
		},
		id:      func(s *domain.Attempt) string { return s.ID },
		restore: onUser(func(u *domain.User, s *domain.Attempt) { u.Attempts = append(u.Attempts, *s) }),
	},
}
