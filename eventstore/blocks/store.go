package blocks

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"

	"authledger/eventstore"
)

var errClosed = errors.New("the store is closed")

// Options names the files to read.
type Options struct {
	Dir     string // directory of the stream: it holds meta.inf, meta.sum and msgs
	Stream  string // name of the stream, which is part of the checksums' key
	Subject string // of every message

	// Config returns an error if the stream's configuration, as JSON, is not the
	// ledger's. Nil accepts any configuration.
	Config func(described []byte) error

	// Last is the last position to read: the last position that the server has
	// acknowledged, if a server appends to the files. 0 means the end of the files.
	Last uint64
}

// Store reads one stream as it was when it was opened. [Store.Grown] follows a stream to
// which a server appends. It is safe for concurrent use.
type Store struct {
	opts   Options
	blocks []block // in the order of their numbers
	newest int     // in blocks: the last one with a record, -1 if no block has one
	last   uint64  // position of the last message
	damage error   // *eventstore.Fault of the newest block, nil if it is intact
	torn   Torn

	closed atomic.Bool

	indexes *indexes // for Get; shared with the stores that Grown has returned

	mu sync.Mutex // guards torn
}

var _ eventstore.Reader = (*Store)(nil)

// Torn is an incomplete record at the end of the newest block. The server did not
// acknowledge it and removes it at its next start.
type Torn struct {
	File  string // "" without an incomplete record
	At    int64  // offset of the record in the file
	Bytes int64
}

// Open finds the blocks of a stream and its last position. It reads the first record of
// each block, and the whole newest one. An absent directory is a *eventstore.Fault.
func Open(ctx context.Context, opts Options) (*Store, error) {
	s := &Store{opts: opts, newest: -1, indexes: newIndexes()}
	if err := s.list(ctx); err != nil {
		return nil, fmt.Errorf("open log %s: %w", opts.Stream, err)
	}
	if err := s.findLast(ctx); err != nil {
		return nil, fmt.Errorf("open log %s: %w", opts.Stream, err)
	}
	return s, nil
}

// findLast sets the last position: Options.Last, or the position of the last record of the
// newest block. It stores damage of that block in s.damage. Reads then still return the
// messages before the damage.
func (s *Store) findLast(ctx context.Context) error {
	if s.opts.Last > 0 {
		s.last = s.opts.Last
		return nil
	}
	if s.newest < 0 {
		return nil
	}
	x, err := s.index(ctx, s.newest)
	if err != nil {
		return err
	}
	s.last = x.first + uint64(len(x.offsets)) - 1
	if x.fault != nil {
		s.last++ // the damaged position exists, and every read of it returns the fault
		s.damage = x.fault
	}
	return nil
}

// Torn returns the incomplete record at the end of the newest block.
func (s *Store) Torn() Torn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.torn
}

// Last implements [eventstore.Reader].
func (s *Store) Last(ctx context.Context) (uint64, error) {
	if err := s.usable(ctx); err != nil {
		return 0, fmt.Errorf("last message of %s: %w", s.opts.Stream, err)
	}
	return s.last, nil
}

// Check implements [eventstore.Reader]. It compares the stream's configuration and the
// first position of the log, and returns damage of the newest block. It does not detect damage
// and gaps in the earlier blocks, which a read reports.
func (s *Store) Check(ctx context.Context) error {
	if err := s.check(ctx); err != nil {
		return fmt.Errorf("check log %s: %w", s.opts.Stream, err)
	}
	return nil
}

func (s *Store) check(ctx context.Context) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	described, err := s.description()
	if err != nil {
		return err
	}
	if s.opts.Config != nil {
		if err := s.opts.Config(described); err != nil {
			return err
		}
	}
	for i := range s.blocks {
		b := &s.blocks[i]
		if b.first == 0 {
			continue
		}
		if b.first != 1 {
			return s.gap(b, 1, b.first)
		}
		break
	}
	return s.damage
}

// Get implements [eventstore.Reader].
func (s *Store) Get(ctx context.Context, stream uint64) (eventstore.Message, error) {
	m, err := s.get(ctx, stream)
	if err != nil {
		return eventstore.Message{}, fmt.Errorf("get message %d of %s: %w", stream, s.opts.Stream, err)
	}
	return m, nil
}

func (s *Store) get(ctx context.Context, stream uint64) (eventstore.Message, error) {
	switch err := s.usable(ctx); {
	case err != nil:
		return eventstore.Message{}, err
	case stream == 0:
		return eventstore.Message{}, errors.New("positions begin at 1")
	case stream > s.last && s.damage != nil:
		return eventstore.Message{}, s.damage
	case stream > s.last:
		return eventstore.Message{}, fmt.Errorf("the log ends at %d", s.last)
	}
	i := s.find(stream)
	if i < 0 {
		return eventstore.Message{}, s.missing(ctx, -1, &index{first: 1})
	}
	x, err := s.index(ctx, i)
	if err != nil {
		return eventstore.Message{}, err
	}
	at := stream - x.first
	if at >= uint64(len(x.offsets)) {
		return eventstore.Message{}, s.missing(ctx, i, x)
	}
	r, err := s.at(&s.blocks[i], x.offsets[at], stream)
	return eventstore.Message{Stream: stream, Data: r.message}, err
}

// Read implements [eventstore.Reader].
func (s *Store) Read(ctx context.Context, from uint64) iter.Seq2[eventstore.Message, error] {
	return func(yield func(eventstore.Message, error) bool) {
		for m, err := range s.read(ctx, from) {
			if err != nil && ctx.Err() == nil {
				err = fmt.Errorf("read %s: %w", s.opts.Stream, err)
			}
			if !yield(m, err) {
				return
			}
		}
	}
}

// Close makes every later call fail. It may be called more than once.
func (s *Store) Close() error {
	s.closed.Store(true)
	return nil
}

func (s *Store) usable(ctx context.Context) error {
	if s.closed.Load() {
		return errClosed
	}
	return ctx.Err()
}
