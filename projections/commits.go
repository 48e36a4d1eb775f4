package projections

import (
	"sort"
	"time"

	"authledger/domain"
	"authledger/projections/rows"
)

// commits holds the stream position and the time of each commit, by the first record of the
// commit.
var commits = &Projection{Name: "commits", Version: 1, Table: 'm', Fold: foldCommits}

type commitRow struct {
	stream int64
	time   time.Time
	hash   string // the bytes of a domain.Hash
}

func (r *commitRow) Members(v domain.Visitor) {
	v.Count("stream", &r.stream, domain.Need)
	v.Instant("time", &r.time, domain.Need)
	v.Text("hash", &r.hash, domain.Need)
}

func foldCommits(t *Table, s *Step) error {
	c := s.Commit
	if s.Record.Seq == c.First {
		t.Put(t.Key().Number(c.First), &commitRow{int64(c.Stream), c.Time, string(c.Hash[:])})
	}
	return nil
}

// CommitOf returns the stream position and the time of the commit with the record at seq,
// which must be in the view.
func (v View) CommitOf(seq uint64) (stream uint64, at time.Time, err error) {
	var row commitRow
	_, found, err := v.Last(commits.key(), commits.key().Number(seq+1), &row)
	if err == nil && !found {
		err = v.Damage(commits.key().Number(seq), rows.ErrKey)
	}
	return uint64(row.stream), row.time, err
}

// SeqAt returns the last record, at most last, whose commit has a time at or before t, and 0
// if there is no such record. It searches by bisection, because times of commits never
// decrease.
func (v View) SeqAt(t time.Time, last uint64) (uint64, error) {
	var failed error
	later := sort.Search(int(last), func(i int) bool {
		_, at, err := v.CommitOf(uint64(i) + 1)
		if err != nil {
			failed = err
		}
		return failed != nil || at.After(t)
	})
	return uint64(later), failed
}
