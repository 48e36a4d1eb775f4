package domain

import "time"

// Changes is the effect of one record on the states.
type Changes struct {
	Users   []UserChange // in order of the record's entities
	Account AccountChange
	Items   []ItemChange // each key once
}

// UserChange is a user before and after a record.
type UserChange struct {
	Name          string
	Before, After User
}

// AccountChange is an account before and after a record. ID is empty if the record names no
// account.
type AccountChange struct {
	ID            string
	Before, After Account
}

// Fold applies records to states. It reuses its buffers between records, and is not safe
// for concurrent use.
type Fold struct{ fold }

// Take returns the changes that r makes to the states s before r. The returned Changes are
// valid until the next call of Take. The states and items in them stay valid. An error means
// that a state could not be read.
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

// fold is the application of one record to the states.
type fold struct {
	Changes
	before  Before // the states before the record; nil if the events belong to no record
	command *Command
	seq     uint64
	at      time.Time // of the event that is being applied
	name    string    // of the user that is being changed
	err     error     // the first error of reading a state
}

func (f *fold) open(e Entity) error {
	if name, ok := e.User(); ok {
		u, err := f.before.User(name)
		after := u
		if f.command.namesUser(name) {
			after.Forgotten = time.Time{} // the command starts a new person
		}
		f.Users = append(f.Users, UserChange{Name: name, Before: u, After: after})
		return err
	}
	if id, ok := e.Account(); ok {
		a, err := f.before.Account(id)
		f.Account = AccountChange{ID: id, Before: a, After: a}
		return err
	}
	return nil
}

// evolve applies an event to the states.
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

// of returns the user of an event of entity e: the first user of the record if e is "".
func (f *fold) of(e Entity) *User {
	for i := range f.Users {
		if name, _ := e.User(); e == "" || name == f.Users[i].Name {
			f.name = f.Users[i].Name
			return &f.Users[i].After
		}
	}
	return nil
}

// item returns an item after the events so far, nil if it does not exist.
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

// put replaces an item, or deletes it if it is nil. It does not modify the former value.
func (f *fold) put(k ItemKey, it Item) {
	for i := range f.Items {
		if f.Items[i].Key == k {
			f.Items[i].Item = it
			return
		}
	}
	f.Items = append(f.Items, ItemChange{Key: k, Item: it})
}

// add adds an item that did not exist before the record.
func (f *fold) add(k ItemKey, it Item) {
	f.Items = append(f.Items, ItemChange{Key: k, Item: it, New: true})
}
