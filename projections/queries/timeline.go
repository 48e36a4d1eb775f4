package queries

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// RecordsPage is a page of the records of an entity, the oldest first.
type RecordsPage struct {
	Entity  domain.Entity
	Records []domain.Record
	More    bool // more records may follow after the last one
	AsOf    AsOf
}

// Timeline returns the positions of at most limit records of an entity with a seq above
// after, the oldest first. The limit is at most [ListMax].
func (q *Queries) Timeline(ctx context.Context, entity domain.Entity, after uint64, limit int) ([]uint64, AsOf, error) {
	v, err := q.rows.View(ctx)
	if err != nil {
		return nil, AsOf{}, fmt.Errorf("timeline of %s: %w", entity, err)
	}
	defer v.Close()
	end, err := endOf(v)
	if err != nil {
		return nil, AsOf{}, fmt.Errorf("timeline of %s: %w", entity, err)
	}
	var seqs []uint64
	limit = min(limit, ListMax)
	for seq := range v.Timeline(entity, after) {
		if len(seqs) >= limit {
			break
		}
		seqs = append(seqs, seq)
	}
	return seqs, end, v.Err()
}

// Records returns one page of the records of an entity, up to the record asOf unless asOf is
// nil, and up to the effective time until unless until is zero.
func (q *Queries) Records(ctx context.Context, entity domain.Entity, until time.Time, asOf *uint64, page Page) (RecordsPage, error) {
	p := RecordsPage{Entity: entity}
	seqs, end, err := q.Timeline(ctx, entity, page.After, page.limit())
	if err != nil {
		return p, err
	}
	p.AsOf, p.More = end, len(seqs) == page.limit()
	if asOf != nil {
		if p.AsOf, err = q.AsOf(ctx, *asOf); err != nil {
			return p, err
		}
	}
	for _, seq := range seqs {
		if seq > p.AsOf.Seq {
			p.More = false
			break
		}
		r, err := q.log.Record(ctx, seq)
		if err != nil {
			return p, fmt.Errorf("timeline of %s: %w", entity, err)
		}
		if !until.IsZero() && r.Time.After(until) {
			p.More = false
			break
		}
		p.Records = append(p.Records, r)
	}
	return p, nil
}
