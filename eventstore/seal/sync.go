package seal

import "fmt"

// Sync returns when every key returned by [Store.Key] or used by [Store.Seal]
// before the call is on disk. Without new keys it costs two atomic loads.
// Concurrent callers share an fsync. After an error, Sync and the creation of keys fail
// until the store is opened again.
func (s *Store) Sync() error {
	need := s.written.Load()
	if s.synced.Load() >= need {
		return nil
	}
	s.syncing.Lock()
	defer s.syncing.Unlock()
	if s.synced.Load() >= need {
		return nil
	}
	if err := s.sync(); err != nil {
		return fmt.Errorf("seal: sync the keys: %w", err)
	}
	return nil
}

// sync syncs all written slots, and then writes the count of acknowledged slots. The count is
// on disk after the next sync. The caller holds syncing.
func (s *Store) sync() error {
	if err := s.usable(); err != nil {
		return err
	}
	n := s.written.Load()
	if err := s.file.Sync(); err != nil {
		return s.failWrites(err)
	}
	s.synced.Store(n)
	if n == s.marked {
		return nil
	}
	if err := writeSlot(s.file, markSlot, &slot{state: stateMark, tag: numberTag(uint64(n))}); err != nil {
		return s.failWrites(err)
	}
	s.marked = n
	return nil
}

// failWrites makes every later write fail until the store is opened again.
func (s *Store) failWrites(err error) error {
	err = fmt.Errorf("%w: new keys are not durable: repair the disk, then start the node again", err)
	s.broken.CompareAndSwap(nil, &err)
	return err
}

func (s *Store) usable() error {
	if err := s.broken.Load(); err != nil {
		return *err
	}
	return nil
}
