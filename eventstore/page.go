package eventstore

import (
	"context"

	"authledger/domain"
)

// Limits of reading a page.
const (
	pageRecords = 256  // maximum number of matching records in a page
	pageSpan    = 1024 // maximum number of records that the read of a page scans
	pagesAtOnce = 4    // pages that are read from the log at the same time
)

// Page returns one page of the records from record from to record to that match filter, and
// the record at which the next page begins: to+1 after the last page.
//
// At most pagesAtOnce calls read pages at the same time, so that reads of pages do not slow
// down the appends of the sequencer. A slow caller blocks no other call, because Page returns
// only after its read has ended. When ctx ends during the read, Page returns the records that
// it has read until then.
func (l *Ledger) Page(ctx context.Context, from, to uint64, filter Filter) (found []*domain.Record, next uint64, err error) {
	select {
	case l.pages <- struct{}{}:
		defer func() { <-l.pages }()
	case <-ctx.Done():
		return nil, from, ctx.Err()
	}
	if index, ok := l.state.(EntityIndex); ok && filter.Entity != "" {
		return l.indexedPage(ctx, index, from, to, filter)
	}
	next = from
	for r, err := range l.Records(ctx, from, min(to, from+pageSpan-1), false) {
		if err != nil && ctx.Err() != nil && next > from {
			break // the page is short, but the caller makes progress
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
