package watermill

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/prometheus/client_golang/prometheus"

	"authledger/domain"
	"authledger/eventstore"
)

// reacts runs reactors of failed logins until the test or stop ends them. Missing
// fields of a reactor get values without an effect.
func reacts(t *testing.T, l *eventstore.Ledger, registry prometheus.Registerer,
	all ...Reactor) (stop func() error) {
	t.Helper()
	for i := range all {
		r := &all[i]
		r.After = func() domain.EventPosition { return domain.EventPosition{} }
		r.Wants = func(kind string) bool { return kind == "login.failed" }
		if r.Passed == nil {
			r.Passed = func(domain.EventPosition) error { return nil }
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- React(ctx, l, all, registry, slog.New(slog.DiscardHandler)) }()
	var err error
	ended := false
	stop = func() error {
		if cancel(); !ended {
			err, ended = <-done, true
		}
		return err
	}
	t.Cleanup(func() { _ = stop() }) // tests that check the error call stop
	return stop
}

var errTransient = errors.New("transient")

// The subscriber sends an event again after a panic and after each error, in a new
// message, before it sends the next event.
func TestReactRetries(t *testing.T) {
	const failing = 6
	l := openLedger(t)
	failures(t, NewPublisher(l, "gateway/test", "test"), "alice", 2)
	received := make(chan *message.Message, 100)
	calls := 0
	stop := reacts(t, l, nil, Reactor{Name: "r", React: func(m *message.Message) ([]*message.Message, error) {
		received <- m
		switch calls++; {
		case calls == 1:
			panic("at first")
		case calls <= failing:
			return nil, errTransient
		}
		return nil, nil
	}})
	first := next(t, received)
	for range failing {
		if m := next(t, received); m == first || m.UUID != first.UUID {
			t.Errorf("after a failure: got message %s, want a new message of %s", m.UUID, first.UUID)
		}
	}
	if m := next(t, received); m.UUID == first.UUID {
		t.Errorf("after the acknowledgement: got %s, want the next event", m.UUID)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// React passes an event with a permanent failure to GiveUp once, with the reason, and sends the next
// event. If GiveUp fails, React sends the event again.
func TestReactGivesUp(t *testing.T) {
	l := openLedger(t)
	failures(t, NewPublisher(l, "gateway/test", "test"), "alice", 2)
	received, passed := make(chan *message.Message, 100), make(chan *message.Message, 100)
	errHopeless := errors.New("hopeless")
	ups := 0
	reacts(t, l, nil, Reactor{
		Name:     "r",
		React:    func(m *message.Message) ([]*message.Message, error) { received <- m; return nil, errHopeless },
		Hopeless: func(err error) bool { return errors.Is(err, errHopeless) },
		GiveUp: func(m *message.Message) error {
			passed <- m
			if ups++; ups == 1 {
				return errTransient
			}
			return nil
		},
	})
	first := next(t, passed)
	if again := next(t, passed); again.UUID != first.UUID {
		t.Errorf("after a failed GiveUp: got %s, want %s again", again.UUID, first.UUID)
	}
	second := next(t, passed)
	if second.UUID == first.UUID || second.Metadata.Get("reason_poisoned") != errHopeless.Error() {
		t.Errorf("given up: got %s with metadata %v, want another event with the reason", second.UUID,
			second.Metadata)
	}
	for _, want := range []string{first.UUID, first.UUID, second.UUID} {
		if m := next(t, received); m.UUID != want {
			t.Errorf("React: got %s, want %s", m.UUID, want)
		}
	}
}

// publishedTo is a publisher that collects messages.
type publishedTo struct {
	message.Publisher
	all    chan *message.Message
	closed atomic.Bool
}

func (p *publishedTo) Publish(topic string, messages ...*message.Message) error {
	for _, m := range messages {
		m.Metadata.Set("topic", topic)
		p.all <- m
	}
	return nil
}

func (p *publishedTo) Close() error { p.closed.Store(true); return nil }

// React publishes the messages that a reactor returns with the correlation id of the
// event, which is the id of its command. A message of a reactor without Out is an
// error.
func TestReactSetsCorrelationID(t *testing.T) {
	l := openLedger(t)
	failures(t, NewPublisher(l, "gateway/test", "test"), "alice", 2)
	out := &publishedTo{all: make(chan *message.Message, 100)}
	replies := func(m *message.Message) ([]*message.Message, error) {
		return []*message.Message{message.NewMessage("of-"+m.UUID, nil)}, nil
	}
	failing := make(chan *message.Message, 100)
	stop := reacts(t, l, nil, Reactor{Name: "replies", React: replies, Out: out, Topic: "replies"},
		Reactor{Name: "failing",
			React: func(m *message.Message) ([]*message.Message, error) { failing <- m; return replies(m) }})
	for _, command := range []string{"alice-0", "alice-1"} {
		m := next(t, out.all)
		if m.Metadata.Get("correlation_id") != command || m.Metadata.Get("topic") != "replies" {
			t.Errorf("message %s: got metadata %v, want the correlation id %s", m.UUID, m.Metadata, command)
		}
	}
	if first, again := next(t, failing), next(t, failing); first.UUID != again.UUID {
		t.Errorf("without Out: got %s after %s, want it again", again.UUID, first.UUID)
	}
	if err := stop(); err != nil || out.closed.Load() {
		t.Errorf("stop: got %v, Out closed %t, want nil, false", err, out.closed.Load())
	}
}

// A reactor receives events at no more than its rate. Metrics count its events under
// its name.
func TestReactThrottlesAndMeasures(t *testing.T) {
	const events = 60
	l := openLedger(t)
	failures(t, NewPublisher(l, "gateway/test", "test"), "alice", events)
	registry := prometheus.NewPedanticRegistry()
	received := make(chan *message.Message, events)
	begun := time.Now()
	stop := reacts(t, l, registry,
		Reactor{Name: "r",
			React: func(m *message.Message) ([]*message.Message, error) { received <- m; return nil, nil }})
	for range events {
		next(t, received)
	}
	// the throttle may let one event pass at once, and the last tick need not have
	// passed
	if took, least := time.Since(begun), (events-2)*time.Second/reactorRate; took < least {
		t.Errorf("got %d events in %v, want at least %v", events, took, least)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, f := range families {
		text.WriteString(f.String())
	}
	for _, want := range []string{"authledger_reactor_handler_execution_time_seconds",
		"authledger_reactor_subscriber_messages_received_total", `name:"handler_name" value:"r"`,
		`sample_count:60`} {
		if !strings.Contains(strings.ReplaceAll(text.String(), "  ", " "), want) {
			t.Errorf("metrics: got\n%s\nwant %s in it", text.String(), want)
		}
	}
}

// A blocked reactor delays no other.
func TestReactorsAreIndependent(t *testing.T) {
	l := openLedger(t)
	failures(t, NewPublisher(l, "gateway/test", "test"), "alice", 3)
	received, held := make(chan *message.Message, 100), make(chan *message.Message, 100)
	stop := reacts(t, l, nil,
		Reactor{Name: "holds", React: func(m *message.Message) ([]*message.Message, error) {
			held <- m
			<-m.Context().Done()
			return nil, m.Context().Err()
		}},
		Reactor{Name: "r",
			React: func(m *message.Message) ([]*message.Message, error) { received <- m; return nil, nil }})
	next(t, held)
	for range 3 {
		next(t, received)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// React returns an error with the position when a reactor can't store its position.
func TestReactReturnsError(t *testing.T) {
	l := openLedger(t)
	p := NewPublisher(l, "gateway/test", "test")
	failures(t, p, "bob", 1)
	err := p.Publish("login.report", message.NewMessage("ok", []byte(`{"user":"alice","outcome":"succeeded"}`)))
	if err != nil {
		t.Fatal(err)
	}
	r := Reactor{
		Name: "r", After: func() domain.EventPosition { return domain.EventPosition{} },
		Wants:  func(kind string) bool { return kind == "login.failed" },
		Passed: func(domain.EventPosition) error { return errTransient },
		React:  func(*message.Message) ([]*message.Message, error) { return nil, nil },
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := React(ctx, l, []Reactor{r}, nil, slog.New(slog.DiscardHandler)); !errors.Is(err, errTransient) ||
		!strings.Contains(err.Error(), "after 1.0") {
		t.Errorf("React: got error %v, want one with the position 1.0", err)
	}
}
