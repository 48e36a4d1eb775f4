package watermill

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
)

// The tests of Watermill's own suite (pubsub/tests of 1.5.1) that the other tests of
// this package do not contain. The suite itself can't run here, because it publishes
// to the topic that it subscribes to; here a topic has either commands or events.
// TestSubscribeInOrder covers PublishSubscribe, PublishSubscribeInOrder,
// ConcurrentSubscribe, ConcurrentSubscribeMultipleTopics and Topic.
// TestResumeAnywhere covers ResendOnError and ContinueAfterSubscribeClose. NoAck and
// ConcurrentClose have tests of these names. SubscriberOptions.After replaces
// ConsumerGroups. Reconnect does not apply, because there is no broker.

// takeAll acknowledges messages of a subscription, up to a number.
func takeAll(t testing.TB, from <-chan *message.Message, count int) (all []string) {
	t.Helper()
	for range count {
		m := next(t, from)
		all = append(all, m.UUID)
		m.Ack()
	}
	return all
}

// ContinueAfterErrors: subscribers that reject every message and end do not affect
// later ones. The pause before each redelivery is twice the former pause.
func TestContinueAfterErrors(t *testing.T) {
	const subscribers, nacks, events = 3, 8, 20
	l := openLedger(t)
	failures(t, NewPublisher(l, "gateway/test", "test"), "alice", events)
	for range subscribers {
		s := NewSubscriber(l, SubscriberOptions{})
		from, err := s.Subscribe(t.Context(), "login.failed")
		if err != nil {
			t.Fatal(err)
		}
		first, begun := "", time.Now()
		for range nacks {
			m := next(t, from)
			if first == "" {
				first = m.UUID
			}
			if m.UUID != first {
				t.Errorf("after a rejection of %s: got %s, want it again", first, m.UUID)
			}
			m.Nack()
		}
		if took, least := time.Since(begun), redeliveryPauseFirst<<(nacks-1)-redeliveryPauseFirst; took < least {
			t.Errorf("got %d rejections in %v, want at least %v", nacks, took, least)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		ended(t, from)
	}
	s := NewSubscriber(l, SubscriberOptions{})
	defer s.Close()
	from, err := s.Subscribe(t.Context(), "login.failed")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join(published(t, l, "login.failed"), " ")
	if got := strings.Join(takeAll(t, from, events), " "); got != want {
		t.Errorf("later subscriber: got %s, want %s", got, want)
	}
}

// PublisherClose: a command is recorded if Publish returned no error, also while
// Close runs, and is not recorded if Publish returned ErrClosed.
func TestPublisherClose(t *testing.T) {
	const publishers, each = 8, 200
	l := openLedger(t)
	p := NewPublisher(l, "gateway/test", "test")
	var group sync.WaitGroup
	taken := make([]int, publishers)
	for i := range publishers {
		group.Go(func() {
			for n := range each {
				m := message.NewMessage(fmt.Sprint(i, "-", n),
					fmt.Appendf(nil, `{"user":"u%d","outcome":"succeeded"}`, i))
				if err := p.Publish("login.report", m); errors.Is(err, ErrClosed) {
					return
				} else if err != nil {
					t.Error(err)
				}
				if taken[i]++; i == 0 && n == each/4 {
					if err := p.Close(); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	group.Wait()
	recorded := make([]int, publishers)
	for r, err := range l.Records(t.Context(), 1, 0, false) {
		if err != nil {
			t.Fatal(err)
		}
		var i, n int
		if _, err := fmt.Sscanf(r.Command.ID, "%d-%d", &i, &n); err != nil {
			t.Fatal(err)
		}
		recorded[i]++
	}
	if fmt.Sprint(taken) != fmt.Sprint(recorded) || taken[0] != each/4+1 {
		t.Errorf("got %v published without an error, want %v recorded", taken, recorded)
	}
}

// MessageCtx: the context of an unacknowledged message ends when the subscriber is
// closed.
func TestMessageCtx(t *testing.T) {
	l := openLedger(t)
	failures(t, NewPublisher(l, "gateway/test", "test"), "alice", 2)
	s := NewSubscriber(l, SubscriberOptions{})
	from, err := s.Subscribe(t.Context(), AllEvents)
	if err != nil {
		t.Fatal(err)
	}
	m := next(t, from)
	m.Nack()
	<-m.Context().Done()
	m = next(t, from)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	<-m.Context().Done()
	ended(t, from)
}

type contextKey string

// SubscribeCtx: a subscription ends with its context. The next one begins at the
// right position and has the values of its own context.
func TestSubscribeCtx(t *testing.T) {
	const events = 20
	l := openLedger(t)
	failures(t, NewPublisher(l, "gateway/test", "test"), "alice", events)
	s := NewSubscriber(l, SubscriberOptions{})
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	from, err := s.Subscribe(ctx, "login.failed")
	if err != nil {
		t.Fatal(err)
	}
	m := next(t, from)
	cancel()
	m.Ack()
	for range from { // at most one message was in flight
	}
	again, err := s.Subscribe(context.WithValue(t.Context(), contextKey("foo"), "bar"), "login.failed")
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		m := next(t, again)
		if m.Context().Value(contextKey("foo")) != "bar" {
			t.Errorf("message %d: got a context without a value of the subscription, want bar", i)
		}
		m.Ack()
	}
}

// NewSubscriberReceivesOldMessages, also if other subscribers have received them.
func TestNewSubscriberReceivesOldMessages(t *testing.T) {
	l := openLedger(t)
	p := NewPublisher(l, "gateway/test", "test")
	var all []<-chan *message.Message
	for round := range 4 {
		failures(t, p, fmt.Sprint("u", round), 2)
		s := NewSubscriber(l, SubscriberOptions{})
		defer s.Close()
		from, err := s.Subscribe(t.Context(), "login.failed")
		if err != nil {
			t.Fatal(err)
		}
		takeAll(t, from, 2*round) // the messages of earlier rounds
		all = append(all, from)
		want := strings.Join(published(t, l, "login.failed")[2*round:], " ")
		for i, from := range all {
			if got := strings.Join(takeAll(t, from, 2), " "); got != want {
				t.Errorf("subscriber %d in round %d: %s, want %s", i, round, got, want)
			}
		}
	}
}

// A subscription ends with the ledger, and no other can begin.
func TestSubscriptionEndsWithLedger(t *testing.T) {
	l, end := openClosable(t)
	s := NewSubscriber(l, SubscriberOptions{})
	defer s.Close()
	from, err := s.Subscribe(t.Context(), AllEvents)
	if err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	ended(t, from)
	if from, err = s.Subscribe(t.Context(), AllEvents); err == nil {
		ended(t, from)
	}
}
