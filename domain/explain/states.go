package explain

import (
	"slices"
	"time"

	"authledger/domain"
	"authledger/domain/calendar"
)

// States are states that are built from facts and totals. They implement [domain.States]
// and [domain.Restated].
type States struct {
	policy   *domain.Policy
	users    map[string]domain.User
	accounts map[string]domain.Account
	clocks   map[domain.Entity]time.Time
	items    map[domain.ItemKey]domain.Item
	restated map[string][]domain.DaySum // the sums of each account for the days of the policy's zone
}

// Given builds states from a policy, facts and totals. The sums of an account come from its
// total. If the account has no total, Given adds up the account's withdrawals.
func Given(p *domain.Policy, facts []Fact, totals []Total) *States {
	s := &States{
		policy: p, users: map[string]domain.User{}, accounts: map[string]domain.Account{}, clocks: map[domain.Entity]time.Time{},
		items: map[domain.ItemKey]domain.Item{}, restated: map[string][]domain.DaySum{},
	}
	for i := range facts {
		if k, ok := factKinds[facts[i].Kind]; ok {
			k.put(s, &facts[i])
		}
	}
	for id := range s.accounts {
		s.addUp(id)
	}
	for i := range totals {
		s.addTotal(&totals[i])
	}
	return s
}

// Policy returns the policy of the states.
func (s *States) Policy() *domain.Policy { return s.policy }

// User returns the state of a user, the zero User if no fact is about it.
func (s *States) User(name string) (domain.User, error) { return s.users[name], nil }

// Account returns the state of an account, the zero Account if no fact is about it.
func (s *States) Account(id string) (domain.Account, error) { return s.accounts[id], nil }

// Clock returns the clock of an entity, zero if no fact is about it.
func (s *States) Clock(e domain.Entity) (time.Time, error) { return s.clocks[e], nil }

// Item returns an item, nil if no fact is about it.
func (s *States) Item(k domain.ItemKey) (domain.Item, error) { return s.items[k], nil }

// Restated returns the sums of an account for the days of the policy's zone.
func (s *States) Restated(account string) []domain.DaySum { return s.restated[account] }

// Withdrawals returns the withdrawals of an account that count since an instant.
func (s *States) Withdrawals(account string, since time.Time) (all []*domain.Withdrawal, err error) {
	for k, it := range s.items {
		if w, ok := it.(*domain.Withdrawal); ok && k.Owner == account && w.Counts(since) {
			all = append(all, w)
		}
	}
	return all, nil
}

// onUser returns a restore function that changes the state of the fact's user, if the fact
// is of a user.
func onUser[S any](change func(u *domain.User, state S)) func(*States, *Fact, S) {
	return func(to *States, f *Fact, state S) {
		if name, ok := f.Of.User(); ok {
			u := to.users[name]
			change(&u, state)
			to.users[name] = u
		}
	}
}

// onAccount returns a restore function that changes the state of the fact's account, if
// the fact is of an account.
func onAccount[S any](change func(a *domain.Account, state S)) func(*States, *Fact, S) {
	return func(to *States, f *Fact, state S) {
		if id, ok := f.Of.Account(); ok {
			a := to.accounts[id]
			change(&a, state)
			to.accounts[id] = a
		}
	}
}

// addUp sets the sums of an account to those of its withdrawals.
func (s *States) addUp(account string) {
	var all []*domain.Withdrawal
	for k, it := range s.items {
		w, ok := it.(*domain.Withdrawal)
		if ok && k.Owner == account && w.State != domain.Denied && w.State != domain.Cancelled {
			all = append(all, w)
		}
	}
	slices.SortFunc(all, func(x, y *domain.Withdrawal) int { return x.Time.Compare(y.Time) })
	a := s.accounts[account]
	a.Days = nil
	for _, w := range all {
		a.Add(calendar.DateOf(w.Time, a.Location()), w.USD)
	}
	s.accounts[account] = a
}

// addTotal sets the sums of an account for the days of the policy's zone. If the account has the
// days of another zone, addTotal keeps the sums for Restated, which [domain.Account.In] calls.
func (s *States) addTotal(t *Total) {
	id, ok := t.Of.Account()
	if !ok {
		return
	}
	var days []domain.DaySum
	for _, d := range t.Days {
		day, _ := calendar.Parse(d.Day)
		sum, _ := domain.ParseSum(d.USD)
		days = append(days, domain.DaySum{Day: day, Sum: sum})
	}
	a := s.accounts[id]
	if a.Zone != "" && a.Zone != s.policy.Zone {
		s.restated[id] = days
		return
	}
	a.Zone, a.Days = s.policy.Zone, days
	s.accounts[id] = a
}
