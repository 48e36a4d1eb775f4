package projections

import (
	"time"

	"authledger/domain"
)

// clocks holds the newest effective time of each entity that is neither a user nor an
// account. The rows of users and accounts contain their own.
var clocks = &Projection{Name: "clocks", Version: 1, Table: 'k', Fold: foldClocks}

type clockRow struct{ clock time.Time }

func (r *clockRow) Members(v domain.Visitor) { v.Instant("clock", &r.clock, domain.Need) }

func foldClocks(t *Table, s *Step) error {
	for _, e := range s.Record.Entities {
		if !e.HasState() {
			t.Put(t.Key().Tail(string(e)), &clockRow{s.Record.Time})
		}
	}
	return nil
}
