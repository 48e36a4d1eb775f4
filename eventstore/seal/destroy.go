package seal

import (
	"errors"
	"fmt"
	"os"

	"authledger/eventstore/durable"
)

// Destroy overwrites the key in a slot of the ring. When it returns nil, no file of the store
// holds the key, the change is on disk, and every later use of the slot returns [ErrErased].
// After an error the key may exist or not: the caller calls Destroy again, which is idempotent.
// It returns [ErrUnknownKey] for a slot that the ring does not have.
func (s *Store) Destroy(n uint32) error {
	if err := s.destroy(n); err != nil {
		return fmt.Errorf("seal: destroy the key in slot %d: %w", n, err)
	}
	return nil
}

func (s *Store) destroy(n uint32) (err error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	if n == 0 || uint64(n) > s.Slots() {
		return ErrUnknownKey
	}
	path := s.chunkPath(chunkOf(n))
	f, err := durable.Open(path, os.O_RDWR)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := s.overwrite(f, path, n); err != nil {
		return fmt.Errorf("overwrite slot %d: %w", n, err)
	}
	// Sync also if the key was destroyed before, because that call may have ended before its
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

// DestroyOlder overwrites the key that an older program made for a subject, as Destroy does. It does
// nothing for a subject without such a key. It reads all keys of older programs.
func (s *Store) DestroyOlder(subject string) error {
	if err := s.destroyOlder(subject); err != nil {
		return fmt.Errorf("seal: destroy the older key of %.64q: %w", subject, err)
	}
	return nil
}

func (s *Store) destroyOlder(name string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	id := s.subjectOf(name)
	err := eachSlot(s.file, s.written.Load(), func(n uint32, b []byte) error {
		sl, cond := decode(n, b)
		switch {
		case cond != whole:
			return s.damagedOlder(n) // the slot may hold the subject
		case sl.subject != id || sl.state != stateLive:
			return nil
		}
		s.mu.Lock() // a reader must see the whole slot
		defer s.mu.Unlock()
		return s.writeSlot(n, &slot{state: stateGone, tag: sl.tag, subject: id})
	})
	if err != nil {
		return err
	}
	if err := s.disk.sync(s.file, s.path()); err != nil {
		return s.failWrites(err)
	}
	return nil
}
