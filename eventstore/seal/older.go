package seal

import "fmt"

// Older programs made one key for each subject, and stored it in a slot of the key file. This
// program makes no such key, but reads, destroys and wraps the existing ones.

func (s *Store) subjectOf(name string) subject {
	sum := s.subjects.sum(func(to []byte) []byte { return append(to, name...) })
	return subject(sum[:])
}

// olderKey reads the key with an id of an older program.
func (s *Store) olderKey(kid string) (rawKey, error) {
	n, tag, ok := parseKID(kid)
	if !ok {
		return rawKey{}, ErrUnknownKey
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return rawKey{}, ErrClosed
	}
	if n < firstSlot || n >= s.written.Load() {
		return rawKey{}, ErrUnknownKey
	}
	sl, err := s.readSlot(n)
	switch {
	case err != nil:
		return rawKey{}, err
	case sl.state == stateLost: // the tag of the key was lost too
		return rawKey{}, ErrGivenUp
	case sl.tag != tag:
		return rawKey{}, ErrUnknownKey
	case sl.state == stateGone:
		return rawKey{}, ErrErased
	}
	key, err := s.wrapping.unwrap(n, &sl)
	if err != nil {
		return rawKey{}, err
	}
	defer clear(key)
	return rawKey(key), nil
}

// readSlot reads one slot of an open store, in which no slot is unfinished.
func (s *Store) readSlot(n uint32) (slot, error) {
	b := make([]byte, slotBytes)
	if _, err := s.file.ReadAt(b, offset(n)); err != nil && !isShort(err) {
		return slot{}, fmt.Errorf("read slot %d: %w", n, err)
	}
	sl, cond := decode(n, b)
	if cond != whole {
		return slot{}, s.damagedOlder(n)
	}
	return sl, nil
}

func (s *Store) damagedOlder(n uint32) error {
	return fmt.Errorf("slot %d, at byte %d of %s: %w: stop the node and start it again: the start lists all damage and the remedies",
		n, offset(n), s.path(), ErrDamaged)
}

// syncOlder syncs the slots that the last process, an older program, did not sync, and then the
// count of acknowledged slots.
func (s *Store) syncOlder() error {
	if err := s.disk.sync(s.file, s.path()); err != nil {
		return err
	}
	n := s.written.Load()
	if n == s.marked {
		return nil
	}
	if err := s.writeSlot(markSlot, &slot{state: stateMark, tag: numberTag(uint64(n))}); err != nil {
		return err
	}
	s.marked = n
	return s.disk.sync(s.file, s.path())
}

// failWrites makes every later write fail until the store is opened again.
func (s *Store) failWrites(err error) error {
	err = fmt.Errorf("%w: changes of the keys are not durable: repair the disk, then start the node again", err)
	s.broken.CompareAndSwap(nil, &err)
	return err
}

// usable returns an error if the store must not write. The caller holds writing.
func (s *Store) usable() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.broken.Load(); err != nil {
		return *err
	}
	if s.closed {
		return ErrClosed
	}
	return nil
}
