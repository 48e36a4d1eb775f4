package projections

import (
	"time"

	"authledger/domain"
)

// clocks is the last effective time of every entity without a state: users and
// accounts have theirs in their own row.
var clocks = &Projection{Name: "clocks", Version: 1, Table: 'k', Fold: foldClocks}

type clockRow struct{ clock time.Time }

func (r *clockRow) Members(v domain.Visitor) { v.Instant("clock", &r.clock, domain.Need) }

func foldClocks(rows *Rows, s *Step) error {
	for _, e := range s.Record.Entities {
		if !e.HasState() {
			rows.Put(rows.Key().tail(string(e)), &clockRow{s.Record.Time})
		}
	}
	return nil
}
