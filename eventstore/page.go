package eventstore

import (
	"context"

	"authledger/domain"
)

// Limits of reading a page.
const (
	pageRecords = 256  // wanted ones, at most
	pageSpan    = 1024 // records looked at, at most
	pagesAtOnce = 4    // read from the log at the same time
)

// Page returns the wanted records from seq from to seq to, as many as one page
// holds, and where the next page begins: behind to when that was the last. However
// many read, a few pages are read at a time, so that they take turns and the writer
// keeps its share of the store; and nobody who reads slowly holds a place. When ctx
// ends midway the page is what was read until then.
func (l *Ledger) Page(ctx context.Context, from, to uint64, filter Filter) (found []*domain.Record, next uint64, err error) {
	select {
	case l.pages <- struct{}{}:
		defer func() { <-l.pages }()
	case <-ctx.Done():
		return nil, from, ctx.Err()
	}
	next = from
	for r, err := range l.Records(ctx, from, min(to, from+pageSpan-1), false) {
		if err != nil && ctx.Err() != nil && next > from {
			break // so that whoever has little time still gets on
		}
		if err != nil {
			return nil, from, err
		}
		next = r.Seq + 1
		if !filter.Wants(r) {
			continue
		}
		if found = append(found, r); len(found) == pageRecords {
			break
		}
	}
	return found, next, nil
}
