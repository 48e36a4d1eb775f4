package rows

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"authledger/domain"
	"authledger/eventstore/durable"
)

// Flush makes all rows durable that are published before the call.
func (s *Store) Flush(ctx context.Context) error {
	if err := s.awaitWritten(ctx); err != nil {
		return err
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.readers.Done()
	if err := s.flush(ctx); err != nil {
		return fmt.Errorf("flush projections: %w", err)
	}
	return nil
}

// flush waits until Pebble's tables hold the applied rows. It returns at the first failed
// attempt, because Pebble retries without a limit.
func (s *Store) flush(ctx context.Context) error {
	failure := s.flushes.failure()
	flushed, err := s.db.AsyncFlush()
	if err != nil {
		return s.MarkDamaged(err)
	}
	select {
	case <-flushed:
		return nil
	case <-failure:
		return durable.Remedied(s.flushes.err())
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Checkpoint returns the end of the newest commit whose rows are durable. A crash loses the
// rows of later commits.
func (s *Store) Checkpoint() (domain.Position, error) {
	if err := s.enter(); err != nil {
		return domain.Position{}, err
	}
	defer s.readers.Done()
	c, err := readCheckpoint(s.db, s.schema.Versions, &pebble.IterOptions{OnlyReadGuaranteedDurable: true})
	if err != nil {
		return domain.Position{}, s.MarkDamaged(err)
	}
	return c.position(), nil
}

// Close makes all published rows durable and releases the directory. It removes the
// generation if the generation is not current.
//
// If the rows can't be written, Close returns the cause and drops the rows: after the next
// Open the caller folds them again from the log. If Pebble has blocked a write, the
// directory stays locked until the process ends.
func (s *Store) Close() error {
	s.folding.Lock()
	defer s.folding.Unlock()
	s.mu.Lock()
	was := s.closed
	s.closed = true
	s.changed.broadcast()
	s.mu.Unlock()
	if was {
		return ErrClosed
	}
	close(s.stop)
	if err := s.awaitWriter(); err != nil {
		return fmt.Errorf("close projections: %w", err)
	}
	s.readers.Wait()
	return errors.Join(s.closePebble(), s.dir.detach(s.generation))
}

// awaitWriter waits until the writer has stopped. It returns an error if the writer is
// blocked in Pebble because flushes fail.
func (s *Store) awaitWriter() error {
	select {
	case <-s.stopped:
		return nil
	case <-s.flushes.failure():
	}
	select {
	case <-s.stopped:
		return nil
	case <-time.After(writerTimeout):
		return durable.Remedied(s.flushes.err())
	}
}

func (s *Store) closePebble() error {
	flush := durable.Remedied(s.flushes.err())
	if flush == nil && s.broken.Load() == nil {
		flush = s.flush(context.Background())
	}
	if err := errors.Join(flush, s.db.Close()); err != nil {
		return fmt.Errorf("close projections: %w", err)
	}
	return nil
}
