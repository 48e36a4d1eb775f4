package eventstore_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

// folded is a State in maps: as little code as can be, to test others by.
type folded struct {
	mu       sync.RWMutex
	at       domain.Position
	policy   *domain.Policy
	users    map[string]domain.User
	clocks   map[domain.Entity]time.Time
	commands map[[2]string]*domain.Record
	streams  []uint64 // by seq - 1
}

var _ eventstore.State = (*folded)(nil)

func newFolded() *folded {
	return &folded{
		policy: domain.IBKRSLS(), users: map[string]domain.User{}, clocks: map[domain.Entity]time.Time{},
		commands: map[[2]string]*domain.Record{},
	}
}

// clone is a State at the same position that goes its own way.
func (s *folded) clone() *folded {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return &folded{
		at: s.at, policy: s.policy, users: maps.Clone(s.users), clocks: maps.Clone(s.clocks),
		commands: maps.Clone(s.commands), streams: slices.Clone(s.streams),
	}
}

func (s *folded) Position() domain.Position {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.at
}

func (s *folded) Policy() *domain.Policy {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.policy
}

func (s *folded) User(name string) (domain.User, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.users[name], nil
}

func (s *folded) Clock(e domain.Entity) (time.Time, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.clocks[e], nil
}

func (s *folded) Command(source, id string) (uint64, domain.Hash, bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, found := s.commands[[2]string{source, id}]
	if !found {
		return 0, domain.Hash{}, false, nil
	}
	return r.Seq, r.Content, true, nil
}

func (s *folded) Locate(seq uint64) (uint64, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.streams[seq-1], nil
}

func (s *folded) Fold(c *domain.Commit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.First != s.at.Seq+1 || c.Stream != s.at.Stream+1 {
		return fmt.Errorf("commit %d of records from %d does not follow %+v", c.Stream, c.First, s.at)
	}
	for i := range c.Records {
		r := &c.Records[i]
		for _, e := range r.Entities {
			s.clocks[e] = r.Time
			if name, ok := e.User(); ok {
				s.users[name] = s.users[name].Fold(r)
			}
		}
		if p := r.Adopted(); p != nil {
			s.policy = p
		}
		kept := *r
		s.commands[[2]string{r.Command.Source, r.Command.ID}] = &kept
		s.streams = append(s.streams, c.Stream)
	}
	s.at = c.End()
	return nil
}

func (s *folded) Due(t time.Time, max int) ([]domain.Deadline, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var due []domain.Deadline
	for name, u := range s.users {
		if at, ok := u.Due(); ok && !at.After(t) && !u.Backfilled {
			due = append(due, domain.Deadline{Entity: domain.UserEntity(name), At: at})
		}
	}
	slices.SortFunc(due, func(a, b domain.Deadline) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Entity, b.Entity))
	})
	return due[:min(len(due), max)], nil
}
