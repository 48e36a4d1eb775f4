package projections

import (
	"context"
	"fmt"
	"iter"

	"authledger/domain"
	"authledger/projections/rows"
)

// timeline lists the records of each entity, the oldest first. The key
// contains all data.
var timeline = &Projection{Name: "timeline", Version: 1, Table: 't', Fold: foldTimeline}

func foldTimeline(t *Table, s *Step) error {
	for _, e := range s.Record.Entities {
		t.Put(t.Key().Text(string(e)).Number(s.Record.Seq), nil)
	}
	return nil
}

// Timeline yields the records of an entity with a seq above after, in ascending order.
func (v View) Timeline(entity domain.Entity, after uint64) iter.Seq[uint64] {
	all := timeline.key().Text(string(entity))
	return v.timeline(v.Scan, all, all.Clone().Number(after+1), all.After())
}

// TimelineBack yields the records of an entity with a seq below before, in descending order.
func (v View) TimelineBack(entity domain.Entity, before uint64) iter.Seq[uint64] {
	all := timeline.key().Text(string(entity))
	return v.timeline(v.ScanBack, all, all, all.Clone().Number(before))
}

func (v View) timeline(scan scan, all, from, to rows.Key) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		for k := range scan(from, to) {
			seq, _, err := k[len(all):].CutNumber()
			if err != nil {
				v.Fail(v.Damage(k, err))
				return
			}
			if !yield(seq) {
				return
			}
		}
	}
}

// LastRecordOf returns the last record of an entity up to the record at seq. It returns 0 if
// no such record names the entity.
func (v View) LastRecordOf(entity domain.Entity, seq uint64) (uint64, error) {
	if rows.CheckNames(string(entity)) != nil { // no record names such an entity
		return 0, nil
	}
	all := timeline.key().Text(string(entity))
	k, found, err := v.Last(all, all.Clone().Number(seq+1), nil)
	if err != nil || !found {
		return 0, err
	}
	last, _, err := k[len(all):].CutNumber()
	if err != nil {
		return 0, v.Damage(k, err)
	}
	return last, nil
}

// EntityRecords returns the records that name an entity, in ascending order: at most limit
// records at or after from. The rows reflect all records up to end.
func (e *Engine) EntityRecords(ctx context.Context, entity domain.Entity, from uint64, limit int) (seqs []uint64, end uint64, err error) {
	if rows.CheckNames(string(entity)) != nil { // no record names such an entity
		return nil, e.Position().Seq, nil
	}
	v, err := e.View(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("records of %s: %w", entity, err)
	}
	defer v.Close()
	p, _, err := v.Position()
	if err != nil {
		return nil, 0, fmt.Errorf("records of %s: %w", entity, err)
	}
	for seq := range v.Timeline(entity, max(from, 1)-1) {
		if len(seqs) >= limit {
			break
		}
		seqs = append(seqs, seq)
	}
	return seqs, p.Seq, v.Err()
}
