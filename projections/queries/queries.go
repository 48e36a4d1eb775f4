package queries

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
	"authledger/projections"
)

// ListMax is the maximum length of one page of a list.
const ListMax = 1000

// Log reads records of the log. It MUST be safe for concurrent use.
type Log interface {
	// Record returns the record at seq.
	Record(ctx context.Context, seq uint64) (domain.Record, error)
}

// Queries answers queries from the rows of an engine, and from the log that was folded into
// them. All methods are safe for concurrent use. An answer reflects every commit whose Fold
// has returned before the query.
//
// Most queries have an instant and an optional position asOf. With asOf nil they use the
// whole log, else the log up to the record asOf: 0 is the empty log, and a record that is
// not folded is [projections.ErrAhead]. They fold those events of the user or the account
// that have an effective time at or before the instant, in the order of the log, and apply
// every deadline up to the instant. The policy is the newest one adopted up to the
// position. A name in no record gets the zero answer.
//
// A query about the past reads records of the log. At most half of the processors do so at
// a time. [ErrBusy] reports too many waiting queries.
type Queries struct {
	rows         *projections.Engine
	log          Log
	folds        *turns // limits concurrent folds for queries about the past
	explanations *turns
}

// New returns queries over the rows of an engine and its log. The two limits on concurrent
// folds apply to each Queries, so a process must create only one Queries for each engine.
func New(rows *projections.Engine, log Log) *Queries {
	isBusy := func() bool { return rows.IsFolding(busyFor) }
	return &Queries{rows: rows, log: log, folds: newTurns(isBusy), explanations: newTurns(isBusy)}
}

// AsOf is the position of an answer: the newest record that the answer reflects, and the
// time of the commit with that record.
type AsOf struct {
	Seq  uint64
	Time time.Time
}

func (a *AsOf) Members(v domain.Visitor) {
	seq := int64(a.Seq)
	v.Count("seq", &seq, domain.Need)
	v.Instant("time", &a.Time, domain.Free)
}

// record reads one record, and checks that the log returned the record at seq.
func (q *Queries) record(ctx context.Context, seq uint64) (domain.Record, error) {
	if err := ctx.Err(); err != nil {
		return domain.Record{}, err
	}
	r, err := q.log.Record(ctx, seq)
	if err != nil {
		return r, fmt.Errorf("read record %d: %w", seq, err)
	}
	if r.Seq != seq {
		return r, fmt.Errorf("read record %d: the log returned record %d", seq, r.Seq)
	}
	return r, nil
}
