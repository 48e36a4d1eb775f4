package watermill

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"pgregory.net/rapid"

	"authledger/domain"
	"authledger/eventstore"
)

// published returns the positions of all events of a topic in a log.
func published(t testing.TB, l *eventstore.Ledger, topic string) (all []string) {
	t.Helper()
	for r, err := range l.Records(t.Context(), 1, 0, false) {
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range r.Events {
			if topic == AllEvents || e.Data.EventType() == topic {
				all = append(all, domain.EventPosition{Seq: r.Seq, Event: i}.String())
			}
		}
	}
	return all
}

// Each subscription receives every event of its topic once and in order, also while
// other goroutines write.
func TestSubscribeInOrder(t *testing.T) {
	l := openLedger(t)
	p, s := NewPublisher(l, "gateway/test", "test"), NewSubscriber(l, SubscriberOptions{})
	failures(t, p, "alice", 30)
	topics := []string{AllEvents, AllEvents, "login.failed", "lockout.started"}
	var from []<-chan *message.Message
	for _, topic := range topics {
		messages, err := s.Subscribe(t.Context(), topic)
		if err != nil {
			t.Fatal(err)
		}
		from = append(from, messages)
	}
	var writing sync.WaitGroup
	for u := range 10 {
		writing.Go(func() { failures(t, p, fmt.Sprint("u", u), 25) })
	}
	got := make([][]string, len(topics))
	var reading sync.WaitGroup
	writing.Wait()
	for i, topic := range topics {
		want := published(t, l, topic)
		reading.Go(func() {
			for range want {
				m := <-from[i]
				if bytes.Contains(m.Payload, []byte("192.0.2.7")) ||
					strings.Contains(fmt.Sprint(m.Metadata), "192.0.2.7") {
					t.Errorf("message %s: got personal data in %v, want none", m.UUID, m.Metadata)
				}
				if m.Metadata.Get(PositionKey) != m.UUID || m.Metadata.Get(TypeKey) == "" ||
					m.Metadata.Get(EntityKey) == "" || m.Metadata.Get(CommandKey) == "" {
					t.Errorf("message %s: got metadata %v, want the position, the entity and the command", m.UUID,
						m.Metadata)
				}
				got[i] = append(got[i], m.UUID)
				m.Ack()
			}
			if strings.Join(got[i], " ") != strings.Join(want, " ") {
				t.Errorf("%s: got %d messages, want %d:\n%v\nwant\n%v", topic, len(got[i]), len(want), got[i], want)
			}
		})
	}
	reading.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, messages := range from {
		ended(t, messages)
	}
}

// A consumer that stores its position with its effect has the effect of every event
// once and in order, wherever it rejects messages or ends (issue 5, Watermill).
func TestResumeAnywhere(t *testing.T) {
	l := openLedger(t)
	p := NewPublisher(l, "gateway/test", "test")
	failures(t, p, "alice", 25)
	failures(t, p, "bob", 12)
	for _, topic := range []string{AllEvents, "login.failed", "lockout.started", "device.activated"} {
		want := strings.Join(published(t, l, topic), " ")
		rapid.Check(t, func(t *rapid.T) {
			var kept domain.EventPosition
			var effects []string
			for len(effects) < len(strings.Fields(want)) {
				lives := rapid.IntRange(1, 12).Draw(t, "messages until the process ends")
				consume(t, l, topic, &kept, &effects, lives, len(strings.Fields(want))-len(effects))
			}
			if got := strings.Join(effects, " "); got != want {
				t.Fatalf("%s: got\n%s, want\n%s", topic, got, want)
			}
		})
	}
}

// consume is one process of a consumer. It handles at most a number of messages,
// rejects some of them, or ends with one unacknowledged.
func consume(t *rapid.T, l *eventstore.Ledger, topic string, kept *domain.EventPosition, effects *[]string,
	messages, left int) {
	s := NewSubscriber(l,
		SubscriberOptions{After: func(context.Context, string) (domain.EventPosition, error) { return *kept, nil }})
	defer s.Close()
	from, err := s.Subscribe(context.Background(), topic)
	if err != nil {
		t.Fatal(err)
	}
	for range min(messages, left) {
		m := <-from
		if rapid.IntRange(0, 9).Draw(t, "0 rejects the message") == 0 {
			m.Nack()
			again := <-from
			if again.UUID != m.UUID {
				t.Fatalf("after a rejection of %s: got %s, want it again", m.UUID, again.UUID)
			}
			m = again
		}
		at, err := ParsePosition(m.Metadata.Get(PositionKey))
		if err != nil {
			t.Fatal(err)
		}
		*kept, *effects = at, append(*effects, m.UUID) // one write
		if rapid.IntRange(0, 9).Draw(t, "0 ends the process before the acknowledgement") == 0 {
			return
		}
		m.Ack()
	}
}

// The subscriber sends no message before the last one is acknowledged. The context of
// a message ends with the message, the subscription and the subscriber.
func TestNoAck(t *testing.T) {
	l := openLedger(t)
	p, s := NewPublisher(l, "gateway/test", "test"), NewSubscriber(l, SubscriberOptions{})
	failures(t, p, "alice", 3)
	ctx, cancel := context.WithCancel(t.Context())
	from, err := s.Subscribe(ctx, AllEvents)
	if err != nil {
		t.Fatal(err)
	}
	first := next(t, from)
	select {
	case m := <-from:
		t.Fatalf("before the first message was acknowledged: got message %s, want none", m.UUID)
	default:
	}
	if first.Context().Err() != nil {
		t.Errorf("context of a message that is not acknowledged: got %v, want it open", first.Context().Err())
	}
	first.Ack()
	<-first.Context().Done()
	second := next(t, from)
	cancel()
	<-second.Context().Done()
	ended(t, from)
	again, err := s.Subscribe(t.Context(), AllEvents)
	if err != nil {
		t.Fatal(err)
	}
	if m := next(t, again); m.UUID != first.UUID {
		t.Errorf("without a stored position: got message %s, want %s", m.UUID, first.UUID)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	ended(t, again)
}

// Close is safe for concurrent and repeated calls. It leaves no goroutine (TestMain),
// and no subscription begins after it.
func TestConcurrentClose(t *testing.T) {
	l := openLedger(t)
	p := NewPublisher(l, "gateway/test", "test")
	failures(t, p, "alice", 20)
	for range 50 {
		s := NewSubscriber(l, SubscriberOptions{})
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				from, err := s.Subscribe(t.Context(), AllEvents)
				if err != nil {
					if !errors.Is(err, ErrClosed) {
						t.Errorf("Subscribe during Close: got error %v, want %v", err, ErrClosed)
					}
					return
				}
				for m := range from {
					m.Ack()
				}
			})
			group.Go(func() {
				for range rand.N(200) {
					_ = p.closed.Load()
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if _, err := s.Subscribe(t.Context(), AllEvents); !errors.Is(err, ErrClosed) {
			t.Errorf("Subscribe after Close: got error %v, want %v", err, ErrClosed)
		}
	}
}

// A slow After function delays neither Close nor another subscription. The subscription of the slow
// After function does not begin after Close.
func TestCloseDuringSubscribe(t *testing.T) {
	l := openLedger(t)
	asked, answer := make(chan bool), make(chan bool)
	s := NewSubscriber(l,
		SubscriberOptions{After: func(_ context.Context, topic string) (domain.EventPosition, error) {
			if topic == "lockout.started" {
				asked <- true
				<-answer
			}
			return domain.EventPosition{}, nil
		}})
	slow := make(chan error)
	go func() {
		_, err := s.Subscribe(context.Background(), "lockout.started")
		slow <- err
	}()
	<-asked
	closed := make(chan error, 1)
	go func() {
		_, err := s.Subscribe(context.Background(), AllEvents)
		closed <- errors.Join(err, s.Close())
	}()
	select {
	case err := <-closed:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Errorf("timed out after %v: got a slow After that blocks others, want Close and another subscription",
			patience)
	}
	close(answer)
	if err := <-slow; !errors.Is(err, ErrClosed) {
		t.Errorf("Subscribe with a slow After: got error %v, want %v", err, ErrClosed)
	}
}

// An unknown topic and an error of After are errors of Subscribe.
func TestSubscribeErrors(t *testing.T) {
	l := openLedger(t)
	lost := errors.New("lost")
	s := NewSubscriber(l,
		SubscriberOptions{After: func(context.Context, string) (domain.EventPosition, error) {
			return domain.EventPosition{}, lost
		}})
	defer s.Close()
	for _, topic := range []string{"", "login.report", "lockout.begun", "*"} {
		if _, err := s.Subscribe(t.Context(), topic); err == nil {
			t.Errorf("subscribe to %q: got no error, want one", topic)
		}
	}
	if _, err := s.Subscribe(t.Context(), AllEvents); !errors.Is(err, lost) {
		t.Errorf("Subscribe with a failing After: got error %v, want %v", err, lost)
	}
}

// ParsePosition reads the positions of messages, and "" as the position before all events.
func TestParsePosition(t *testing.T) {
	for text, want := range map[string]domain.EventPosition{"": {}, "41.2": {Seq: 41, Event: 2}} {
		if got, err := ParsePosition(text); got != want || err != nil {
			t.Errorf("ParsePosition(%q): got %v, %v, want %v", text, got, err, want)
		}
	}
	if got, err := ParsePosition("41"); err == nil {
		t.Errorf("ParsePosition(41): got %v, want an error", got)
	}
}
