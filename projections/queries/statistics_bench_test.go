package queries

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"authledger/domain"
	"authledger/projections"
	"authledger/projections/logtest"
)

// BenchmarkStatistics reads statistics of 1,000,000 records of 1,000,000 users, in 17 minutes.
// Either no user or 10,000 users are locked, because the answer counts them.
func BenchmarkStatistics(b *testing.B) {
	const users, records, chunk, lockedMost = 1_000_000, 1_000_000, 100_000, 10_000
	at := logtest.Epoch.Add(records * time.Millisecond)
	for _, locked := range []int{0, lockedMost} {
		e, err := projections.Open(b.TempDir(), projections.Options{Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		e.Bulk(true)
		made := logtest.NewTraffic(users)
		for range records / chunk {
			for _, c := range made.Commits(chunk) {
				lockFirst(c, locked)
				if err := e.Fold(c); err != nil {
					b.Fatal(err)
				}
			}
		}
		if err := e.Flush(b.Context()); err != nil {
			b.Fatal(err)
		}
		for name, of := range map[string]StatisticsQuery{
			"hours":           {At: at, Limit: 48},
			"minutes by type": {At: at, Limit: 1000, Step: "1m", Group: "type"},
		} {
			if err := of.Check(); err != nil {
				b.Fatal(err)
			}
			q := New(e, nil) // statistics read no record
			b.Run(fmt.Sprintf("%s/locked=%d", name, locked), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := q.Statistics(b.Context(), of); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// lockFirst adds a lockout of a day to each of the first records of the log.
func lockFirst(c *domain.Commit, records int) {
	for i := range c.Records {
		if r := &c.Records[i]; r.Seq <= uint64(records) {
			started := &domain.LockoutStarted{Until: r.Time.AddDate(0, 0, 1)}
			r.Events = append(r.Events, domain.Event{At: r.Time, Data: started})
		}
	}
}
