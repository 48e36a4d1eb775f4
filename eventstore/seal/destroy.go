package seal

import "fmt"

// Destroy overwrites the subject's key in its slot. When it returns nil, no file of the
// store holds the key, the change is on disk, and every later use of the subject returns
// [ErrErased], also if it never had a key. After an error the key may exist or not: the
// caller calls Destroy again, which is idempotent.
func (s *Store) Destroy(subject string) error {
	if err := s.destroy(subject); err != nil {
		return fmt.Errorf("seal: destroy the key of %.64q: %w", subject, err)
	}
	return nil
}

func (s *Store) destroy(name string) error {
	id, err := s.subjectOf(name)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	n, sl, err := s.find(id)
	switch {
	case err != nil:
		return err
	case n == 0:
		if _, err := s.add(&slot{state: stateGone, subject: id}, nil); err != nil {
			return err
		}
	case sl.state == stateLive:
		s.cache.drop(name)
		if err := writeSlot(s.file, n, &slot{state: stateGone, tag: sl.tag, subject: id}); err != nil {
			return fmt.Errorf("overwrite slot %d: %w", n, err)
		}
	}
	// Sync also if the key was destroyed before, because that call may have ended before its
	// fsync.
	s.syncing.Lock()
	defer s.syncing.Unlock()
	return s.sync()
}
