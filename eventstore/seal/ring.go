package seal

import (
	"fmt"
	"log/slog"
)

const (
	// readAhead is the number of keys that one read of a chunk unwraps for new slots. They fill
	// one page of the file.
	readAhead = 4096 / slotBytes

	// reserveAhead is the number of free slots at which the next chunk is generated.
	reserveAhead = chunkSlots / 2
)

// Slots returns the number of slots of the ring that are on disk.
func (s *Store) Slots() uint64 { return uint64(s.chunks.Load()) * chunkSlots }

// Durable returns the number of keys that are on disk, destroyed and lost keys included: the
// slots of the ring and the keys of older programs.
func (s *Store) Durable() uint64 { return s.Slots() + s.Older() }

// Older returns the number of keys of older programs.
func (s *Store) Older() uint64 { return uint64(s.written.Load() - firstSlot) }

// Reserve returns once the key of slot n is on disk. It generates the next chunk in the
// background when half of the newest chunk is reserved, so that a caller seldom waits.
func (s *Store) Reserve(n uint32) error {
	if uint64(n)+reserveAhead <= s.Slots() {
		return nil
	}
	if uint64(n) > s.Slots() {
		if err := s.generateTo(n); err != nil {
			return fmt.Errorf("seal: reserve the key in slot %d: %w", n, err)
		}
	}
	s.generateNext(n)
	return nil
}

func (s *Store) generateTo(n uint32) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	for uint64(n) > s.Slots() {
		if err := s.usable(); err != nil {
			return err
		}
		if err := s.generate(); err != nil {
			return err
		}
	}
	s.generating.Store(false)
	return nil
}

// generateNext starts the generation of the chunk after slot n in the background. After a failed
// generation it starts no other one, until Reserve needs the chunk.
func (s *Store) generateNext(n uint32) {
	if uint64(n)+reserveAhead <= s.Slots() || !s.generating.CompareAndSwap(false, true) {
		return
	}
	s.goInBackground(func() {
		if err := s.generateTo(firstOf(chunkOf(n) + 1)); err != nil {
			slog.Warn("keys for new users could not be generated ahead, the next attempt delays a command", "cause", err)
		}
	})
}

// goInBackground runs f in a goroutine that Close waits for. It does nothing on a closed store.
func (s *Store) goInBackground(f func()) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !s.closed {
		s.background.Go(f)
	}
}

// sealingKey returns the key of a slot, from the cache or from its chunk. A read adds the keys
// of the following slots to the cache, ahead slots in all.
func (s *Store) sealingKey(n uint32, ahead uint32) (rawKey, error) {
	if key, ok := s.cache.get(n); ok {
		return key, nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.readKeys(n, min(ahead, chunkSlots-(n-1)%chunkSlots), s.cache.put)
}

// ringKey reads the key of a slot from its chunk. It keeps no key.
func (s *Store) ringKey(n uint32) (rawKey, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.readKeys(n, 1, func(uint32, rawKey) {})
}

// readKeys returns the key of slot n, and calls keep for each readable key of the count slots from
// n on. The caller holds mu.
func (s *Store) readKeys(n uint32, count uint32, keep func(uint32, rawKey)) (first rawKey, err error) {
	switch {
	case s.closed:
		return rawKey{}, ErrClosed
	case n == 0 || uint64(n) > s.Slots():
		return rawKey{}, ErrUnknownKey
	}
	b, err := s.readSlots(n, int(count))
	if err != nil {
		return rawKey{}, err
	}
	for i := range count {
		key, err := s.unwrapRing(n+i, b[offset(i):offset(i+1)])
		if i == 0 {
			if err != nil {
				return rawKey{}, err
			}
			first = key
		}
		if err == nil {
			keep(n+i, key)
		}
	}
	return first, nil
}

// unwrapRing returns the key in an encoded slot of the ring.
func (s *Store) unwrapRing(n uint32, b []byte) (rawKey, error) {
	sl, cond := decode(n, b)
	switch {
	case cond == whole && sl.state == stateGone:
		return rawKey{}, ErrErased
	case cond == whole && sl.state == stateLost:
		return rawKey{}, ErrGivenUp
	case cond != whole || sl.state != stateLive:
		return rawKey{}, s.damagedSlot(n)
	}
	w, known := s.ring.keys[sl.tag.number()]
	if !known {
		return rawKey{}, s.damagedSlot(n)
	}
	key, err := w.unwrap(n, &sl)
	if err != nil {
		return rawKey{}, s.damagedSlot(n)
	}
	defer clear(key)
	return rawKey(key), nil
}

func (s *Store) damagedSlot(n uint32) error {
	return fmt.Errorf("slot %d, at byte %d of %s: %w: stop the node and start it again: the start lists all damage and the remedies",
		n, placeOf(n), s.chunkPath(chunkOf(n)), ErrDamaged)
}
