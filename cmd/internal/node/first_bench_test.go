package node

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"authledger/domain"
)

// BenchmarkFirstCommand sends commands one after another to a node with synced writes: in turns the first
// command of a new user, and another command of a known user. It reports the medians and their ratio.
func BenchmarkFirstCommand(b *testing.B) {
	n, err := Open(b.Context(), Options{
		Dir: b.TempDir(), Realm: "main", Name: "node", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	defer n.Close()
	id := 0
	send := func(user string) time.Duration {
		id++
		c := domain.Command{Source: "gateway/bench", ID: fmt.Sprint("e-", id), Stamped: true, Caller: "bench",
			Data: &domain.LoginReport{User: user, Outcome: domain.Succeeded, IP: "192.0.2.7"}}
		begun := time.Now()
		if _, err := n.Ledger.Do(b.Context(), c); err != nil {
			b.Fatal(err)
		}
		return time.Since(begun)
	}
	send("known")
	var known, first []time.Duration
	for b.Loop() {
		first = append(first, send(fmt.Sprint("user", id)))
		known = append(known, send("known"))
	}
	slices.Sort(known)
	slices.Sort(first)
	k, f := known[len(known)/2], first[len(first)/2]
	b.ReportMetric(float64(k.Microseconds()), "known-p50-µs")
	b.ReportMetric(float64(f.Microseconds()), "first-p50-µs")
	b.ReportMetric(float64(f)/float64(k), "first/known")
}
