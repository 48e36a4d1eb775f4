package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/natsconn"
	"authledger/adapters/watermill"
	"authledger/cmd/internal/node"
	"authledger/domain"
)

// BenchmarkIntakeDrain measures how fast the node decides stored messages and removes them from the
// intake, compared with commands from memory. Goal: 20,000 a second.
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
				c := domain.Command{ID: fmt.Sprint(i), Source: "gateway/gateway", Caller: "gateway", Time: time.Now(),
					Data: &domain.LoginReport{User: fmt.Sprint("u", i%1000), Outcome: domain.Succeeded}, Backfill: true}
				if _, err := s.Ledger.Submit(b.Context(), c); err != nil {
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
			publishMany(b, c, commands)
			o := node.Options{Log: quietLog, NATS: own.options()}
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

// publishMany publishes n commands to the intake.
func publishMany(b *testing.B, c *caller, n int) {
	b.Helper()
	js, err := jetstream.New(c.Conn, jetstream.WithPublishAsyncMaxPending(1000))
	if err != nil {
		b.Fatal(err)
	}
	acks := make([]jetstream.PubAckFuture, 0, n)
	for i := range n {
		m := intakeMessage("gateway", fmt.Sprint(i), "login.report", time.Now(),
			fmt.Sprintf(`{"user":"u%d","outcome":"succeeded"}`, i%1000))
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

// BenchmarkLiveEvents measures the cost of one subscriber of all live events for the writer. Goal:
// less than 10 %.
func BenchmarkLiveEvents(b *testing.B) {
	benchmarkSubscriber(b, "with/without-subscriber", func(s *overNATS) (stop func()) {
		feed, err := s.connect(b, "dashboard").Subscribe(natsconn.EventSubject(realmDefault, "login.>"),
			func(*nats.Msg) {})
		if err != nil {
			b.Fatal(err)
		}
		return func() { _ = feed.Unsubscribe() }
	})
}

// BenchmarkWatermillSubscriber measures the cost of one Watermill subscriber for the writer.
func BenchmarkWatermillSubscriber(b *testing.B) {
	benchmarkSubscriber(b, "with/without-watermill", func(s *overNATS) (stop func()) {
		subscriber := watermill.NewSubscriber(s.Ledger, watermill.SubscriberOptions{})
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
				b.Errorf("subscriber: got %d events, want at least 1", n)
			}
		}
	})
}

// benchmarkSubscriber compares the duration of writing with a subscriber to that without one.
func benchmarkSubscriber(b *testing.B, unit string, listen func(*overNATS) (stop func())) {
	const commands = 30_000
	took := make(map[bool]time.Duration)
	write := func(listening bool) time.Duration {
		s := serveOverNATS(b)
		if listening {
			defer listen(s)()
		}
		begun := time.Now()
		for i := range commands {
			c := domain.Command{ID: fmt.Sprint(i), Source: "gateway/gateway", Caller: "gateway", Time: time.Now(),
				Data: &domain.LoginReport{User: fmt.Sprint("u", i%1000), Outcome: domain.Succeeded}, Backfill: true}
			if _, err := s.Ledger.Submit(b.Context(), c); err != nil {
				b.Fatal(err)
			}
		}
		s.until(b, commands)
		return time.Since(begun)
	}
	for b.Loop() {
		for _, listening := range []bool{false, true, true, false} {
			took[listening] += write(listening)
		}
	}
	b.ReportMetric(float64(took[true])/float64(took[false]), unit)
}
