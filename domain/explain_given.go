package domain

import (
	"slices"

	"authledger/domain/calendar"
)

// Given is the states that some facts make, and a policy. An account's sums are
// added up again from the withdrawals.
func Given(p *Policy, facts []Fact) *Folded {
	f := NewFolded(p)
	for i := range facts {
		f.given(&facts[i])
	}
	for id, a := range f.accounts {
		f.accounts[id] = a.added(f.Items(WithdrawalItem, id))
	}
	return f
}

// given puts a fact where it belongs.
func (f *Folded) given(fact *Fact) {
	switch s := fact.State.(type) {
	case *FactClock:
		f.clocks[fact.Of] = s.Clock
	case *Sharing:
		f.items[sharingKey(s.ID)] = s
	case *Policy:
		f.items[policyKey(s.Version)] = s.Compiled()
	case *FactHolders:
		f.held(s)
	}
	if name, ok := fact.Of.User(); ok {
		u := f.users[name]
		f.givenUser(name, &u, fact)
		f.users[name] = u
	}
	if id, ok := fact.Of.Account(); ok {
		a := f.accounts[id]
		f.givenAccount(id, &a, fact)
		f.accounts[id] = a
	}
}

func (f *Folded) held(h *FactHolders) {
	if h.Through != "" {
		f.items[joinersKey(h.Through, h.Device)] = &Joiners{h.Users}
		return
	}
	f.items[holderKey(h.Device)] = &Holder{h.Users[0]}
}

func (f *Folded) givenUser(name string, u *User, fact *Fact) {
	switch s := fact.State.(type) {
	case *FactClock:
		u.Clock, u.Backfilled = s.Clock, s.Backfilled
	case *Lock:
		u.Lock = *s
	case *Attempt:
		u.Attempts = append(u.Attempts, *s)
	case *FactText:
		u.Identity.Fingerprint = s.Text
	case *FactTurns:
		u.Turns, u.Activated = s.Turns, s.Activated
	case *FactInstant:
		u.given(fact.Kind, s)
	case *Share:
		u.Shares = append(u.Shares, *s)
	case *Device:
		f.items[deviceKey(name, s.ID)] = s
		if !s.gone() {
			u.Devices = append(u.Devices, *s)
		}
	case *Code:
		f.items[codeKey(name, s.ID)] = s
		if fact.Kind == codeFact {
			u.Codes = append(u.Codes, *s)
		}
	}
}

func (u *User) given(kind string, s *FactInstant) {
	switch kind {
	case failureFact:
		u.Run.Failures = append(u.Run.Failures, s.At)
	case verificationFact:
		u.Identity.Verified, u.Identity.VerifiedAt = true, s.At
	case smsFact:
		u.SMS = s.At
	}
}

func (f *Folded) givenAccount(id string, a *Account, fact *Fact) {
	switch s := fact.State.(type) {
	case *FactClock:
		a.Clock = s.Clock
	case *FactText:
		a.Zone = s.Text
	case *FactWithdrawal:
		f.items[withdrawalKey(id, s.ID)] = &s.Withdrawal
	}
}

// added is the account with its sums added up from its withdrawals.
func (a Account) added(withdrawals map[string]Item) Account {
	var all []*Withdrawal
	for _, it := range withdrawals {
		if w := it.(*Withdrawal); w.State != Denied && w.State != Cancelled {
			all = append(all, w)
		}
	}
	slices.SortFunc(all, func(x, y *Withdrawal) int { return x.Time.Compare(y.Time) })
	a.Days = nil
	for _, w := range all {
		a.add(calendar.DateOf(w.Time, location(a.Zone)), w.USD)
	}
	return a
}
