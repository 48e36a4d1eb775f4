package watermill

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// AllEvents is the topic of every event. The others are the types of events.
const AllEvents = "events"

// Keys of a message's metadata. The payload is the event's data as JSON.
const (
	PositionKey = "position"       // of the event; the consumer stores it with the effect
	TypeKey     = "type"           // of the event
	EntityKey   = "entity"         // the entity of the event, such as user/alice
	AtKey       = "at"             // the time of the event, RFC 3339
	CommandKey  = "correlation_id" // the id of the command that caused the event
	SourceKey   = "source"         // of that command
)

// payloadBytes is the initial capacity of a payload. Most events fit.
const payloadBytes = 128

// The first and the maximum pause before the subscriber sends a rejected message again. The
// pause doubles with each rejection.
const (
	redeliveryPauseFirst = time.Millisecond
	redeliveryPauseMax   = 10 * time.Second
)

// SubscriberOptions configure a [Subscriber]. Every field is optional.
type SubscriberOptions struct {
	// After returns the position of the last event of a topic that the consumer finished,
	// as it was stored with the effect. Subscribe calls it once. Default: the zero
	// Position, which is before all events.
	After func(ctx context.Context, topic string) (domain.EventPosition, error)
	Log   *slog.Logger // default: slog.Default()

	// Wants reports whether the consumer receives events of a type. Default: all types.
	// Passed receives the position of each event that the consumer does not receive, so
	// that the consumer can resume after it. An error of Passed ends the subscription.
	Wants  func(eventType string) bool
	Passed func(domain.EventPosition) error
}

// Message is a Watermill message.
type Message = message.Message

// Subscriber sends recorded events. It is a message.Subscriber, safe for concurrent
// use. Each subscription receives every event of its topic.
type Subscriber struct {
	ledger  *eventstore.Ledger
	options SubscriberOptions
	ended   func(topic string, after domain.EventPosition, cause error) // called when a subscription fails
	closing context.Context
	close   context.CancelFunc

	mu      sync.Mutex // guards running.Add against Close
	running sync.WaitGroup
}

var _ message.Subscriber = (*Subscriber)(nil)

// NewSubscriber returns a subscriber. The caller MUST close it before the ledger.
func NewSubscriber(l *eventstore.Ledger, o SubscriberOptions) *Subscriber {
	if o.After == nil {
		o.After = func(context.Context, string) (domain.EventPosition, error) { return domain.EventPosition{}, nil }
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &Subscriber{ledger: l, options: o}
	s.ended = func(topic string, after domain.EventPosition, cause error) {
		o.Log.Error("subscription failed", "topic", topic, "after", after.String(), "cause", cause)
	}
	s.closing, s.close = context.WithCancel(context.Background())
	return s
}

// Subscribe sends the events of a topic after the position that [SubscriberOptions.After]
// returns, and then new events. It closes the channel when ctx ends or when the
// subscriber or the ledger is closed. If a message is unacknowledged then, the next
// subscription sends its event again. Subscribe returns an error for an unknown topic.
func (s *Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	filter := eventstore.Filter{Type: topic}
	if topic == AllEvents {
		filter.Type = ""
	} else if !slices.Contains(domain.EventTypes(), topic) {
		return nil, fmt.Errorf("subscribe: unknown topic %q: use %q or the type of an event", topic, AllEvents)
	}
	if s.closing.Err() != nil {
		return nil, ErrClosed
	}
	after, err := s.options.After(ctx, topic) // outside the lock, because it may block
	if err != nil {
		return nil, fmt.Errorf("subscribe to %s: read the start position: %w", topic, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Err() != nil {
		return nil, ErrClosed
	}
	feed, err := s.ledger.Follow(after.Seq, 0, filter)
	if err != nil {
		return nil, fmt.Errorf("subscribe to %s: %w", topic, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.closing, cancel)
	sub := &subscription{feed: feed, wants: s.wants(filter.Type), passed: s.options.Passed, after: after, out: make(chan *message.Message)}
	s.running.Go(func() {
		defer stop()
		defer cancel()
		defer feed.Close()
		defer close(sub.out)
		if err := sub.run(ctx); ctx.Err() == nil && !errors.Is(err, eventstore.ErrStopped) {
			s.ended(topic, sub.after, err)
		}
	})
	return sub.out, nil
}

// wants returns the filter of a subscription to one type of event, or to all if topic
// is "".
func (s *Subscriber) wants(topic string) func(string) bool {
	return func(eventType string) bool {
		return (topic == "" || eventType == topic) && (s.options.Wants == nil || s.options.Wants(eventType))
	}
}

// Close ends every subscription and returns after the last has ended.
func (s *Subscriber) Close() error {
	s.mu.Lock()
	s.close()
	s.mu.Unlock()
	s.running.Wait()
	return nil
}

// subscription sends the events of one topic. One goroutine uses it.
type subscription struct {
	feed   *eventstore.Follower
	wants  func(eventType string) bool
	passed func(domain.EventPosition) error
	after  domain.EventPosition
	out    chan *message.Message
}

func (s *subscription) run(ctx context.Context) error {
	for {
		records, err := s.feed.Next(ctx)
		if err != nil {
			return err
		}
		for _, r := range records {
			if err := s.send(ctx, r); err != nil {
				return err
			}
		}
	}
}

// send sends the wanted events of a record, each until it is acknowledged.
func (s *subscription) send(ctx context.Context, r *domain.Record) error {
	for i := range r.Events {
		at := domain.EventPosition{Seq: r.Seq, Event: i}
		if !s.after.Before(at) {
			continue
		}
		if !s.wants(r.Events[i].Data.EventType()) {
			if err := s.pass(at); err != nil {
				return err
			}
			continue
		}
		for pause := redeliveryPauseFirst; ; pause = min(2*pause, redeliveryPauseMax) {
			acked, err := s.offer(ctx, r, at)
			if err != nil {
				return err
			}
			if acked {
				break
			}
			if err := wait(ctx, pause); err != nil {
				return err
			}
		}
		s.after = at
	}
	return nil
}

func (s *subscription) pass(at domain.EventPosition) error {
	if s.passed == nil {
		return nil
	}
	return s.passed(at)
}

// offer sends the message of an event, and returns whether the consumer acknowledged
// or rejected it. The message's context ends when offer returns.
func (s *subscription) offer(ctx context.Context, r *domain.Record, at domain.EventPosition) (acked bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m := messageOf(r, at)
	m.SetContext(&recorded{ctx, r, at})
	select {
	case s.out <- m:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	select {
	case <-m.Acked():
		return true, nil
	case <-m.Nacked():
		return false, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// messageOf returns a new message of an event. Each attempt needs a new one, because a
// consumer can't acknowledge a message that it has rejected.
func messageOf(r *domain.Record, at domain.EventPosition) *message.Message {
	e := &r.Events[at.Event]
	entity := e.Entity
	if entity == "" && len(r.Entities) > 0 {
		entity = r.Entities[0]
	}
	name := at.String()
	m := message.NewMessage(name, wire.AppendData(make([]byte, 0, payloadBytes), e.Data))
	m.Metadata = message.Metadata{
		PositionKey: name, TypeKey: e.Data.EventType(), EntityKey: string(entity), AtKey: e.At.UTC().Format(time.RFC3339Nano),
		CommandKey: r.Command.ID, SourceKey: r.Command.Source,
	}
	return m
}

// wait blocks for a duration or until ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
