package jetstream

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"authledger/eventstore"
)

const (
	// pullBytes is the maximum number of bytes that the server sends ahead of the reader.
	// A higher value gains nothing measurable; with a lower value the reader waits.
	pullBytes = 16 << 20

	// handOver is the capacity of the channel between the client library and the reader, in
	// messages. The reader holds these messages in addition to pullBytes.
	handOver = 64

	// quietMax is the duration without a message after which the reader asks the server
	// whether the next position exists.
	quietMax = time.Second

	// consumerIdleMax is the duration after which the server deletes an unused consumer.
	consumerIdleMax = time.Minute

	// deleteWait is the maximum duration of deleting a consumer at the end of a read.
	deleteWait = time.Second

	// endless is the last position of a Tail.
	endless = ^uint64(0)
)

// Read implements [eventstore.Store].
func (s *Store) Read(ctx context.Context, from uint64) iter.Seq2[eventstore.Message, error] {
	last, err := s.Last(ctx)
	return func(yield func(eventstore.Message, error) bool) {
		if err != nil {
			yield(eventstore.Message{}, err)
			return
		}
		s.read(ctx, from, last, yield)
	}
}

// Tail implements [eventstore.Store].
func (s *Store) Tail(ctx context.Context, from uint64) iter.Seq2[eventstore.Message, error] {
	return func(yield func(eventstore.Message, error) bool) {
		s.read(ctx, from, endless, yield)
	}
}

func (s *Store) read(ctx context.Context, from, last uint64, yield func(eventstore.Message, error) bool) {
	if from == 0 {
		yield(eventstore.Message{}, fmt.Errorf("read %s: positions begin at 1", s.name))
		return
	}
	next := from
	if s.files != nil {
		var more bool
		if next, more = s.readStored(ctx, from, last, yield); !more {
			return
		}
	}
	for next <= last {
		f, err := s.consumeFrom(ctx, next)
		if err != nil {
			yield(eventstore.Message{}, s.ended(ctx, err))
			return
		}
		for stalled := false; next <= last && !stalled; next++ {
			var m eventstore.Message
			m, stalled, err = f.next(ctx, next, last)
			if err != nil {
				yield(eventstore.Message{}, s.ended(ctx, err))
				f.stop()
				return
			}
			if !yield(m, nil) {
				f.stop()
				return
			}
		}
		f.stop()
	}
}

// readStored yields the messages that are stored now, from the block files. It returns
// the position after them, and false if the read has ended.
func (s *Store) readStored(ctx context.Context, from, last uint64, yield func(eventstore.Message, error) bool) (next uint64, more bool) {
	stored := last
	if last == endless {
		var err error
		if stored, err = s.Last(ctx); err != nil {
			yield(eventstore.Message{}, s.ended(ctx, err))
			return from, false
		}
	}
	next = from
	for m, err := range s.readFiles(ctx, from, stored) {
		if !yield(m, err) || err != nil {
			return next, false
		}
		next++
	}
	return next, true
}

// ended returns the error of ctx if ctx has ended, because other errors may follow from it.
func (s *Store) ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("read %s: %w", s.name, err)
}

// consumer is one run of an ordered consumer of the client library. Its method next returns
// one position at a time, in place of a callback.
type consumer struct {
	store   *Store
	ordered jetstream.Consumer
	consume jetstream.ConsumeContext
	arrived chan jetstream.Msg
	stopped chan struct{}
	tick    *time.Ticker
}

func (s *Store) consumeFrom(ctx context.Context, from uint64) (*consumer, error) {
	if s.isClosed() {
		return nil, errClosed
	}
	ordered, err := s.stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       from,
		InactiveThreshold: consumerIdleMax,
	})
	if err != nil {
		return nil, fmt.Errorf("create a consumer at %d: %w", from, err)
	}
	f := &consumer{
		store:   s,
		ordered: ordered,
		arrived: make(chan jetstream.Msg, handOver),
		stopped: make(chan struct{}),
	}
	f.consume, err = ordered.Consume(f.receive, jetstream.PullMaxBytes(pullBytes))
	if err != nil {
		return nil, fmt.Errorf("consume from %d: %w", from, err)
	}
	f.tick = time.NewTicker(quietMax)
	return f, nil
}

func (f *consumer) receive(m jetstream.Msg) {
	select {
	case f.arrived <- m:
	case <-f.stopped:
	}
}

// next returns the message at position next. It sets stalled if it had to request that
// position directly; the caller then continues with a new consumer.
func (f *consumer) next(ctx context.Context, next, last uint64) (m eventstore.Message, stalled bool, err error) {
	for quiet := false; ; {
		select {
		case got := <-f.arrived:
			meta, err := got.Metadata()
			switch {
			case err != nil:
				return m, false, fmt.Errorf("message at or after %d: %w", next, err)
			case meta.Sequence.Stream == next:
				return eventstore.Message{Stream: next, Data: got.Data()}, false, nil
			case meta.Sequence.Stream > next:
				m, err = f.store.get(ctx, next)
				return m, true, err
			}
		case <-f.tick.C:
			// The first tick may come at once after a message.
			if !quiet {
				quiet = true
				continue
			}
			if hidden, err := f.hidden(ctx, next, last); err != nil || hidden {
				if err == nil {
					m, err = f.store.get(ctx, next)
				}
				return m, true, err
			}
		case <-ctx.Done():
			return m, false, ctx.Err()
		case <-f.store.closed:
			return m, false, errClosed
		}
	}
}

// hidden reports whether the server has message next although it does not send it.
func (f *consumer) hidden(ctx context.Context, next, last uint64) (bool, error) {
	if last != endless {
		return true, nil
	}
	end, err := f.store.Last(ctx)
	return next <= end, err
}

func (f *consumer) stop() {
	close(f.stopped)
	f.consume.Stop()
	f.tick.Stop()
	if f.store.isClosed() {
		return
	}
	// Without the deletion, each short read would leave a consumer for consumerIdleMax.
	ctx, cancel := context.WithTimeout(context.Background(), deleteWait)
	defer cancel()
	err := f.store.stream.DeleteConsumer(ctx, f.ordered.CachedInfo().Name)
	if err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return // the server deletes it after consumerIdleMax
	}
}
