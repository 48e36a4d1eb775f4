package projections

import (
	"time"

	"authledger/domain"
)

// Step is one record and its effects, as the folds of the catalog receive it. A fold MUST
// NOT change it, and MUST NOT keep it after it returns.
type Step struct {
	Commit  *domain.Commit // the commit that holds the record
	Record  *domain.Record
	Changes *domain.Changes // of the states of users, accounts and items
	Users   []UserStep      // the users that the record names, in its order

	items   []itemStep  // the items before the record, in the order of Changes.Items
	account *accountRow // row of the account that the record names, nil if it names no account

	zone     string         // the name of location
	location *time.Location // the time zone of the newest denied withdrawal; nil before one
}

// UserStep is the effect of a record on one user.
type UserStep struct {
	Entity        domain.Entity
	Name          string
	Before, After *domain.User

	row *userRow // row that holds After
}

// in returns the time zone with a name. Reading one takes longer than folding a record.
func (s *Step) in(zone string) *time.Location {
	if s.location == nil || s.zone != zone {
		s.zone, s.location = zone, (&domain.Account{Zone: zone}).Location()
	}
	return s.location
}

// isOf reports whether an event is about an entity. An event without an entity is about the
// first entity of the record.
func (s *Step) isOf(e domain.Event, entity domain.Entity) bool {
	if e.Entity == "" {
		return entity == s.Record.Entities[0]
	}
	return e.Entity == entity
}

// entityRows reads the rows of users and accounts before a record.
type entityRows interface {
	user(name string) (*userRow, error)
	account(id string) (*accountRow, error)
}

// setRows sets the users and the account of the step from the changes of its record. It
// allocates the rows.
func (s *Step) setRows(before entityRows) error {
	seq := int64(s.Record.Seq)
	s.Users, s.account = s.Users[:0], nil
	for i := range s.Changes.Users {
		u := &s.Changes.Users[i]
		was, err := before.user(u.Name)
		if err != nil {
			return err
		}
		row := &userRow{last: seq, user: u.After, count: was.count + 1, first: was.first}
		if was.count == 0 {
			row.first = seq
		}
		s.Users = append(s.Users, UserStep{domain.UserEntity(u.Name), u.Name, &u.Before, &row.user, row})
	}
	if a := &s.Changes.Account; a.ID != "" {
		was, err := before.account(a.ID)
		if err != nil {
			return err
		}
		s.account = &accountRow{last: seq, account: a.After, count: was.count + 1, withdrawals: was.withdrawals}
		for _, c := range s.Changes.Items {
			if c.New && c.Key.Kind == domain.WithdrawalItem && len(ListedWith(c)) > 0 {
				s.account.withdrawals++
			}
		}
	}
	return nil
}
