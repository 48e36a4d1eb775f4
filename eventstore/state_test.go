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

// folded is a simple State in maps for tests.
type folded struct {
	mu       sync.RWMutex
	at       domain.Position
	states   *domain.Folded
	commands map[[2]string]*domain.Record
	streams  []uint64 // by seq - 1
	slots    map[string]uint32
	lastSlot uint32
	erased   []erasedKey
	persons  []domain.Record // the introductions of the persons who are not forgotten
}

// erasedKey is the key of an owner that a record erased.
type erasedKey struct {
	seq   uint64
	owner string
	slot  uint32
}

var _ eventstore.State = (*folded)(nil)

func newFolded() *folded {
	return &folded{states: domain.NewFolded(domain.IBKRSLS()), commands: map[[2]string]*domain.Record{},
		slots: map[string]uint32{}}
}

// clone returns an independent copy of the State.
func (s *folded) clone() *folded {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return &folded{at: s.at, states: s.states.Clone(), commands: maps.Clone(s.commands),
		streams: slices.Clone(s.streams), slots: maps.Clone(s.slots), lastSlot: s.lastSlot,
		erased: slices.Clone(s.erased), persons: slices.Clone(s.persons)}
}

func (s *folded) Position() domain.Position {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.at
}

func (s *folded) Policy() *domain.Policy {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.states.Policy()
}

func (s *folded) User(name string) (domain.User, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.states.User(name)
}

func (s *folded) Account(id string) (domain.Account, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.states.Account(id)
}

func (s *folded) Clock(e domain.Entity) (time.Time, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.states.Clock(e)
}

func (s *folded) Item(k domain.ItemKey) (domain.Item, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.states.Item(k)
}

func (s *folded) Withdrawals(account string, since time.Time) ([]*domain.Withdrawal, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.states.Withdrawals(account, since)
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

func (s *folded) KeySlot(owner string) (uint32, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.slots[owner], nil
}

func (s *folded) LastKeySlot() (uint32, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.lastSlot, nil
}

func (s *folded) EachErased(seq uint64, each func(owner string, slot uint32)) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, k := range s.erased {
		if k.seq >= seq {
			each(k.owner, k.slot)
		}
	}
	return nil
}

func (s *folded) Introduction(pseudonym string) (*domain.Sealed, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for i := range s.persons {
		if s.persons[i].Introduced() == pseudonym {
			return s.persons[i].Personal, nil
		}
	}
	return nil, nil
}

func (s *folded) EachIntroduction(seq uint64, each func(pseudonym string, name *domain.Sealed)) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for i := range s.persons {
		if r := &s.persons[i]; r.Seq >= seq {
			each(r.Introduced(), r.Personal)
		}
	}
	return nil
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
		if _, err := s.states.Take(r); err != nil {
			return err
		}
		kept := *r
		s.commands[[2]string{r.Command.Source, r.Command.ID}] = &kept
		s.streams = append(s.streams, c.Stream)
		if user := r.Forgotten(); user != "" {
			owner := string(domain.UserEntity(user))
			s.erased = append(s.erased, erasedKey{r.Seq, owner, s.slots[owner]})
			delete(s.slots, owner)
			s.persons = slices.DeleteFunc(s.persons, func(r domain.Record) bool { return r.Introduced() == user })
		}
		if r.Introduced() != "" {
			s.persons = append(s.persons, kept)
		}
		if p := r.Personal; p != nil && p.Slot > s.lastSlot {
			s.slots[r.KeyOwner()], s.lastSlot = p.Slot, p.Slot
		}
		s.expire(r, c.Time)
	}
	s.at = c.End()
	return nil
}

// expire erases the months whose retention has ended at a time, each once.
func (s *folded) expire(r *domain.Record, at time.Time) {
	for _, owner := range slices.Sorted(maps.Keys(s.slots)) {
		key := func(k erasedKey) bool { return k.owner == owner && k.slot == s.slots[owner] }
		if domain.IsPastRetention(owner, at) && !slices.ContainsFunc(s.erased, key) {
			s.erased = append(s.erased, erasedKey{r.Seq, owner, s.slots[owner]})
		}
	}
}

func (s *folded) Due(t time.Time, max int) ([]domain.Deadline, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var due []domain.Deadline
	for name, u := range s.states.Users() {
		if at, ok := u.Due(); ok && !at.After(t) && !u.Backfilled {
			due = append(due, domain.Deadline{Entity: domain.UserEntity(name), At: at})
		}
	}
	slices.SortFunc(due, func(a, b domain.Deadline) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Entity, b.Entity))
	})
	return due[:min(len(due), max)], nil
}
