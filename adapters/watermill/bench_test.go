package watermill

import (
	"fmt"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

// BenchmarkSubscribed measures a writer of a thousand commands, alone and with one
// subscriber of all events. It alternates between both in one run (issue 5: the
// subscriber costs less than 10 %).
func BenchmarkSubscribed(b *testing.B) {
	const commands = 1000
	alone, received := openLedger(b), openLedger(b)
	s := NewSubscriber(received, SubscriberOptions{})
	from, err := s.Subscribe(b.Context(), AllEvents)
	if err != nil {
		b.Fatal(err)
	}
	events := make(chan int)
	go func() {
		n := 0
		for m := range from {
			m.Ack()
			n++
		}
		events <- n
	}()
	var took [2]time.Duration
	rounds := 0
	for b.Loop() {
		rounds++
		for i, l := range []*eventstore.Ledger{alone, received} {
			begun := time.Now()
			write(b, l, rounds, commands)
			took[i] += time.Since(begun)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	if n := <-events; n == 0 {
		b.Errorf("subscriber: got %d events, want at least 1", n)
	}
	b.ReportMetric(float64(took[1])/float64(took[0]), "subscribed/alone")
	b.ReportMetric(float64(rounds*commands)/took[0].Seconds(), "alone/s")
}

func write(b *testing.B, l *eventstore.Ledger, round, commands int) {
	tickets := make([]*eventstore.Ticket, commands)
	for i := range tickets {
		id := fmt.Sprint(round, "-", i)
		var err error
		tickets[i], err = l.Submit(b.Context(),
			domain.Command{Source: "gateway/b", ID: id, Stamped: true, Caller: "b",
				Data: &domain.LoginReport{User: fmt.Sprint("u", i), Outcome: domain.Succeeded}})
		if err != nil {
			b.Fatal(err)
		}
	}
	for _, t := range tickets {
		if _, err := t.Wait(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
