package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/natsapi"
	"authledger/adapters/watermill"
	"authledger/domain"
)

// BenchmarkIntakeDrain is how fast commands that were left are decided, on disk and
// removed; the baseline is the same commands from memory. Goal: 20,000 a second.
func BenchmarkIntakeDrain(b *testing.B) {
	const commands = 50_000
	var rate [2]float64
	b.Run("from-memory", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			s := serveOverNATS(b)
			b.StartTimer()
			begun := time.Now()
			for i := range commands {
				c := domain.Command{ID: fmt.Sprint(i), Source: "gateway/gateway", Caller: "gateway", Time: time.Now(), Data: &domain.LoginReport{User: fmt.Sprint("u", i%1000), Outcome: domain.Succeeded}, Backfill: true}
				if _, err := s.ledger.Submit(b.Context(), c); err != nil {
					b.Fatal(err)
				}
			}
			s.until(b, commands)
			rate[0] = commands / time.Since(begun).Seconds()
		}
		b.ReportMetric(rate[0], "commands/s")
	})
	b.Run("intake", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			s := serveOverNATS(b)
			own := s.natsOwn(b)
			s.stop(b)
			c := s.connectAt(b, "gateway", own.address)
			leaveMany(b, c, commands)
			o := nodeOptions{log: quietLog, nats: own.options()}
			b.StartTimer()
			begun := time.Now()
			s.start(b, o)
			s.until(b, commands)
			rate[1] = commands / time.Since(begun).Seconds()
		}
		b.ReportMetric(rate[1], "commands/s")
	})
	b.Logf("intake / from memory: %.2f, %.0f commands/s, start of the node included", rate[1]/rate[0], rate[1])
}

// leaveMany leaves commands.
func leaveMany(b *testing.B, c *caller, n int) {
	b.Helper()
	js, err := jetstream.New(c.Conn, jetstream.WithPublishAsyncMaxPending(1000))
	if err != nil {
		b.Fatal(err)
	}
	acks := make([]jetstream.PubAckFuture, 0, n)
	for i := range n {
		m := leave("gateway", fmt.Sprint(i), "login.report", time.Now(), fmt.Sprintf(`{"user":"u%d","outcome":"succeeded"}`, i%1000))
		f, err := js.PublishMsgAsync(m, jetstream.WithStallWait(time.Minute))
		if err != nil {
			b.Fatal(err)
		}
		acks = append(acks, f)
	}
	for _, f := range acks {
		select {
		case <-f.Ok():
		case err := <-f.Err():
			b.Fatal(err)
		}
	}
}

// BenchmarkFed is what the feed costs who writes: a listener of all events, against
// none in the same run. Goal: less than 10 %.
func BenchmarkFed(b *testing.B) {
	writerHeard(b, "fed/alone", func(s *overNATS) (stop func()) {
		feed, err := s.connect(b, "dashboard").Subscribe(natsapi.FeedSubject(realmDefault, ">"), func(*nats.Msg) {})
		if err != nil {
			b.Fatal(err)
		}
		return func() { _ = feed.Unsubscribe() }
	})
}

// BenchmarkFedWatermill is the same of a subscriber that acknowledges all events.
func BenchmarkFedWatermill(b *testing.B) {
	writerHeard(b, "subscribed/alone", func(s *overNATS) (stop func()) {
		subscriber := watermill.NewSubscriber(s.ledger, watermill.SubscriberOptions{})
		events, err := subscriber.Subscribe(b.Context(), watermill.AllEvents)
		if err != nil {
			b.Fatal(err)
		}
		done := make(chan int)
		go func() {
			n := 0
			for m := range events {
				m.Ack()
				n++
			}
			done <- n
		}()
		return func() {
			if err := subscriber.Close(); err != nil {
				b.Fatal(err)
			}
			if n := <-done; n == 0 {
				b.Error("nothing was heard")
			}
		}
	})
}

// writerHeard compares writing to a ledger on disk that somebody hears all events of with
// writing to one that nobody does.
func writerHeard(b *testing.B, unit string, listen func(*overNATS) (stop func())) {
	const commands = 30_000
	took := make(map[bool]time.Duration)
	play := func(listening bool) time.Duration {
		s := serveOverNATS(b)
		if listening {
			defer listen(s)()
		}
		begun := time.Now()
		for i := range commands {
			c := domain.Command{ID: fmt.Sprint(i), Source: "gateway/gateway", Caller: "gateway", Time: time.Now(), Data: &domain.LoginReport{User: fmt.Sprint("u", i%1000), Outcome: domain.Succeeded}, Backfill: true}
			if _, err := s.ledger.Submit(b.Context(), c); err != nil {
				b.Fatal(err)
			}
		}
		s.until(b, commands)
		return time.Since(begun)
	}
	for b.Loop() {
		for _, listening := range []bool{false, true, true, false} {
			took[listening] += play(listening)
		}
	}
	b.ReportMetric(float64(took[true])/float64(took[false]), unit)
}
