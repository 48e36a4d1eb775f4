package watermill

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	wm "github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/components/metrics"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"github.com/prometheus/client_golang/prometheus"

	"authledger/domain"
	"authledger/eventstore"
)

// Reactor handles events, one after another. Every field is required unless its comment
// says otherwise.
type Reactor struct {
	Name string // in metrics and logs; it MUST NOT contain the name of a user

	After  func() domain.EventPosition      // returns the position of the last finished event
	Wants  func(eventType string) bool      // reports whether the reactor receives a type of event
	Passed func(domain.EventPosition) error // receives the positions of the other events

	// React handles an event and stores its position with the effect. After an error or a
	// panic the subscriber sends the event again, after a pause that doubles up to 10 s.
	React func(*message.Message) ([]*message.Message, error)

	// If React returns an error for which Hopeless returns true, the reactor does not
	// retry: GiveUp receives the message, and the next event follows. Both functions are
	// optional; set both or neither.
	Hopeless func(error) bool
	GiveUp   func(*message.Message) error

	// Out receives the messages that React returns, under Topic and with the correlation
	// id of the event, before the event is acknowledged. React does not close Out. Out and
	// Topic are optional for a reactor that returns no messages.
	Out   message.Publisher
	Topic string
}

// Limits of a reactor.
const (
	reactorRate   = 500              // events a second
	closeReactors = 15 * time.Second // maximum wait for the handlers when the Router closes; longer than one attempt of any reactor
)

// React runs the reactors in one Router until ctx ends. Each has its own subscription,
// so that a slow reactor does not delay the others. If a reactor fails, for example because its
// position can't be stored, React stops all of them and returns the error. The caller
// then calls React again.
func React(ctx context.Context, l *eventstore.Ledger, reactors []Reactor, registry prometheus.Registerer, log *slog.Logger) error {
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: closeReactors}, wm.NewSlogLogger(quieter(log)))
	if err != nil {
		return fmt.Errorf("make the router of the reactors: %w", err)
	}
	if registry != nil {
		metrics.NewPrometheusMetricsBuilder(registry, "authledger", "reactor").AddPrometheusRouterMetrics(router)
	}
	running, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var subscribers []*Subscriber
	defer func() {
		for _, s := range subscribers {
			_ = s.Close() // always nil
		}
	}()
	for i := range reactors {
		s, err := reactors[i].join(router, l, log)
		if err != nil {
			return fmt.Errorf("reactor %s: %w", reactors[i].Name, err)
		}
		s.ended = func(_ string, after domain.EventPosition, cause error) {
			fail(fmt.Errorf("reactor %s, after %s: %w", reactors[i].Name, after, cause))
		}
		subscribers = append(subscribers, s)
	}
	err = router.Run(running)
	if ctx.Err() != nil {
		return nil
	}
	return errors.Join(err, context.Cause(running))
}

// join adds a reactor to a router. The middlewares are, from the outside in: correlation
// id, throttle, poison queue, recovery from panics.
func (r *Reactor) join(router *message.Router, l *eventstore.Ledger, log *slog.Logger) (*Subscriber, error) {
	s := NewSubscriber(l, SubscriberOptions{
		After: func(context.Context, string) (domain.EventPosition, error) { return r.After(), nil }, Wants: r.Wants, Passed: r.Passed, Log: log,
	})
	out := r.Out
	if out == nil {
		out = noOut{}
	}
	handler := router.AddHandler(r.Name, AllEvents, s, r.Topic, keptOpen{out}, r.React)
	handler.AddMiddleware(middleware.CorrelationID, middleware.NewThrottle(reactorRate, time.Second).Middleware)
	if r.Hopeless != nil {
		poison, err := middleware.PoisonQueueWithFilter(poisonQueue{r.GiveUp}, "given up", r.Hopeless)
		if err != nil {
			return nil, err
		}
		handler.AddMiddleware(poison)
	}
	handler.AddMiddleware(middleware.Recoverer)
	return s, nil
}

// poisonQueue is the publisher to which Watermill sends a message if Hopeless returns true.
// It passes the message to GiveUp.
type poisonQueue struct {
	giveUp func(*message.Message) error
}

func (p poisonQueue) Publish(_ string, messages ...*message.Message) error {
	for _, m := range messages {
		if err := p.giveUp(m); err != nil {
			return err
		}
	}
	return nil
}

func (poisonQueue) Close() error { return nil }

// keptOpen is a publisher that stays open when the Router closes its publishers.
type keptOpen struct{ message.Publisher }

func (keptOpen) Close() error { return nil }

// noOut is the publisher of a reactor without Out.
type noOut struct{ keptOpen }

func (noOut) Publish(string, ...*message.Message) error { return errNoOut }

var errNoOut = errors.New("watermill: a reactor without Out returned messages")

// quieter drops the Router's messages below warn, because the node logs the same facts.
func quieter(log *slog.Logger) *slog.Logger { return slog.New(atLeastWarn{log.Handler()}) }

type atLeastWarn struct{ slog.Handler }

func (h atLeastWarn) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}
