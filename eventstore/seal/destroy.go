package seal

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"authledger/eventstore/durable"
)

// Destroy overwrites the keys in slots of the ring, and the keys that older programs made for subjects.
// When it returns nil, no file of the store holds these keys, the change is on disk, and every later use
// of them returns [ErrErased]. After an error some of the keys may exist: the caller calls Destroy again,
// which is idempotent and writes only the slots that are not overwritten yet. It skips slot 0 and the
// slots that the ring does not have, which hold no key. For subjects it reads all keys of older programs.
func (s *Store) Destroy(slots []uint32, subjects []string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.usable(); err != nil {
		return fmt.Errorf("seal: destroy keys: %w", err)
	}
	slots = slices.Clone(slots)
	slices.Sort(slots)
	slots = slices.DeleteFunc(slices.Compact(slots), func(n uint32) bool { return n == 0 || uint64(n) > s.Slots() })
	for len(slots) > 0 {
		chunk, count := chunkOf(slots[0]), 0
		for count < len(slots) && chunkOf(slots[count]) == chunk {
			count++
		}
		if err := s.destroyIn(chunk, slots[:count]); err != nil {
			return fmt.Errorf("seal: destroy %d keys from slot %d on: %w", count, slots[0], err)
		}
		slots = slots[count:]
	}
	return s.destroyOlder(subjects)
}

// destroyIn overwrites slots of one chunk. The caller holds writing.
func (s *Store) destroyIn(chunk uint32, slots []uint32) (err error) {
	path := s.chunkPath(chunk)
	f, err := durable.Open(path, os.O_RDWR)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	b := make([]byte, slotBytes)
	for _, n := range slots {
		if _, err := f.ReadAt(b, placeOf(n)); err != nil && !isShort(err) {
			return fmt.Errorf("read slot %d: %w", n, err)
		}
		if sl, cond := decode(n, b); cond == whole && sl.state == stateGone {
			continue
		}
		if err := s.overwrite(f, path, n); err != nil {
			return fmt.Errorf("overwrite slot %d: %w", n, err)
		}
	}
	// Sync also if all keys were overwritten before, because that call may have ended before its
	// fsync.
	if err := s.disk.sync(f, path); err != nil {
		return s.failWrites(err)
	}
	return nil
}

// overwrite replaces the key in slot n by a mark. It excludes readers, so that none of them adds
// the key to the cache after the write.
func (s *Store) overwrite(f *os.File, path string, n uint32) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cache.drop(n)
	return s.disk.writeSlot(f, path, placeOf(n), (&slot{state: stateGone}).encode(n))
}

// destroyOlder overwrites the keys that older programs made for subjects. The caller holds writing.
func (s *Store) destroyOlder(subjects []string) error {
	if s.Older() == 0 || len(subjects) == 0 {
		return nil
	}
	ids := make(map[subject]bool, len(subjects))
	for _, name := range subjects {
		ids[s.subjectOf(name)] = true
	}
	err := eachSlot(s.file, s.written.Load(), func(n uint32, b []byte) error {
		sl, cond := decode(n, b)
		switch {
		case cond != whole:
			return s.damagedOlder(n) // the slot may hold a subject
		case !ids[sl.subject] || sl.state != stateLive:
			return nil
		}
		s.mu.Lock() // a reader must see the whole slot
		defer s.mu.Unlock()
		return s.writeSlot(n, &slot{state: stateGone, tag: sl.tag, subject: sl.subject})
	})
	if err != nil {
		return fmt.Errorf("seal: destroy the keys that an older program made for %d subjects: %w", len(subjects), err)
	}
	if err := s.disk.sync(s.file, s.path()); err != nil {
		return fmt.Errorf("seal: destroy keys of an older program: %w", s.failWrites(err))
	}
	return nil
}
