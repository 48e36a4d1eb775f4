// Package memory implements eventstore.Store in memory, for tests. The log is lost when the
// process ends.
//
// It fulfills the contract of [eventstore.Store] and passes the same suite as the durable
// Store. It writes to no disk, injects no faults and frees no memory: it keeps a copy of
// each message.
//
// # Decisions
//
//   - One mutex guards one slice. Given up: speed with many readers, which no test needs.
//   - [Store.Join] returns a second handle on the same log, because tests need two writers
//     of one log. Each handle has a separate sequence of appends, as two processes have.
//   - Check never returns ErrNotDurable, although the log is not durable. A ledger therefore
//     opens this Store in the same way as the durable one.
package memory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"authledger/eventstore"
)

var errClosed = errors.New("memory: the store is closed")

// Store is a handle on a log in memory.
type Store struct {
	log    *log
	closed chan struct{}
	once   sync.Once

	// broken is the position of the lowest lost fence of this handle that was not read
	// back; 0 if none. log.mu guards it.
	broken uint64
}

type log struct {
	mu       sync.Mutex
	messages [][]byte
	grown    chan struct{} // closed and replaced at every append
}

var _ eventstore.Store = (*Store)(nil)

// New returns a handle on a new, empty log.
func New() *Store {
	return (&log{grown: make(chan struct{})}).handle()
}

// Join returns another handle on the log of s, like the handle of another process.
func (s *Store) Join() *Store { return s.log.handle() }

func (l *log) handle() *Store {
	return &Store{log: l, closed: make(chan struct{})}
}

// Append implements [eventstore.Store]. After a lost fence at a position, Append returns
// ErrFenced for that position and all later ones until Get has read it, so that no message
// is stored after the message of another writer.
func (s *Store) Append(ctx context.Context, data []byte, expect uint64) <-chan error {
	outcome := make(chan error, 1)
	outcome <- s.append(ctx, data, expect)
	return outcome
}

func (s *Store) append(ctx context.Context, data []byte, expect uint64) error {
	if len(data) > eventstore.MessageBytesMax {
		return fmt.Errorf("append message %d: %d bytes are more than %d", expect+1, len(data), eventstore.MessageBytesMax)
	}
	if err := s.usable(ctx); err != nil {
		return fmt.Errorf("append message %d: %w", expect+1, err)
	}
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	last := uint64(len(s.log.messages))
	switch {
	case s.broken > 0 && expect >= s.broken:
		return fmt.Errorf("append message %d: an earlier append was fenced: %w", expect+1, eventstore.ErrFenced)
	case expect < last:
		s.broken = expect + 1
		return fmt.Errorf("append message %d to a log of %d: %w", expect+1, last, eventstore.ErrFenced)
	case expect > last:
		return fmt.Errorf("append message %d: the log ends at %d", expect+1, last)
	}
	s.log.messages = append(s.log.messages, bytes.Clone(data))
	close(s.log.grown)
	s.log.grown = make(chan struct{})
	return nil
}

// Read implements [eventstore.Store].
func (s *Store) Read(ctx context.Context, from uint64) iter.Seq2[eventstore.Message, error] {
	last, err := s.Last(ctx)
	return s.messages(ctx, from, func(next uint64) (bool, error) { return next <= last, err })
}

// Tail implements [eventstore.Store].
func (s *Store) Tail(ctx context.Context, from uint64) iter.Seq2[eventstore.Message, error] {
	return s.messages(ctx, from, func(uint64) (bool, error) { return true, nil })
}

func (s *Store) messages(ctx context.Context, from uint64, more func(uint64) (bool, error)) iter.Seq2[eventstore.Message, error] {
	return func(yield func(eventstore.Message, error) bool) {
		if from == 0 {
			yield(eventstore.Message{}, errors.New("read the log: positions begin at 1"))
			return
		}
		for next := from; ; next++ {
			wanted, err := more(next)
			if err == nil && !wanted {
				return
			}
			var m eventstore.Message
			if err == nil {
				m, err = s.wait(ctx, next)
			}
			if !yield(m, err) || err != nil {
				return
			}
		}
	}
}

func (s *Store) wait(ctx context.Context, position uint64) (eventstore.Message, error) {
	for {
		if err := s.usable(ctx); err != nil {
			return eventstore.Message{}, err
		}
		s.log.mu.Lock()
		last, grown := uint64(len(s.log.messages)), s.log.grown
		if position <= last {
			data := s.log.messages[position-1]
			s.log.mu.Unlock()
			return eventstore.Message{Stream: position, Data: data}, nil
		}
		s.log.mu.Unlock()
		select {
		case <-grown:
		case <-ctx.Done():
		case <-s.closed:
		}
	}
}

// Get implements [eventstore.Store].
func (s *Store) Get(ctx context.Context, stream uint64) (eventstore.Message, error) {
	if err := s.usable(ctx); err != nil {
		return eventstore.Message{}, fmt.Errorf("get message %d: %w", stream, err)
	}
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	if s.broken > 0 && stream >= s.broken {
		s.broken = 0
	}
	last := uint64(len(s.log.messages))
	if stream == 0 || stream > last {
		return eventstore.Message{}, fmt.Errorf("get message %d: the log has 1 to %d", stream, last)
	}
	return eventstore.Message{Stream: stream, Data: s.log.messages[stream-1]}, nil
}

// Last implements [eventstore.Store].
func (s *Store) Last(ctx context.Context) (uint64, error) {
	if err := s.usable(ctx); err != nil {
		return 0, fmt.Errorf("last message: %w", err)
	}
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return uint64(len(s.log.messages)), nil
}

// Check implements [eventstore.Store]. A log in memory cannot be damaged.
func (s *Store) Check(ctx context.Context) error { return s.usable(ctx) }

// Close implements [eventstore.Store]. Other handles on the log stay open.
func (s *Store) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

func (s *Store) usable(ctx context.Context) error {
	select {
	case <-s.closed:
		return errClosed
	default:
		return ctx.Err()
	}
}
