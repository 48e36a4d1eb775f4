package queries

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// Back selects the records of an entity from the newest to the oldest.
type Back struct {
	Entity domain.Entity
	Before uint64    // only records with a lower number; 0 for no bound
	Until  time.Time // only records with an effective time at or before the instant; zero for no bound
	AsOf   *uint64   // only records up to this one; nil for no bound
	Limit  int       // maximum number of records, at most ListMax
	Scan   int       // maximum number of records that the query reads, at most ListMax

	IsWanted func(*domain.Record) bool // nil for all records
}

// Newest is a page of the records of an entity, the newest first.
type Newest struct {
	Records []domain.Record
	Next    uint64 // value of Back.Before for the next page; 0 if no record follows
	AsOf    AsOf
}

// Newest returns a page of the records of an entity, the newest first. A page may have fewer
// records than the limit although more follow, because the query reads at most of.Scan records.
func (q *Queries) Newest(ctx context.Context, of Back) (n Newest, err error) {
	v, err := q.rows.View(ctx)
	if err != nil {
		return n, fmt.Errorf("newest records of %s: %w", of.Entity, err)
	}
	defer v.Close()
	if n.AsOf, err = endOf(v); err == nil && of.AsOf != nil {
		n.AsOf, err = asOfRecord(v, *of.AsOf, n.AsOf)
	}
	last := n.AsOf.Seq
	if of.Before > 0 {
		last = min(last, of.Before-1)
	}
	for read := 0; err == nil && last > 0; read++ {
		var seq uint64
		if seq, err = v.LastRecordOf(of.Entity, last); err != nil || seq == 0 {
			break
		}
		if read == min(of.Scan, ListMax) || len(n.Records) == min(of.Limit, ListMax) {
			n.Next = seq + 1
			break
		}
		var r domain.Record
		if r, err = q.record(ctx, seq); err != nil {
			break
		}
		if (of.Until.IsZero() || !r.Time.After(of.Until)) && (of.IsWanted == nil || of.IsWanted(&r)) {
			n.Records = append(n.Records, r)
		}
		last = seq - 1
	}
	if err != nil {
		return n, fmt.Errorf("newest records of %s: %w", of.Entity, err)
	}
	return n, nil
}

// HasEntity reports whether a record names the entity.
func (q *Queries) HasEntity(ctx context.Context, entity domain.Entity) (bool, error) {
	n, err := q.Newest(ctx, Back{Entity: entity, Limit: 1, Scan: 1})
	return len(n.Records) > 0, err
}
