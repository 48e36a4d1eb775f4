package projections

import "context"

// signal lets goroutines wait for a change. Its owner's lock guards it.
type signal struct{ c chan struct{} }

func (s *signal) next() <-chan struct{} {
	if s.c == nil {
		s.c = make(chan struct{})
	}
	return s.c
}

func (s *signal) wake() {
	if s.c != nil {
		close(s.c)
		s.c = nil
	}
}

// await returns once done reports true, which it is asked with the lock held.
func (e *Engine) await(ctx context.Context, done func() bool) error {
	for {
		e.mu.Lock()
		err := e.usable()
		if err != nil || done() {
			e.mu.Unlock()
			return err
		}
		changed := e.changed.next()
		e.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// usable reports why the engine can't be used. The lock is held.
func (e *Engine) usable() error {
	switch broken := e.broken.Load(); {
	case broken != nil:
		return *broken
	case e.closed:
		return ErrClosed
	}
	return nil
}

// now is the head.
func (e *Engine) now() *head {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.head
}

// enter lets the caller read Pebble until e.readers.Done.
func (e *Engine) enter() error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if err := e.usable(); err != nil {
		return err
	}
	e.readers.Add(1)
	return nil
}

// settle returns once Pebble has all that is folded now, if not yet on disk.
func (e *Engine) settle(ctx context.Context) error {
	target := e.Position().Seq
	return e.await(ctx, func() bool {
		if e.stored.Seq >= target {
			return true
		}
		poke(e.hurry)
		return false
	})
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
