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

	"authledger/eventstore"
)

// Reactor is a part of the node that reacts to events, one after another.
type Reactor struct {
	Name string // of its metrics and in the log: no user's

	After  func() Position        // the last event that it has dealt with
	Wants  func(kind string) bool // types of events
	Passed func(Position) error   // nothing up to there was wanted

	// React deals with an event, and keeps its position with the effect. What fails is
	// tried again, at once and then later and later, unless it is Hopeless: that goes
	// to GiveUp, and the next event comes.
	React    func(*message.Message) ([]*message.Message, error)
	Hopeless func(error) bool
	GiveUp   func(*message.Message) error

	// Out is told what React returns, if anything, under Topic and the event's
	// correlation id, before the event counts as dealt with: a position that React
	// keeps at once may then be ahead of it. It is not closed.
	Out   message.Publisher
	Topic string
}

// Limits of a reactor.
const (
	reactorRate   = 500 // events a second
	retriesMax    = 5   // at once; then the message is turned down, and comes again
	retryFirst    = 50 * time.Millisecond
	retryMax      = 2 * time.Second
	retryGrows    = 2
	closeReactors = 15 * time.Second // longer than an attempt of any takes
)

// React runs the reactors side by side in one Router, until ctx ends. Each has a
// subscription of its own, so that none waits for another. One that can't go on, as
// when its position can't be kept, ends them all, with an error: whoever runs them
// begins again.
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
			_ = s.Close() // it has no error
		}
	}()
	for i := range reactors {
		s, err := reactors[i].join(router, l, log)
		if err != nil {
			return fmt.Errorf("reactor %s: %w", reactors[i].Name, err)
		}
		s.ended = func(_ string, behind Position, why error) {
			fail(fmt.Errorf("reactor %s, behind %s: %w", reactors[i].Name, behind, why))
		}
		subscribers = append(subscribers, s)
	}
	err = router.Run(running)
	if ctx.Err() != nil {
		return nil
	}
	return errors.Join(err, context.Cause(running))
}

// join adds a reactor. From the outside in: what it is called by, how fast, what is
// given up, what is tried again, and panics, which are errors like others.
func (r *Reactor) join(router *message.Router, l *eventstore.Ledger, log *slog.Logger) (*Subscriber, error) {
	s := NewSubscriber(l, SubscriberOptions{
		After: func(context.Context, string) (Position, error) { return r.After(), nil }, Wants: r.Wants, Passed: r.Passed, Log: log,
	})
	poison, err := middleware.PoisonQueueWithFilter(poisoned{r.GiveUp}, "given up", r.Hopeless)
	if err != nil {
		return nil, err
	}
	out := r.Out
	if out == nil {
		out = nowhere{}
	}
	handler := router.AddHandler(r.Name, AllEvents, s, r.Topic, leftOpen{out}, r.React)
	handler.AddMiddleware(
		middleware.CorrelationID,
		middleware.NewThrottle(reactorRate, time.Second).Middleware,
		poison,
		middleware.Retry{
			MaxRetries: retriesMax, InitialInterval: retryFirst, MaxInterval: retryMax, Multiplier: retryGrows,
			ShouldRetry: func(p middleware.RetryParams) bool { return !r.Hopeless(p.Err) && !errors.Is(p.Err, context.Canceled) },
		}.Middleware,
		middleware.Recoverer,
	)
	return s, nil
}

// poisoned is where messages go that are given up.
type poisoned struct {
	giveUp func(*message.Message) error
}

func (p poisoned) Publish(_ string, messages ...*message.Message) error {
	for _, m := range messages {
		if err := p.giveUp(m); err != nil {
			return err
		}
	}
	return nil
}

func (poisoned) Close() error { return nil }

// leftOpen is a publisher that outlives the Router.
type leftOpen struct{ message.Publisher }

func (leftOpen) Close() error { return nil }

// nowhere is where a reactor publishes that has no Out.
type nowhere struct{ leftOpen }

func (nowhere) Publish(string, ...*message.Message) error { return errNowhere }

var errNowhere = errors.New("watermill: a reactor without Out returns messages")

// quieter lets through what somebody should see: the Router tells at info what the
// node tells itself.
func quieter(log *slog.Logger) *slog.Logger { return slog.New(atLeastWarn{log.Handler()}) }

type atLeastWarn struct{ slog.Handler }

func (h atLeastWarn) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}
