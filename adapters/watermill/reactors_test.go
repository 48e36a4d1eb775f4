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

	"authledger/eventstore"
)

// reacts runs a reactor of failed logins, of whose fields those that are missing do
// nothing, until the test or stop ends it.
func reacts(t *testing.T, l *eventstore.Ledger, registry prometheus.Registerer, all ...Reactor) (stop func() error) {
	t.Helper()
	for i := range all {
		r := &all[i]
		r.After = func() Position { return Position{} }
		r.Wants = func(kind string) bool { return kind == "login.failed" }
		if r.Passed == nil {
			r.Passed = func(Position) error { return nil }
		}
		if r.Hopeless == nil {
			r.Hopeless = func(error) bool { return false }
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
	t.Cleanup(func() { _ = stop() }) // whoever wants its error has it
	return stop
}

var errWeather = errors.New("the weather")

// What fails or panics is tried again at once with the same message, then turned
// down, and comes again before anything else does.
func TestReactRetries(t *testing.T) {
	l := openLedger(t)
	failures(t, NewPublisher(l, "gateway/test", "test"), "alice", 2)
	heard := make(chan *message.Message, 100)
	calls := 0
	stop := reacts(t, l, nil, Reactor{Name: "r", React: func(m *message.Message) ([]*message.Message, error) {
		heard <- m
		switch calls++; {
		case calls == 1:
			panic("at first")
		case calls <= 1+retriesMax:
			return nil, errWeather
		}
		return nil, nil
	}})
	first := next(t, heard)
	for range retriesMax {
		if m := next(t, heard); m != first {
			t.Error("it was turned down before it was tried again")
		}
	}
	if m := next(t, heard); m == first || m.UUID != first.UUID {
		t.Errorf("%s came behind %s, which was turned down", m.UUID, first.UUID)
	}
	if m := next(t, heard); m.UUID == first.UUID {
		t.Error("what was dealt with came again")
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// What is hopeless is not tried again but given up, with the reason, and the next
// event comes; if giving up fails the event comes again.
func TestReactGivesUp(t *testing.T) {
	l := openLedger(t)
	failures(t, NewPublisher(l, "gateway/test", "test"), "alice", 2)
	heard, given := make(chan *message.Message, 100), make(chan *message.Message, 100)
	hopeless := errors.New("hopeless")
	ups := 0
	reacts(t, l, nil, Reactor{
		Name:     "r",
		React:    func(m *message.Message) ([]*message.Message, error) { heard <- m; return nil, hopeless },
		Hopeless: func(err error) bool { return errors.Is(err, hopeless) },
		GiveUp: func(m *message.Message) error {
			given <- m
			if ups++; ups == 1 {
				return errWeather
			}
			return nil
		},
	})
	first := next(t, given)
	if again := next(t, given); again.UUID != first.UUID {
		t.Errorf("%s came behind %s, which could not be given up", again.UUID, first.UUID)
	}
	second := next(t, given)
	if second.UUID == first.UUID || second.Metadata.Get("reason_poisoned") != hopeless.Error() {
		t.Error(second.UUID, second.Metadata)
	}
	for _, want := range []string{first.UUID, first.UUID, second.UUID} {
		if m := next(t, heard); m.UUID != want {
			t.Errorf("%s, want %s: was what is hopeless tried again?", m.UUID, want)
		}
	}
}

// published takes what is published to it.
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

// What a reactor returns is published under the correlation id of its event, which is
// the id of the command behind it; without Out to return something is an error.
func TestReactCorrelates(t *testing.T) {
	l := openLedger(t)
	failures(t, NewPublisher(l, "gateway/test", "test"), "alice", 2)
	out := &publishedTo{all: make(chan *message.Message, 100)}
	says := func(m *message.Message) ([]*message.Message, error) {
		return []*message.Message{message.NewMessage("of-"+m.UUID, nil)}, nil
	}
	stuck := make(chan *message.Message, 100)
	stop := reacts(t, l, nil, Reactor{Name: "says", React: says, Out: out, Topic: "letters"},
		Reactor{Name: "stuck", React: func(m *message.Message) ([]*message.Message, error) { stuck <- m; return says(m) }})
	for _, command := range []string{"alice-0", "alice-1"} {
		if m := next(t, out.all); m.Metadata.Get("correlation_id") != command || m.Metadata.Get("topic") != "letters" {
			t.Errorf("%s: %v, want the correlation id %s", m.UUID, m.Metadata, command)
		}
	}
	if first, again := next(t, stuck), next(t, stuck); first.UUID != again.UUID {
		t.Error("what was returned is lost")
	}
	if err := stop(); err != nil || out.closed.Load() {
		t.Errorf("%v, Out closed: %t", err, out.closed.Load())
	}
}

// A reactor is not told faster than its rate, and what comes of its events is
// measured under its name.
func TestReactThrottledAndMeasured(t *testing.T) {
	const events = 60
	l := openLedger(t)
	failures(t, NewPublisher(l, "gateway/test", "test"), "alice", events)
	registry := prometheus.NewPedanticRegistry()
	heard := make(chan *message.Message, events)
	begun := time.Now()
	stop := reacts(t, l, registry, Reactor{Name: "r", React: func(m *message.Message) ([]*message.Message, error) { heard <- m; return nil, nil }})
	for range events {
		next(t, heard)
	}
	// One tick may have been waiting, and the last has not passed.
	if took, least := time.Since(begun), (events-2)*time.Second/reactorRate; took < least {
		t.Errorf("%d events in %v, want at least %v", events, took, least)
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
	for _, want := range []string{"authledger_reactor_handler_execution_time_seconds", "authledger_reactor_subscriber_messages_received_total", `name:"handler_name" value:"r"`, `sample_count:60`} {
		if !strings.Contains(strings.ReplaceAll(text.String(), "  ", " "), want) {
			t.Errorf("no %s in %s", want, text.String())
		}
	}
}

// Reactors don't wait for one another.
func TestReactApart(t *testing.T) {
	l := openLedger(t)
	failures(t, NewPublisher(l, "gateway/test", "test"), "alice", 3)
	heard, held := make(chan *message.Message, 100), make(chan *message.Message, 100)
	stop := reacts(t, l, nil,
		Reactor{Name: "holds", React: func(m *message.Message) ([]*message.Message, error) {
			held <- m
			<-m.Context().Done()
			return nil, m.Context().Err()
		}},
		Reactor{Name: "r", React: func(m *message.Message) ([]*message.Message, error) { heard <- m; return nil, nil }})
	next(t, held)
	for range 3 {
		next(t, heard)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// When a reactor can't go on, because its position can't be kept, React says so, and
// how far it has come.
func TestReactEnds(t *testing.T) {
	l := openLedger(t)
	p := NewPublisher(l, "gateway/test", "test")
	failures(t, p, "bob", 1)
	if err := p.Publish("login.report", message.NewMessage("ok", []byte(`{"user":"alice","outcome":"succeeded"}`))); err != nil {
		t.Fatal(err)
	}
	r := Reactor{
		Name: "r", After: func() Position { return Position{} }, Wants: func(kind string) bool { return kind == "login.failed" },
		Passed: func(Position) error { return errWeather }, Hopeless: func(error) bool { return false },
		React: func(*message.Message) ([]*message.Message, error) { return nil, nil },
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := React(ctx, l, []Reactor{r}, nil, slog.New(slog.DiscardHandler)); !errors.Is(err, errWeather) || !strings.Contains(err.Error(), "behind 1.0") {
		t.Error(err)
	}
}
