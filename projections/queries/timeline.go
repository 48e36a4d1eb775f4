package queries

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// RecordsPage is a page of the records of an entity.
type RecordsPage struct {
	Entity  domain.Entity
	Records []domain.Record
	Part
}

// Records returns one page of the records of an entity, up to the record asOf unless asOf is
// nil, and up to the effective time until unless until is zero.
func (q *Queries) Records(ctx context.Context, entity domain.Entity, until time.Time, asOf *uint64, page Page) (RecordsPage, error) {
	p := RecordsPage{Entity: entity}
	var found []uint64
	err := q.withMoment(ctx, until, asOf, func(m *moment) (err error) {
		found, err = m.timeline(ctx, entity, &page, &p.Part)
		return err
	})
	for _, seq := range found {
		if err != nil {
			break
		}
		var r domain.Record
		r, err = q.record(ctx, seq)
		p.Records = append(p.Records, r)
	}
	if err != nil {
		return p, fmt.Errorf("timeline of %s: %w", entity, err)
	}
	return p, nil
}

// timeline returns the records of one page.
func (m *moment) timeline(ctx context.Context, entity domain.Entity, page *Page, part *Part) ([]uint64, error) {
	of, err := page.seqs()
	if err != nil {
		return nil, err
	}
	last := m.asOf.Seq
	if !m.at.IsZero() {
		if last, err = m.lastRecordAt(ctx, entity); err != nil {
			return nil, err
		}
	}
	of.below = min(of.below, last+1)
	part.AsOf, part.At = m.asOf, page.At
	records := m.view.Timeline(entity, of.above)
	if !of.oldest {
		records = m.view.TimelineBack(entity, of.below)
	}
	var found []uint64
	for seq := range records {
		if seq <= of.above || seq >= of.below {
			break
		}
		if len(found) == of.limit {
			part.More, part.Next = true, page.next(seqPosition(found[of.limit-1]))
			break
		}
		found = append(found, seq)
	}
	return found, m.view.Err()
}

// lastRecordAt returns the last record of an entity with an effective time at or before the
// instant, 0 if no record has such a time. It searches by bisection, because times within an entity never
// decrease.
func (m *moment) lastRecordAt(ctx context.Context, entity domain.Entity) (uint64, error) {
	last := uint64(0)
	for low, high := uint64(0), m.asOf.Seq+1; low+1 < high; {
		middle := low + (high-low)/2
		if low == 0 && high == m.asOf.Seq+1 {
			middle = m.asOf.Seq // most queries are about an instant after the newest record
		}
		seq, err := m.view.LastRecordOf(entity, middle)
		if err != nil {
			return 0, err
		}
		if seq <= low { // no record between low and middle
			low = middle
			continue
		}
		r, err := m.record(ctx, seq)
		if err != nil {
			return 0, err
		}
		if r.Time.After(m.at) {
			high = seq
			continue
		}
		last, low = seq, middle
	}
	return last, nil
}
