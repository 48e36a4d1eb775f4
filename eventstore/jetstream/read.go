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
	// pullBytes is how much the server may send ahead of the reader. More
	// gains nothing measurable; less leaves the reader waiting.
	pullBytes = 16 << 20

	// handOver is how many messages wait between the client library and the
	// reader, above pullBytes.
	handOver = 64

	// quietMax is how long silence is taken for "nothing new" before the
	// server is asked whether it is hiding something.
	quietMax = time.Second

	// consumerIdleMax is when the server drops a consumer whose reader died.
	consumerIdleMax = time.Minute

	// forgetWait bounds dropping a consumer at the end of a read.
	forgetWait = time.Second

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
	for next := from; next <= last; {
		f, err := s.feed(ctx, next)
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

// ended puts ctx's end before whatever the end made fail.
func (s *Store) ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("read %s: %w", s.name, err)
}

// feed is one run of an ordered consumer, whose callback it turns round: the
// reader asks for a position, and gets it or hears why not.
type feed struct {
	store    *Store
	consumer jetstream.Consumer
	consume  jetstream.ConsumeContext
	arrived  chan jetstream.Msg
	stopped  chan struct{}
	tick     *time.Ticker
}

func (s *Store) feed(ctx context.Context, from uint64) (*feed, error) {
	if s.isClosed() {
		return nil, errClosed
	}
	consumer, err := s.stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       from,
		InactiveThreshold: consumerIdleMax,
	})
	if err != nil {
		return nil, fmt.Errorf("make consumer at %d: %w", from, err)
	}
	f := &feed{
		store:    s,
		consumer: consumer,
		arrived:  make(chan jetstream.Msg, handOver),
		stopped:  make(chan struct{}),
	}
	f.consume, err = consumer.Consume(f.take, jetstream.PullMaxBytes(pullBytes))
	if err != nil {
		return nil, fmt.Errorf("consume from %d: %w", from, err)
	}
	f.tick = time.NewTicker(quietMax)
	return f, nil
}

func (f *feed) take(m jetstream.Msg) {
	select {
	case f.arrived <- m:
	case <-f.stopped:
	}
}

// next returns the message at position next. stalled says that it had to be
// asked for by name, and that a new feed should go on behind it.
func (f *feed) next(ctx context.Context, next, last uint64) (m eventstore.Message, stalled bool, err error) {
	for quiet := false; ; {
		select {
		case got := <-f.arrived:
			meta, err := got.Metadata()
			switch {
			case err != nil:
				return m, false, fmt.Errorf("message at or behind %d: %w", next, err)
			case meta.Sequence.Stream == next:
				return eventstore.Message{Stream: next, Data: got.Data()}, false, nil
			case meta.Sequence.Stream > next:
				m, err = f.store.get(ctx, next)
				return m, true, err
			}
		case <-f.tick.C:
			// The first tick may follow a message at once.
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

// hidden reports whether the server claims a message that it doesn't send.
func (f *feed) hidden(ctx context.Context, next, last uint64) (bool, error) {
	if last != endless {
		return true, nil
	}
	end, err := f.store.Last(ctx)
	return next <= end, err
}

func (f *feed) stop() {
	close(f.stopped)
	f.consume.Stop()
	f.tick.Stop()
	if f.store.isClosed() {
		return
	}
	// Else each short read would leave a consumer until it idles out.
	ctx, cancel := context.WithTimeout(context.Background(), forgetWait)
	defer cancel()
	err := f.store.stream.DeleteConsumer(ctx, f.consumer.CachedInfo().Name)
	if err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return // it idles out
	}
}
