package seal

import "fmt"

// Destroy overwrites the subject's key where it lies. When it returns nil, no
// file of the store holds the key, that is on disk, and the subject is
// [ErrForgotten] from then on, also if it never had a key. After an error the
// key may be there or not: destroy it again. Doing so is harmless.
func (s *Store) Destroy(subject string) error {
	if err := s.destroy(subject); err != nil {
		return fmt.Errorf("seal: destroy the key of %.64q: %w", subject, err)
	}
	return nil
}

func (s *Store) destroy(name string) error {
	who, err := s.subjectOf(name)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	n, sl, err := s.find(who)
	switch {
	case err != nil:
		return err
	case n == 0:
		if _, err := s.add(&slot{state: stateGone, subject: who}, nil); err != nil {
			return err
		}
	case sl.state == stateLive:
		s.cache.drop(name)
		if err := writeSlot(s.file, n, &slot{state: stateGone, tag: sl.tag, subject: who}); err != nil {
			return fmt.Errorf("overwrite slot %d: %w", n, err)
		}
	}
	// Also if it was destroyed before: that call may have ended before its fsync.
	s.syncing.Lock()
	defer s.syncing.Unlock()
	return s.sync()
}
