package rows

import "context"

// signal notifies all goroutines that wait for a change. The lock of its owner guards it.
type signal struct{ c chan struct{} }

// next returns a channel that the next broadcast closes.
func (s *signal) next() <-chan struct{} {
	if s.c == nil {
		s.c = make(chan struct{})
	}
	return s.c
}

func (s *signal) broadcast() {
	if s.c != nil {
		close(s.c)
		s.c = nil
	}
}

// await returns nil once isDone returns true. It calls isDone with the lock held, after each
// change of the store. It returns an error if the store is unusable or ctx ends.
func (s *Store) await(ctx context.Context, isDone func() bool) error {
	for {
		s.mu.Lock()
		err := s.usable()
		if err != nil || isDone() {
			s.mu.Unlock()
			return err
		}
		changed := s.changed.next()
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// usable returns why the store is unusable, or nil. The lock is held.
func (s *Store) usable() error {
	switch broken := s.broken.Load(); {
	case broken != nil:
		return *broken
	case s.closed:
		return ErrClosed
	}
	return nil
}

// enter permits the caller to read Pebble until the caller calls s.readers.Done. Close waits
// for that call.
func (s *Store) enter() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(); err != nil {
		return err
	}
	s.readers.Add(1)
	return nil
}

// awaitWritten returns once Pebble has all rows published before the call. The rows may not
// be durable yet. The writer ends its span early while a caller waits here, so no read calls
// awaitWritten.
func (s *Store) awaitWritten(ctx context.Context) error {
	target := s.Position().Seq
	return s.await(ctx, func() bool {
		if s.stored.Seq >= target {
			return true
		}
		notify(s.early)
		return false
	})
}

// notify sends to a channel with capacity 1 unless a value is already pending.
func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
