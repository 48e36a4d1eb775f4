package projections

import (
	"time"

	"authledger/domain"
)

// commits is where in the stream records lie, and when they got there. The key
// is a commit's first record.
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

func foldCommits(rows *Rows, s *Step) error {
	c := s.Commit
	if s.Record.Seq == c.First {
		rows.Put(rows.Key().number(c.First), &commitRow{int64(c.Stream), c.Time, string(c.Hash[:])})
	}
	return nil
}
