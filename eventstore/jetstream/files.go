package jetstream

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"authledger/eventstore"
	"authledger/eventstore/blocks"
)

// files reads messages from the block files to which the server appends. It is safe for
// concurrent use.
type files struct {
	mu    sync.Mutex
	store *blocks.Store // up to the last position that was read
}

func blockOptions(o *Options) blocks.Options {
	return blocks.Options{
		Dir: o.Dir, Stream: StreamName(o.Realm), Subject: Subject(o.Realm),
		Config: func(described []byte) error { return CheckDescription(described, o.Realm) },
	}
}

func openFiles(ctx context.Context, o *Options, last uint64) (*files, error) {
	options := blockOptions(o)
	options.Last = last
	store, err := blocks.Open(ctx, options)
	return &files{store: store}, err
}

// upTo returns a reader of the messages up to last, which the server has stored.
func (f *files) upTo(ctx context.Context, last uint64) (*blocks.Store, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	grown, err := f.store.Grown(ctx, last)
	if err != nil {
		return nil, err
	}
	f.store = grown
	return grown, nil
}

// getFile returns a message from the block files.
func (s *Store) getFile(ctx context.Context, stream uint64) (eventstore.Message, error) {
	if s.isClosed() {
		return eventstore.Message{}, errClosed
	}
	last := s.acked.Load()
	if stream > last {
		var err error
		if last, err = s.Last(ctx); err != nil {
			return eventstore.Message{}, err
		}
	}
	if stream > last {
		s.fence.readBack(stream)
		return eventstore.Message{}, fmt.Errorf("the log ends at %d", last)
	}
	reader, err := s.files.upTo(ctx, last)
	if err != nil {
		return eventstore.Message{}, err
	}
	m, err := reader.Get(ctx, stream)
	if err == nil {
		s.fence.readBack(stream)
	}
	return m, err
}

// readFiles yields the messages from position from to last.
func (s *Store) readFiles(ctx context.Context, from, last uint64) iter.Seq2[eventstore.Message, error] {
	return func(yield func(eventstore.Message, error) bool) {
		reader, err := s.files.upTo(ctx, last)
		if err != nil {
			yield(eventstore.Message{}, err)
			return
		}
		for m, err := range reader.Read(ctx, from) {
			if err == nil && s.isClosed() {
				err = errClosed
			}
			if err == nil && m.Stream > last {
				return
			}
			if !yield(m, err) || err != nil {
				return
			}
		}
	}
}

// notRecovered returns an error if the server has no stream although the files of the stream
// are intact or could not be read. It returns nil if the files are damaged or absent. The
// server reports a failed open or read in its log only.
func (s *Store) notRecovered(ctx context.Context) error {
	if s.opts.Dir == "" {
		return nil
	}
	reader, err := blocks.Open(ctx, blockOptions(&s.opts))
	if err == nil {
		err = errors.Join(reader.Check(ctx), reader.Close())
	}
	if err != nil && errors.As(err, new(*eventstore.Fault)) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("the server did not recover stream %s, whose files in %s are intact: start again", s.name, s.opts.Dir)
}
