package queries

import (
	"context"
	"testing"
	"time"

	"authledger/domain"
	"authledger/projections"
	"authledger/projections/logtest"
)

// countingLog counts the records that are read from it.
type countingLog struct {
	Log
	reads int
}

func (l *countingLog) Record(ctx context.Context, seq uint64) (domain.Record, error) {
	l.reads++
	return l.Log.Record(ctx, seq)
}

// openTraffic opens a history of n records of one user.
func openTraffic(t testing.TB, n int) *Queries {
	t.Helper()
	h := newRefLog()
	h.Commits = logtest.NewTraffic(1).Commits(n)
	for _, c := range h.Commits {
		h.Records = append(h.Records, c.Records...)
	}
	return openTest(t, h)
}

func TestPastReadsFewRecords(t *testing.T) {
	q := openTraffic(t, 5000)
	log := &countingLog{Log: q.log}
	q.log = log
	for seq := uint64(0); seq < 5000; seq += 37 {
		for _, at := range []time.Time{logtest.Epoch.AddDate(1, 0, 0),
			logtest.Epoch.Add(time.Duration(seq/2) * time.Millisecond)} {
			log.reads = 0
			if _, err := q.Lockout(t.Context(), logtest.UserName(0), at, &seq); err != nil {
				t.Fatal(err)
			}
			if _, err := q.Devices(t.Context(), logtest.UserName(0), at, &seq, Page{Limit: 10}); err != nil {
				t.Fatal(err)
			}
			if most := 2 * (projections.SnapshotEvery + 1); log.reads > most {
				t.Fatalf("two queries as of record %d at %s: got %d records read, want at most %d", seq,
					at, log.reads, most)
			}
		}
	}
}

// BenchmarkLockoutAsOf compares a query about the past of a user with many records with the
// same query about the present.
func BenchmarkLockoutAsOf(b *testing.B) {
	const records = 200_000
	q := openTraffic(b, records)
	ask := func(asOf *uint64) time.Duration {
		begun := time.Now()
		if _, err := q.Lockout(b.Context(), logtest.UserName(0), logtest.Epoch.AddDate(1, 0, 0), asOf); err != nil {
			b.Fatal(err)
		}
		return time.Since(begun)
	}
	var past, present time.Duration
	seq := uint64(1)
	for b.Loop() {
		seq = (seq*6364136223846793005 + 1442695040888963407) % records
		past += ask(&seq)
		present += ask(nil)
	}
	b.ReportMetric(float64(past)/float64(present), "past/present")
}
