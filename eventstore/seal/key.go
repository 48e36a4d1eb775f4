package seal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math"
)

// subjectBytesMax is the maximum length of a subject, in bytes. It bounds the memory of the
// cache.
const subjectBytesMax = 512

// Key returns the id of the subject's key. It creates the key if the subject has none; a new
// key is durable after the next [Store.Sync]. It returns [ErrErased] if the key was
// destroyed.
func (s *Store) Key(subject string) (kid string, err error) {
	k, err := s.sealer(subject)
	if err != nil {
		return "", err
	}
	return k.kid, nil
}

func (s *Store) sealer(name string) (*sealer, error) {
	if k := s.cache.get(name); k != nil {
		return k, nil
	}
	k, err := s.load(name)
	if err == nil && k == nil {
		k, err = s.createKey(name)
	}
	if err != nil {
		return nil, fmt.Errorf("seal: key of %.64q: %w", name, err)
	}
	return k, nil
}

func (s *Store) subjectOf(name string) (subject, error) {
	if name == "" || len(name) > subjectBytesMax {
		return subject{}, fmt.Errorf("invalid subject: want 1 to %d bytes, got %d", subjectBytesMax, len(name))
	}
	sum := s.subjects.sum(func(to []byte) []byte { return append(to, name...) })
	return subject(sum[:]), nil
}

// load reads a key from the file into the cache. It returns nil if the subject has no key.
func (s *Store) load(name string) (*sealer, error) {
	id, err := s.subjectOf(name)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.loadLocked(name, id)
}

func (s *Store) loadLocked(name string, id subject) (*sealer, error) {
	n, sl, err := s.find(id)
	switch {
	case err != nil:
		return nil, err
	case n == 0:
		return nil, nil
	case sl.state == stateGone:
		return nil, ErrErased
	}
	key, err := s.wrapping.unwrap(n, &sl)
	if err != nil {
		return nil, err
	}
	return s.keep(name, n, sl.tag, key), nil
}

// find returns the slot of a subject and its number, 0 for a subject without a slot. It returns an error
// for an unreadable candidate, because that slot may hold the subject.
func (s *Store) find(id subject) (uint32, slot, error) {
	if s.closed {
		return 0, slot{}, ErrClosed
	}
	n, ok := s.index.candidate(id)
	if !ok {
		return 0, slot{}, nil
	}
	sl, err := s.readSlot(n)
	if err != nil {
		return 0, slot{}, err
	}
	if sl.subject != id {
		return 0, slot{}, nil
	}
	return n, sl, nil
}

func (s *Store) createKey(name string) (*sealer, error) {
	id, err := s.subjectOf(name)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if k, err := s.loadLocked(name, id); k != nil || err != nil {
		return k, err
	}
	key := make([]byte, keyBytes)
	rand.Read(key)
	sl := slot{state: stateLive, subject: id}
	n, err := s.add(&sl, key)
	if err != nil {
		return nil, err
	}
	return s.keep(name, n, sl.tag, key), nil
}

// add appends a slot; key is nil for a tombstone. After a failed write, the next call
// overwrites the incomplete slot.
func (s *Store) add(sl *slot, key []byte) (uint32, error) {
	if err := s.usable(); err != nil {
		return 0, err
	}
	n := s.written.Load()
	if n == math.MaxUint32 {
		return 0, errors.New("the key file is full: begin a new ledger")
	}
	rand.Read(sl.tag[:])
	if key != nil {
		s.wrapping.wrap(n, sl, key)
	}
	if err := writeSlot(s.file, n, sl); err != nil {
		return 0, fmt.Errorf("append slot %d: %w", n, err)
	}
	s.index.put(sl.subject, n)
	s.written.Store(n + 1)
	return n, nil
}

// keep adds a key to the cache and clears the raw key.
func (s *Store) keep(name string, n uint32, tag keyTag, key []byte) *sealer {
	defer clear(key)
	k := &sealer{kid: kidOf(n, tag), key: [keyBytes]byte(key)}
	s.cache.put(name, k)
	return k
}
