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

// What Watermill's own suite asks (pubsub/tests of 1.5.1) and the other tests here
// don't. Its suite can't be run as it is: it publishes to the topic that it
// subscribes to, and a topic here is of commands or of events. Of its list,
// PublishSubscribe, PublishSubscribeInOrder, ConcurrentSubscribe, -MultipleTopics and
// Topic are TestSubscribeInOrder; ResendOnError and ContinueAfterSubscribeClose are
// TestResumeAnywhere; NoAck and ConcurrentClose have its names. ConsumerGroups is
// what SubscriberOptions.After is for, and Reconnect has no broker to reconnect to.

// takeAll acknowledges what a subscription tells, up to a number.
func takeAll(t testing.TB, from <-chan *message.Message, count int) (all []string) {
	t.Helper()
	for range count {
		m := next(t, from)
		all = append(all, m.UUID)
		m.Ack()
	}
	return all
}

// ContinueAfterErrors: subscribers that only turn down, and end, cost nobody anything.
// Before each time that the message comes there is a pause, twice as long as the last.
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
				t.Errorf("%s was turned down, and %s came", first, m.UUID)
			}
			m.Nack()
		}
		if took, least := time.Since(begun), againFirst<<(nacks-1)-againFirst; took < least {
			t.Errorf("turned down %d times in %v, want at least %v", nacks, took, least)
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
		t.Errorf("%s, want %s", got, want)
	}
}

// PublisherClose: what Publish has answered is recorded, whenever it is closed
// meanwhile, and what it refused is not.
func TestPublisherClose(t *testing.T) {
	const publishers, each = 8, 200
	l := openLedger(t)
	p := NewPublisher(l, "gateway/test", "test")
	var group sync.WaitGroup
	taken := make([]int, publishers)
	for i := range publishers {
		group.Go(func() {
			for n := range each {
				m := message.NewMessage(fmt.Sprint(i, "-", n), fmt.Appendf(nil, `{"user":"u%d","outcome":"succeeded"}`, i))
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
		t.Errorf("taken %v, recorded %v", taken, recorded)
	}
}

// MessageCtx: the context of a message under way ends when the subscriber is closed.
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

// SubscribeCtx: a subscription ends with its context, whatever is said to what was
// under way, and the next begins where it should, with the values of its own.
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
	for range from { // at most one that was on its way
	}
	again, err := s.Subscribe(context.WithValue(t.Context(), contextKey("foo"), "bar"), "login.failed")
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		m := next(t, again)
		if m.Context().Value(contextKey("foo")) != "bar" {
			t.Error(i, "does not have the subscription's context")
		}
		m.Ack()
	}
}

// NewSubscriberReceivesOldMessages, whoever has had them already.
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
		takeAll(t, from, 2*round) // the old ones
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
