package seal

import (
	"crypto/rand"
	"fmt"
)

// ringKeys are the keys that wrap the slots of the ring, by generation. The master key wraps
// them in two slots of the key file: the current one, and during a rotation the previous one.
// The ring keys exist so that a rotation replaces one file at once, and then needs only the new
// master key while it wraps the chunks again.
type ringKeys struct {
	keys map[uint64]wrapping // nil before the first one is made
	now  uint64              // generation of the current ring key
}

func (r *ringKeys) current() (generation uint64, w wrapping) { return r.now, r.keys[r.now] }

// isRotating reports whether slots under the previous ring key may exist.
func (r *ringKeys) isRotating() bool { return len(r.keys) > 1 }

// add adds a ring key and makes it the current one if its generation is the highest.
func (r *ringKeys) add(generation uint64, key []byte) error {
	w, err := newWrapping(Master{key: rawKey(key)})
	if err != nil {
		return err
	}
	if r.keys == nil {
		r.keys = make(map[uint64]wrapping)
	}
	r.keys[generation], r.now = w, max(r.now, generation)
	return nil
}

// ringKeySlot returns the slot of a ring key, wrapped by w.
func (w wrapping) ringKeySlot(n uint32, generation uint64, key []byte) *slot {
	sl := &slot{state: stateRing, tag: numberTag(generation)}
	w.wrap(n, sl, key)
	return sl
}

// readRingKeys reads the ring keys of a file whose header was read. A file of an older program
// has none. An unreadable previous ring key counts as absent, because that slot is empty unless
// a rotation was interrupted. The keys that need it are then damaged.
func (s *Store) readRingKeys(chunks uint32) error {
	for _, n := range []uint32{ringSlot, formerRingSlot} {
		generation, key, err := s.ringKeyAt(n)
		switch {
		case err != nil:
			return err
		case key == nil && n == ringSlot && chunks > 0:
			return headDamage(s.path(), ringSlot)
		case key == nil && n == ringSlot:
			return nil
		case key == nil:
			continue
		}
		err = s.ring.add(generation, key)
		clear(key)
		if err != nil {
			return err
		}
	}
	return nil
}

// ringKeyAt returns the ring key in a slot of the key file, nil for a slot that holds none.
func (s *Store) ringKeyAt(n uint32) (generation uint64, key []byte, err error) {
	b := make([]byte, slotBytes)
	if read, err := s.file.ReadAt(b, offset(n)); read < len(b) && !isShort(err) {
		return 0, nil, err
	}
	sl, cond := decode(n, b)
	if cond != whole || sl.state != stateRing {
		return 0, nil, nil
	}
	key, err = s.wrapping.unwrap(n, &sl)
	if err != nil {
		return 0, nil, nil // no key that the master key opens
	}
	return sl.tag.number(), key, nil
}

// makeRingKey adds the first ring key to the key file of an older program. It returns after the
// fsync.
func (s *Store) makeRingKey() error {
	key := make([]byte, keyBytes)
	rand.Read(key)
	defer clear(key)
	if err := s.writeSlot(ringSlot, s.wrapping.ringKeySlot(ringSlot, 1, key)); err != nil {
		return fmt.Errorf("write the first ring key: %w", err)
	}
	if err := s.disk.sync(s.file, s.path()); err != nil {
		return fmt.Errorf("write the first ring key: %w", err)
	}
	return s.ring.add(1, key)
}
