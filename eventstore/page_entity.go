package eventstore

import (
	"context"

	"authledger/domain"
)

// pageIndexed is the maximum number of records that Page reads for one page of an entity. It is
// lower than pageSpan, because each record may be in a separate commit.
const pageIndexed = 64

// EntityIndex finds the records that name an entity. A [State] that has such an
// index implements it; without one a page of an entity scans the log.
type EntityIndex interface {
	// EntityRecords returns the positions of the records from seq from on that name
	// the entity, in order, at most limit of them. All records up to end are
	// indexed.
	EntityRecords(ctx context.Context, entity domain.Entity, from uint64, limit int) (seqs []uint64, end uint64, err error)
}

// indexedPage is Page for the records of one entity. It reads only those records.
func (l *Ledger) indexedPage(ctx context.Context, index EntityIndex, from, to uint64, filter Filter) (found []*domain.Record, next uint64, err error) {
	seqs, end, err := index.EntityRecords(ctx, filter.Entity, from, pageIndexed)
	if err != nil {
		return nil, from, err
	}
	for _, seq := range seqs {
		if seq > to {
			return found, to + 1, nil
		}
		r, err := l.view.Record(ctx, seq)
		if err != nil && ctx.Err() != nil && len(found) > 0 {
			return found, seq, nil // the page is short, but the caller makes progress
		}
		if err != nil {
			return nil, from, l.stopOnDamage(err)
		}
		if filter.Wants(&r) {
			found = append(found, &r)
		}
	}
	if len(seqs) == pageIndexed {
		end = seqs[len(seqs)-1]
	}
	return found, max(from, min(end, to)+1), nil
}
