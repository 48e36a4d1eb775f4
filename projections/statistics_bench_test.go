package projections

import (
	"fmt"
	"testing"

	"authledger/projections/logtest"
	"authledger/projections/rows"
)

// bytesOf is a rowStore in memory that counts the writes.
type bytesOf struct {
	rows   map[string][]byte
	writes int
}

func (s *bytesOf) Get(dst []byte, k rows.Key) ([]byte, bool, error) {
	row, found := s.rows[string(k)]
	return append(dst, row...), found, nil
}

func (s *bytesOf) Put(k rows.Key, row []byte) {
	s.writes++
	s.rows[string(k)] = append(s.rows[string(k)][:0], row...)
}

func (s *bytesOf) Remove(k rows.Key) { delete(s.rows, string(k)) }

// BenchmarkStatisticsFold folds login reports of 1,000,000 users into the statistics, with 256
// records in each commit, as in an import, and with one, as for a single live command. One
// operation is one record.
func BenchmarkStatisticsFold(b *testing.B) {
	for _, inCommit := range []int{256, 1} {
		b.Run(fmt.Sprintf("commit=%d", inCommit), func(b *testing.B) {
			const users, records = 1_000_000, 100_000
			commits := logtest.NewTraffic(users).Commits(records)
			store := &bytesOf{rows: map[string][]byte{}}
			t := newTable(statistics, store)
			var s Step
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				c := commits[n/256%len(commits)]
				s.Commit, s.Record = c, &c.Records[n%256%len(c.Records)]
				if err := foldStatistics(&t, &s); err != nil {
					b.Fatal(err)
				}
				if n++; n%inCommit == 0 {
					t.flush()
				}
			}
			b.ReportMetric(float64(store.writes)/float64(n), "writes/op")
		})
	}
}
