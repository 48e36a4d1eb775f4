package seal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math"
)

// subjectBytesMax bounds what the cache holds on to.
const subjectBytesMax = 512

// Key returns the id of the subject's key, and makes the key if the subject has
// none. A new key is durable after the next [Store.Sync]. A destroyed one is
// [ErrForgotten].
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
		k, err = s.mint(name)
	}
	if err != nil {
		return nil, fmt.Errorf("seal: key of %.64q: %w", name, err)
	}
	return k, nil
}

func (s *Store) subjectOf(name string) (subject, error) {
	if name == "" || len(name) > subjectBytesMax {
		return subject{}, fmt.Errorf("a subject has 1 to %d bytes, this one %d", subjectBytesMax, len(name))
	}
	sum := s.subjects.sum(func(to []byte) []byte { return append(to, name...) })
	return subject(sum[:]), nil
}

// load brings a key from the file to the cache; nil if there is none yet.
func (s *Store) load(name string) (*sealer, error) {
	who, err := s.subjectOf(name)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.loadLocked(name, who)
}

func (s *Store) loadLocked(name string, who subject) (*sealer, error) {
	n, sl, err := s.find(who)
	switch {
	case err != nil:
		return nil, err
	case n == 0:
		return nil, nil
	case sl.state == stateGone:
		return nil, ErrForgotten
	}
	key, err := s.wrapping.unwrap(n, &sl)
	if err != nil {
		return nil, err
	}
	return s.keep(name, n, sl.tag, key), nil
}

// find returns the slot of a subject, number 0 if it has none. A candidate that
// can't be read is an error, not a miss: it may be the one.
func (s *Store) find(who subject) (uint32, slot, error) {
	if s.closed {
		return 0, slot{}, ErrClosed
	}
	n, ok := s.index.candidate(who)
	if !ok {
		return 0, slot{}, nil
	}
	sl, err := s.readSlot(n)
	if err != nil {
		return 0, slot{}, err
	}
	if sl.subject != who {
		return 0, slot{}, nil
	}
	return n, sl, nil
}

func (s *Store) mint(name string) (*sealer, error) {
	who, err := s.subjectOf(name)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if k, err := s.loadLocked(name, who); k != nil || err != nil {
		return k, err
	}
	key := make([]byte, keyBytes)
	rand.Read(key)
	sl := slot{state: stateLive, subject: who}
	n, err := s.add(&sl, key)
	if err != nil {
		return nil, err
	}
	return s.keep(name, n, sl.tag, key), nil
}

// add appends a slot; key is nil for a tombstone. The number is taken only once
// the write has gone well: a piece of a slot is overwritten by the next.
func (s *Store) add(sl *slot, key []byte) (uint32, error) {
	if err := s.usable(); err != nil {
		return 0, err
	}
	n := s.written.Load()
	if n == math.MaxUint32 {
		return 0, errors.New("the key file has no slots left: begin a new ledger")
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

// keep puts a key into the cache and wipes the raw one.
func (s *Store) keep(name string, n uint32, tag keyTag, key []byte) *sealer {
	defer clear(key)
	k := &sealer{kid: kidOf(n, tag), key: [keyBytes]byte(key)}
	s.cache.put(name, k)
	return k
}
