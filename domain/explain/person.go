package explain

import "authledger/domain"

var personCommands = []commandKind{
	command[*domain.PersonForget]{
		text: func(_ *domain.Record, c *domain.PersonForget) string {
			return person(c.By) + " requested the erasure of the personal data of user " + c.User + caseText(c.Case, c.Purpose)
		},
		sought: func(*domain.PersonForget) []string { return []string{holdFact, openWithdrawalsFact} },
	},
	command[*domain.PersonHold]{text: func(_ *domain.Record, c *domain.PersonHold) string {
		return person(c.By) + " requested a hold on the personal data of user " + c.User + caseText(c.Case, c.Purpose)
	}},
	command[*domain.PersonRelease]{
		text: func(_ *domain.Record, c *domain.PersonRelease) string {
			return person(c.By) + " requested the end of the hold on the personal data of user " + c.User + caseText(c.Case, c.Purpose)
		},
		sought: func(*domain.PersonRelease) []string { return []string{holdFact} },
	},
	command[*domain.PersonIntroduce]{text: func(_ *domain.Record, c *domain.PersonIntroduce) string {
		return "the ledger introduced user " + c.User + ", a pseudonym of a person whose name is sealed"
	}},
}

func caseText(number, purpose string) string {
	if purpose == "" {
		return " in the case " + number
	}
	return " in the case " + number + ", for the purpose: " + purpose
}

var personEvents = []eventKind{
	event[*domain.PersonIntroduced]{text: func(_ *domain.Event, _ *domain.PersonIntroduced, user string) string {
		return "user " + user + " stands for a person from this record on"
	}},
	event[*domain.PersonForgotten]{text: func(_ *domain.Event, _ *domain.PersonForgotten, user string) string {
		return "user " + user + " is forgotten: the ledger destroyed the keys of the personal data, and a later command with this name starts a new person"
	}},
	event[*domain.PersonHeld]{text: func(_ *domain.Event, _ *domain.PersonHeld, user string) string {
		return "the hold forbids the erasure of user " + user + " until its release"
	}},
	event[*domain.PersonReleased]{text: func(_ *domain.Event, _ *domain.PersonReleased, user string) string {
		return "the hold of the case no longer forbids the erasure of user " + user
	}},
}

// FactOpenWithdrawals is the number of open withdrawals of a user.
type FactOpenWithdrawals struct {
	User  string
	Count int64
}

// Members lists the members of the state.
func (o *FactOpenWithdrawals) Members(v domain.Visitor) {
	v.Text("user", &o.User, domain.Need)
	v.Count("count", &o.Count, domain.Need)
}

var personFactKinds = []factKind{
	fact[*domain.Hold]{
		name: holdFact, empty: func() domain.Data { return new(domain.Hold) },
		text: func(f *Fact, s *domain.Hold) string {
			return "The case " + s.Case + " held the personal data of user " + f.user() + " since " + stamp(s.Since) + "."
		},
		restore: onUser(func(u *domain.User, s *domain.Hold) { u.Holds = append(u.Holds, *s) }),
	},
	fact[*FactInstant]{
		name: forgottenFact, empty: func() domain.Data { return new(FactInstant) },
		text: func(f *Fact, s *FactInstant) string {
			return "User " + f.user() + " was forgotten at " + stamp(s.At) + "."
		},
		restore: onUser(func(u *domain.User, s *FactInstant) { u.Forgotten = s.At }),
	},
	fact[*FactOpenWithdrawals]{
		name: openWithdrawalsFact, empty: func() domain.Data { return new(FactOpenWithdrawals) },
		text: func(_ *Fact, s *FactOpenWithdrawals) string {
			return "User " + s.User + " had " + plural(s.Count, "open withdrawal") + ", neither settled nor cancelled."
		},
		restore: func(to *States, _ *Fact, s *FactOpenWithdrawals) {
			to.items[domain.OpenWithdrawalsKey(s.User)] = &domain.OpenWithdrawals{Count: s.Count}
		},
	},
}
