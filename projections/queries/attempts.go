package queries

import (
	"context"
	"fmt"

	"authledger/projections"
)

// Attempts are the tallies of the login attempts of one source, by outcome, then by reason.
// LOGIN-3 decides which reasons count towards a lockout.
type Attempts struct {
	Source  string
	Tallies []projections.Tally
}

// Attempts returns the tallies of at most limit sources whose names sort after the given
// name, in order of name. The limit is at most [ListMax]. A source is the source of a
// command, or with byBucket the bucket of a client address (LOGIN-9).
func (q *Queries) Attempts(ctx context.Context, byBucket bool, after string, limit int) ([]Attempts, AsOf, error) {
	v, err := q.rows.View(ctx)
	if err != nil {
		return nil, AsOf{}, fmt.Errorf("attempts by source: %w", err)
	}
	defer v.Close()
	end, err := endOf(v)
	if err != nil {
		return nil, AsOf{}, fmt.Errorf("attempts by source: %w", err)
	}
	list, err := attempts(v, byBucket, after, min(limit, ListMax))
	if err != nil {
		return nil, AsOf{}, fmt.Errorf("attempts by source: %w", err)
	}
	return list, end, nil
}

func attempts(v projections.View, byBucket bool, after string, limit int) (list []Attempts, err error) {
	by := projections.BySource
	if byBucket {
		by = projections.ByBucket
	}
	for source, t := range v.Tallies(by, after) {
		if len(list) == 0 || list[len(list)-1].Source != source {
			if len(list) == limit {
				break
			}
			list = append(list, Attempts{Source: source})
		}
		last := &list[len(list)-1]
		last.Tallies = append(last.Tallies, t)
	}
	return list, v.Err()
}
