package explain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"authledger/domain"
)

// readStates is a [History] that notes which states a decision read, and reads each user,
// account and item once.
type readStates struct {
	History
	entities []domain.Entity
	items    []domain.ItemKey
	users    map[string]domain.User
	accounts map[string]domain.Account
	found    map[domain.ItemKey]domain.Item
}

func newReadStates(h History) *readStates {
	return &readStates{
		History: h, users: map[string]domain.User{}, accounts: map[string]domain.Account{}, found: map[domain.ItemKey]domain.Item{},
	}
}

func (s *readStates) note(e domain.Entity) {
	if !slices.Contains(s.entities, e) {
		s.entities = append(s.entities, e)
	}
}

// User returns the state of a user.
func (s *readStates) User(name string) (domain.User, error) {
	s.note(domain.UserEntity(name))
	return once(s.users, name, s.History.User)
}

// Account returns the state of an account.
func (s *readStates) Account(id string) (domain.Account, error) {
	s.note(domain.AccountEntity(id))
	return once(s.accounts, id, s.History.Account)
}

// Clock returns the clock of an entity.
func (s *readStates) Clock(e domain.Entity) (time.Time, error) {
	s.note(e)
	return s.History.Clock(e)
}

// Item returns an item, nil if it does not exist.
func (s *readStates) Item(k domain.ItemKey) (domain.Item, error) {
	if !slices.Contains(s.items, k) {
		s.items = append(s.items, k)
	}
	switch k.Kind {
	case domain.DeviceItem, domain.CodeItem:
		s.note(domain.UserEntity(k.Owner))
	case domain.PolicyItem:
		s.note(domain.SystemPolicy)
	case domain.TokenItem, domain.TokenClaimItem, domain.WebhookItem, domain.ConfigSizeItem:
		s.note(domain.SystemConfig)
	}
	return once(s.found, k, s.History.Item)
}

// once returns the state of a key from states, or reads it and adds it to states.
func once[K comparable, S any](states map[K]S, k K, read func(K) (S, error)) (S, error) {
	if s, ok := states[k]; ok {
		return s, nil
	}
	s, err := read(k)
	if err == nil {
		states[k] = s
	}
	return s, err
}

// facts returns all parts of the states that the decision read. It does not look up the
// records that set these parts; the function cite does.
func (s *readStates) facts() (all []Fact, err error) {
	for _, e := range s.entities {
		facts, err := s.entityFacts(e)
		if err != nil {
			return nil, err
		}
		all = append(all, facts...)
	}
	for _, k := range s.items {
		if f, ok := s.itemFact(k); ok && !slices.ContainsFunc(all, f.isContainedIn) {
			all = append(all, f)
		}
	}
	return all, nil
}

func (s *readStates) entityFacts(e domain.Entity) ([]Fact, error) {
	if name, ok := e.User(); ok {
		u, err := once(s.users, name, s.History.User)
		return userFacts(e, name, &u), err
	}
	p := parts{of: e}
	if id, ok := e.Account(); ok {
		a, err := once(s.accounts, id, s.History.Account)
		p.add(!a.Clock.IsZero(), clockFact, "", &FactClock{Clock: a.Clock})
		p.add(a.Zone != "", zoneFact, "", &FactText{a.Zone})
		return p.facts, err
	}
	clock, err := s.History.Clock(e)
	p.add(!clock.IsZero(), clockFact, "", &FactClock{Clock: clock})
	return p.facts, err
}

// parts collects the facts about one entity.
type parts struct {
	of    domain.Entity
	facts []Fact
}

func (p *parts) add(exists bool, kind, id string, state domain.Data) {
	if exists {
		p.facts = append(p.facts, Fact{Of: p.of, Kind: kind, State: state, part: partID(kind, id)})
	}
}

func userFacts(e domain.Entity, name string, u *domain.User) []Fact {
	p := parts{of: e}
	p.add(!u.Clock.IsZero(), clockFact, "", &FactClock{u.Clock, u.Backfilled})
	for i, at := range u.Run.Failures {
		p.add(true, failureFact, "", &FactInstant{at})
		p.facts[len(p.facts)-1].later = len(u.Run.Failures) - 1 - i
	}
	p.add(u.Lock.Held, lockFact, "", &u.Lock)
	for i := range u.Attempts {
		p.add(true, attemptFact, u.Attempts[i].ID, &u.Attempts[i])
	}
	p.add(u.Identity.Fingerprint != "", fingerprintFact, "", &FactText{u.Identity.Fingerprint})
	p.add(u.Identity.Verified, verificationFact, "", &FactInstant{u.Identity.VerifiedAt})
	p.add(!u.SMS.IsZero(), smsFact, "", &FactInstant{u.SMS})
	p.add(u.Turns > 0, turnsFact, "", &FactTurns{u.Turns, u.Activated})
	for i := range u.Holds {
		p.add(true, holdFact, u.Holds[i].Case, &u.Holds[i])
	}
	p.add(!u.Forgotten.IsZero(), forgottenFact, "", &FactInstant{u.Forgotten})
	for i := range u.Shares {
		p.add(true, shareFact, u.Shares[i].ID, &u.Shares[i])
	}
	for i := range u.Devices {
		d := &u.Devices[i]
		p.facts = append(p.facts, Fact{Of: e, Kind: deviceFact, State: d, item: domain.DeviceKey(name, d.ID)})
	}
	for i := range u.Codes {
		c := &u.Codes[i]
		p.facts = append(p.facts, Fact{Of: e, Kind: codeFact, State: c, item: domain.CodeKey(name, c.ID)})
	}
	return p.facts
}

// itemFact returns the fact about an item that the decision read. It reports whether the
// item exists.
func (s *readStates) itemFact(k domain.ItemKey) (Fact, bool) {
	user := domain.UserEntity(k.Owner)
	switch it := s.found[k].(type) {
	case *domain.Device:
		return Fact{Of: user, Kind: deviceFact, State: it, item: k}, true
	case *domain.Code:
		return Fact{Of: user, Kind: oldCodeFact, State: it, item: k}, true
	case *domain.Joiners:
		return Fact{Of: user, Kind: joinersFact, State: &FactHolders{Device: k.ID, Through: k.Owner, Users: it.Users}, item: k}, true
	case *domain.Holder:
		return Fact{Kind: holderFact, State: &FactHolders{Device: k.ID, Users: []string{it.User}}, item: k}, true
	case *domain.Sharing:
		return Fact{Kind: sharingFact, State: it, item: k}, true
	case *domain.Policy:
		return Fact{Kind: labelFact, State: it, item: k}, true
	case *domain.Token, *domain.TokenClaim, *domain.Webhook, *domain.ConfigSize:
		return configFact(k, it), true
	case *domain.OpenWithdrawals:
		return Fact{Kind: openWithdrawalsFact, State: &FactOpenWithdrawals{k.Owner, it.Count}, item: k}, true
	case *domain.Withdrawal:
		a := s.accounts[k.Owner]
		return withdrawalFactOf(k.Owner, it, &a), true
	}
	return Fact{}, false
}

// configFact returns the fact about an item of the configuration.
func configFact(k domain.ItemKey, it domain.Item) Fact {
	f := Fact{State: it, item: k}
	switch it := it.(type) {
	case *domain.Token:
		f.Kind = tokenFact
	case *domain.TokenClaim:
		f.Kind, f.State = tokenClaimFact, &FactClaim{Member: k.Owner, Value: k.ID, Token: it.Token}
	case *domain.Webhook:
		f.Kind = webhookFact
	case *domain.ConfigSize:
		f.Kind = configSizeFact
	}
	return f
}

// isContainedIn reports whether other contains the state of f. A decision can read a device or
// a live code twice: as a part of the user's state, and as an item.
func (f *Fact) isContainedIn(other Fact) bool {
	return other.Of == f.Of && other.id() == f.id() && strings.HasSuffix(f.Kind, other.Kind)
}

// cite sets Seq and At of each fact to those of the record that set it, and Says to its sentence.
func (s *readStates) cite(facts []Fact) error {
	for i := range facts {
		f := &facts[i]
		if f.Seq == 0 {
			by, err := s.setBy(f)
			if err != nil {
				return err
			}
			if by.Seq == 0 {
				return fmt.Errorf("find the record that set the %s of %s: not found", f.Kind, f.Of)
			}
			f.Seq, f.At = by.Seq, by.At
		}
		f.Says = factKinds[f.Kind].say(f)
	}
	return nil
}

func (s *readStates) setBy(f *Fact) (Origin, error) {
	switch {
	case f.item.Kind != 0:
		return s.ItemSetBy(f.item)
	case f.Kind == clockFact:
		return s.ClockSetBy(f.Of)
	}
	return s.PartSetBy(f.Of, f.part, f.later)
}
