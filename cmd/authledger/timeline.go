package main

import (
	"context"
	"fmt"

	"authledger/domain"
	"authledger/projections"
)

// timeline is some of the records of an entity.
type timeline struct {
	entity  domain.Entity
	records []domain.Record
	more    bool
	asOf    projections.AsOf
}

func readTimeline(ctx context.Context, n *node, entity domain.Entity, w when, m moment, after uint64, limit int) (timeline, error) {
	t := timeline{entity: entity}
	seqs, end, err := n.rows.Timeline(ctx, t.entity, after, limit)
	if err != nil {
		return t, err
	}
	t.asOf, t.more = end, len(seqs) == limit
	if m.asOf != nil {
		if t.asOf, err = n.rows.AsOf(ctx, *m.asOf); err != nil {
			return t, err
		}
	}
	for _, seq := range seqs {
		if seq > t.asOf.Seq {
			t.more = false
			break
		}
		r, err := n.ledger.Record(ctx, seq)
		if err != nil {
			return t, fmt.Errorf("timeline of %s: %w", entity, err)
		}
		if w.at != "" && r.Time.After(m.at) {
			t.more = false
			break
		}
		t.records = append(t.records, r)
	}
	return t, nil
}
