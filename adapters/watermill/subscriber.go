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

// Metadata of a message, beside the payload, which is the event's data as JSON.
const (
	PositionKey = "position" // of the event: to be kept with its effect
	TypeKey     = "type"
	EntityKey   = "entity"         // whose it is, such as user/alice
	AtKey       = "at"             // when it happened, RFC 3339
	CommandKey  = "correlation_id" // id of the command that brought it about
	SourceKey   = "source"         // of that command
)

// payloadBytes is room for the payload of a usual event.
const payloadBytes = 128

// Pauses before a message that was turned down comes again.
const (
	againFirst = time.Millisecond
	againMax   = 10 * time.Second
)

// SubscriberOptions says where a subscription begins.
type SubscriberOptions struct {
	// After is the position of the last event of a topic that was dealt with, as it
	// was kept with the effect; nil for the beginning. It is asked once a subscription.
	After func(ctx context.Context, topic string) (Position, error)
	Log   *slog.Logger // nil for slog.Default

	// Wants leaves events of other types out, if it is not nil; Passed is told up to
	// where there was nothing that is wanted, so that it need not be read again.
	Wants  func(kind string) bool
	Passed func(Position) error
}

// Message is one of Watermill's.
type Message = message.Message

// Subscriber tells recorded events. It is a message.Subscriber, safe for concurrent
// use; each subscription gets every event of its topic.
type Subscriber struct {
	ledger  *eventstore.Ledger
	options SubscriberOptions
	ended   func(topic string, behind Position, why error) // of itself
	closing context.Context
	close   context.CancelFunc

	mu      sync.Mutex // guards running.Add against Close
	running sync.WaitGroup
}

var _ message.Subscriber = (*Subscriber)(nil)

// NewSubscriber makes one. Close it before the ledger.
func NewSubscriber(l *eventstore.Ledger, o SubscriberOptions) *Subscriber {
	if o.After == nil {
		o.After = func(context.Context, string) (Position, error) { return Position{}, nil }
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &Subscriber{ledger: l, options: o}
	s.ended = func(topic string, behind Position, why error) {
		o.Log.Error("a subscription ends", "topic", topic, "behind", behind.String(), "cause", why)
	}
	s.closing, s.close = context.WithCancel(context.Background())
	return s
}

// Subscribe tells the events of a topic behind [SubscriberOptions.After], and then
// those to come, until ctx ends or the subscriber or the ledger is closed: then the
// channel is. A message that was neither acknowledged nor turned down by then
// comes again next time. An unknown topic is an error.
func (s *Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	filter := eventstore.Filter{Type: topic}
	if topic == AllEvents {
		filter.Type = ""
	} else if !slices.Contains(domain.EventTypes(), topic) {
		return nil, fmt.Errorf("subscribe: topic %q: want %q or the type of an event", topic, AllEvents)
	}
	if s.closing.Err() != nil {
		return nil, ErrClosed
	}
	after, err := s.options.After(ctx, topic) // without the lock, for it may take its time
	if err != nil {
		return nil, fmt.Errorf("subscribe to %s: where to begin: %w", topic, err)
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

// wants is which types a subscription to one type, or to all, is told of.
func (s *Subscriber) wants(topic string) func(string) bool {
	return func(kind string) bool {
		return (topic == "" || kind == topic) && (s.options.Wants == nil || s.options.Wants(kind))
	}
}

// Close ends all subscriptions, and waits for them.
func (s *Subscriber) Close() error {
	s.mu.Lock()
	s.close()
	s.mu.Unlock()
	s.running.Wait()
	return nil
}

// subscription is one topic on its way.
type subscription struct {
	feed   *eventstore.Follower
	wants  func(kind string) bool
	passed func(Position) error
	after  Position
	out    chan *message.Message
}

func (s *subscription) run(ctx context.Context) error {
	for {
		records, err := s.feed.Next(ctx)
		if err != nil {
			return err
		}
		for _, r := range records {
			if err := s.tell(ctx, r); err != nil {
				return err
			}
		}
	}
}

// tell tells the wanted events of a record, each until it is acknowledged.
func (s *subscription) tell(ctx context.Context, r *domain.Record) error {
	for i := range r.Events {
		at := Position{r.Seq, i}
		if !s.after.before(at) {
			continue
		}
		if !s.wants(r.Events[i].Data.EventType()) {
			if err := s.pass(at); err != nil {
				return err
			}
			continue
		}
		for pause := againFirst; ; pause = min(2*pause, againMax) {
			acked, err := s.offer(ctx, messageOf(r, at))
			if err != nil {
				return err
			}
			if acked {
				break
			}
			if err := sleep(ctx, pause); err != nil {
				return err
			}
		}
		s.after = at
	}
	return nil
}

func (s *subscription) pass(at Position) error {
	if s.passed == nil {
		return nil
	}
	return s.passed(at)
}

// offer gives one message, and waits for what its consumer says.
func (s *subscription) offer(ctx context.Context, m *message.Message) (acked bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // the message's context ends with its being dealt with
	m.SetContext(ctx)
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

// messageOf makes a message of an event: a new one each time, for one that was
// turned down can't be acknowledged.
func messageOf(r *domain.Record, at Position) *message.Message {
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

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
