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

func readTimeline(ctx context.Context, n *node, user string, w when, m moment, after uint64, limit int) (timeline, error) {
	t := timeline{entity: domain.UserEntity(user)}
	seqs, end, err := n.rows.Timeline(ctx, t.entity, after, limit)
	if err != nil {
		return t, err
	}
	t.asOf, t.more = end, len(seqs) == limit
	if m.asOf != nil {
		// The time of a position in the past comes with any answer as of there.
		l, err := n.rows.Lockout(ctx, n.ledger, user, m.at, m.asOf)
		if err != nil {
			return t, err
		}
		t.asOf = l.AsOf
	}
	for _, seq := range seqs {
		if seq > t.asOf.Seq {
			t.more = false
			break
		}
		r, err := n.ledger.Record(ctx, seq)
		if err != nil {
			return t, fmt.Errorf("timeline of %s: %w", user, err)
		}
		if w.at != "" && r.Time.After(m.at) {
			t.more = false
			break
		}
		t.records = append(t.records, r)
	}
	return t, nil
}
