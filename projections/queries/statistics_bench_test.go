package queries

import (
	"log/slog"
	"testing"
	"time"

	"authledger/domain"
	"authledger/projections"
	"authledger/projections/logtest"
)

// BenchmarkStatistics reads statistics of 1,000,000 users and 2,000,000 records in 33
// minutes, and of a ledger in which 10,000 users are locked.
func BenchmarkStatistics(b *testing.B) {
	const users, records, chunk = 1_000_000, 2_000_000, 100_000
	e, err := projections.Open(b.TempDir(), projections.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	e.Bulk(true)
	made := logtest.NewTraffic(users)
	for n := 0; n < records; n += chunk {
		for _, c := range made.Commits(chunk) {
			if n == 0 {
				lock(c)
			}
			if err := e.Fold(c); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := e.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	q := New(e, nil) // statistics read no record
	at := logtest.Epoch.Add(records * time.Millisecond)
	for name, of := range map[string]StatisticsQuery{
		"hours":           {At: at, Limit: 48},
		"minutes by type": {At: at, Limit: 1000, Step: "1m", Group: "type"},
		"days by event":   {At: at, Limit: 30, Step: "1d", Group: "event"},
		"hours, unlocked": {At: at.AddDate(0, 0, 30), Limit: 48},
	} {
		if err := of.Check(); err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
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

// lock adds a lockout of a day to every tenth record of a commit.
func lock(c *domain.Commit) {
	for i := range c.Records {
		if r := &c.Records[i]; r.Seq%10 == 0 {
			started := &domain.LockoutStarted{Until: r.Time.AddDate(0, 0, 1)}
			r.Events = append(r.Events, domain.Event{At: r.Time, Data: started})
		}
	}
}
