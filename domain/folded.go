package domain

import (
	"iter"
	"maps"
	"time"
)

// Folded holds, in memory, the states after a history: for example the states at an instant
// of the past, or under another policy. Its size grows with the number of states. It is not
// safe for concurrent use.
type Folded struct {
	policy   *Policy
	users    map[string]User
	accounts map[string]Account
	clocks   map[Entity]time.Time
	items    map[ItemKey]Item
	fold     Fold
}

// NewFolded returns the states of a ledger without records, in which p is in force.
func NewFolded(p *Policy) *Folded {
	return &Folded{
		policy: p, users: make(map[string]User), accounts: make(map[string]Account),
		clocks: make(map[Entity]time.Time), items: make(map[ItemKey]Item),
	}
}

// Take applies a record and returns the changes. The returned Changes are valid until
// the next call of Take. A history may contain the records of some entities only. The states
// of the other entities are then missing.
func (f *Folded) Take(r *Record) (*Changes, error) {
	changes, err := f.fold.Take(f, r)
	if err != nil {
		return nil, err
	}
	for _, u := range changes.Users {
		f.users[u.Name] = u.After
	}
	if a := changes.Account; a.ID != "" {
		f.accounts[a.ID] = a.After
	}
	for _, c := range changes.Items {
		f.Put(c.Key, c.Item)
	}
	for _, e := range r.Entities {
		f.clocks[e] = r.Time
	}
	if p := r.Adopted(); p != nil {
		f.policy = p
	}
	return changes, nil
}

// Clone returns an independent copy.
func (f *Folded) Clone() *Folded {
	return &Folded{
		policy: f.policy, users: maps.Clone(f.users), accounts: maps.Clone(f.accounts),
		clocks: maps.Clone(f.clocks), items: maps.Clone(f.items),
	}
}

// Users returns all users that a record names, in no particular order.
func (f *Folded) Users() iter.Seq2[string, User] { return maps.All(f.users) }

// Put sets the item of a key without a record. A nil item deletes the item of the key.
func (f *Folded) Put(k ItemKey, it Item) {
	if it == nil {
		delete(f.items, k)
		return
	}
	f.items[k] = it
}

// Adopt sets the policy in force.
func (f *Folded) Adopt(p *Policy) { f.policy = p }

func (f *Folded) Policy() *Policy                    { return f.policy }
func (f *Folded) User(name string) (User, error)     { return f.users[name], nil }
func (f *Folded) Account(id string) (Account, error) { return f.accounts[id], nil }
func (f *Folded) Clock(e Entity) (time.Time, error)  { return f.clocks[e], nil }
func (f *Folded) Item(k ItemKey) (Item, error)       { return f.items[k], nil }

// Withdrawals implements [Recent]. It scans all items.
func (f *Folded) Withdrawals(account string, since time.Time) ([]*Withdrawal, error) {
	var all []*Withdrawal
	for k, it := range f.items {
		if w, ok := it.(*Withdrawal); ok && k.Owner == account && w.Counts(since) {
			all = append(all, w)
		}
	}
	return all, nil
}

// Items returns the items of one kind and owner by id.
func (f *Folded) Items(kind ItemKind, owner string) map[string]Item {
	all := map[string]Item{}
	for k, it := range f.items {
		if k.Kind == kind && k.Owner == owner {
			all[k.ID] = it
		}
	}
	return all
}
