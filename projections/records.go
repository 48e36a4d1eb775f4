package projections

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// RecordsPage is some of the records of an entity, the oldest first.
type RecordsPage struct {
	Entity  domain.Entity
	Records []domain.Record
	More    bool // others may follow: ask again after the last
	AsOf    AsOf
}

// Records is the timeline of an entity with the records themselves, up to the
// record asOf if it is not nil, and to those no later than until if it is not
// zero.
func (e *Engine) Records(ctx context.Context, log Log, entity domain.Entity, until time.Time, asOf *uint64, page Page) (RecordsPage, error) {
	p := RecordsPage{Entity: entity}
	seqs, end, err := e.Timeline(ctx, entity, page.After, page.limit())
	if err != nil {
		return p, err
	}
	p.AsOf, p.More = end, len(seqs) == page.limit()
	if asOf != nil {
		if p.AsOf, err = e.AsOf(ctx, *asOf); err != nil {
			return p, err
		}
	}
	for _, seq := range seqs {
		if seq > p.AsOf.Seq {
			p.More = false
			break
		}
		r, err := log.Record(ctx, seq)
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

// PolicyAt is the policy in force at the record asOf, or now if it is nil.
func (e *Engine) PolicyAt(ctx context.Context, asOf *uint64) (*domain.Policy, AsOf, error) {
	v, err := e.view(ctx)
	if err != nil {
		return nil, AsOf{}, fmt.Errorf("policy: %w", err)
	}
	defer v.close()
	end, err := v.position()
	if err != nil {
		return nil, AsOf{}, fmt.Errorf("policy: %w", err)
	}
	if asOf != nil {
		if end, err = v.asOf(*asOf, end); err != nil {
			return nil, AsOf{}, fmt.Errorf("policy: %w", err)
		}
	}
	p, err := v.policy(end.Seq)
	return p, end, err
}
