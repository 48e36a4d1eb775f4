package domain

import "time"

// Changes is what one record makes of the states that it names.
type Changes struct {
	Users   []UserChange // in order of the record's entities
	Account AccountChange
	Items   []ItemChange // each key once
}

// UserChange is what a record made of a user.
type UserChange struct {
	Name          string
	Before, After User
}

// AccountChange is what a record made of an account; of none, if ID is empty.
type AccountChange struct {
	ID    string
	After Account
}

// Fold takes records into states. It keeps its room from one record to the next,
// and is not safe for concurrent use.
type Fold struct{ fold }

// Take tells what r makes of the states s, which stand as they were before it.
// The changes are good until the next Take; what they point to for ever. An
// error is one of reading a state.
func (f *Fold) Take(s Before, r *Record) (*Changes, error) {
	f.before, f.command, f.seq, f.err = s, &r.Command, r.Seq, nil
	f.Users, f.Items, f.Account = f.Users[:0], f.Items[:0], AccountChange{}
	for _, e := range r.Entities {
		if err := f.open(e); err != nil {
			return nil, err
		}
	}
	for i := range r.Events {
		f.evolve(&r.Events[i])
	}
	for i := range f.Users {
		u := &f.Users[i].After
		u.Clock, u.Backfilled = r.Time, r.Command.Backfill
	}
	if f.Account.ID != "" {
		f.Account.After.Clock = r.Time
	}
	f.before, f.command = nil, nil
	return &f.Changes, f.err
}

// fold is one record on its way into the states.
type fold struct {
	Changes
	before  Before // the states the record; nil if its events are only supposed
	command *Command
	seq     uint64
	at      time.Time // of the event that evolves
	name    string    // of the user that evolves
	err     error     // of reading a state
}

func (f *fold) open(e Entity) error {
	if name, ok := e.User(); ok {
		u, err := f.before.User(name)
		f.Users = append(f.Users, UserChange{Name: name, Before: u, After: u})
		return err
	}
	if id, ok := e.Account(); ok {
		a, err := f.before.Account(id)
		f.Account = AccountChange{ID: id, After: a}
		return err
	}
	return nil
}

// evolve lets the states know of an event.
func (f *fold) evolve(e *Event) {
	f.at = e.At
	switch data := e.Data.(type) {
	case partyEvent:
		for i := range f.Users {
			f.name = f.Users[i].Name
			data.evolve(&f.Users[i].After, f)
		}
	case userEvent:
		if u := f.of(e.Entity); u != nil {
			data.evolve(u, f)
		}
	case accountEvent:
		data.evolve(&f.Account.After, f)
	case realmEvent:
		data.evolve(f)
	}
}

// of is the user whose event it is: the record's first unless it names another.
func (f *fold) of(e Entity) *User {
	for i := range f.Users {
		if name, _ := e.User(); e == "" || name == f.Users[i].Name {
			f.name = f.Users[i].Name
			return &f.Users[i].After
		}
	}
	return nil
}

// item is an item as the events so far have left it, nil if there is none.
func (f *fold) item(k ItemKey) Item {
	for i := range f.Items {
		if f.Items[i].Key == k {
			return f.Items[i].Item
		}
	}
	if f.before == nil || f.err != nil {
		return nil
	}
	var it Item
	it, f.err = f.before.Item(k)
	return it
}

// put changes an item, or lets it go if it is nil. What it was is left alone.
func (f *fold) put(k ItemKey, it Item) {
	for i := range f.Items {
		if f.Items[i].Key == k {
			f.Items[i].Item = it
			return
		}
	}
	f.Items = append(f.Items, ItemChange{Key: k, Item: it})
}

// add is put for what there was none of.
func (f *fold) add(k ItemKey, it Item) {
	f.Items = append(f.Items, ItemChange{Key: k, Item: it, New: true})
}
