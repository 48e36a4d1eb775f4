package domain

import (
	"slices"
	"time"
)

// reading is a trace that notes what of it was read.
type reading struct {
	*trace
	history  History
	before   uint64
	entities []Entity
	items    []ItemKey
}

func (s *reading) note(e Entity) {
	if !slices.Contains(s.entities, e) {
		s.entities = append(s.entities, e)
	}
}

func (s *reading) User(name string) (User, error) {
	s.note(UserEntity(name))
	return s.trace.User(name)
}

func (s *reading) Account(id string) (Account, error) {
	s.note(AccountEntity(id))
	return s.trace.Account(id)
}

func (s *reading) Clock(e Entity) (time.Time, error) {
	s.note(e)
	return s.trace.Clock(e)
}

func (s *reading) Item(k ItemKey) (Item, error) {
	if !slices.Contains(s.items, k) {
		s.items = append(s.items, k)
	}
	switch k.Kind {
	case HolderItem, JoinersItem:
		return s.held(k)
	case DeviceItem, CodeItem:
		s.note(UserEntity(k.Owner))
	case PolicyItem:
		s.note(SystemPolicy)
	}
	return s.trace.Item(k)
}

// held takes what the histories of some entities can't tell from the log.
func (s *reading) held(k ItemKey) (Item, error) {
	it, by, err := s.history.Held(k, s.before)
	if err != nil {
		return nil, err
	}
	s.drop(k)
	if it == nil {
		return nil, nil
	}
	s.Put(k, it)
	s.origin[k] = mark{seq: by.Seq, at: by.Time}
	return it, nil
}

// account is the account that was read, "" if none was.
func (s *reading) account() string {
	for _, e := range s.entities {
		if id, ok := e.Account(); ok {
			return id
		}
	}
	return ""
}
