package projections

import (
	"context"
	"fmt"
	"iter"
	"sort"
	"time"

	"authledger/domain"
)

// Timeline returns the records of an entity after the one at after, the oldest
// first, at most limit of them, which is at most [ListMax].
func (e *Engine) Timeline(ctx context.Context, entity domain.Entity, after uint64, limit int) ([]uint64, AsOf, error) {
	v, err := e.view(ctx)
	if err != nil {
		return nil, AsOf{}, fmt.Errorf("timeline of %s: %w", entity, err)
	}
	defer v.close()
	asOf, err := v.position()
	if err != nil {
		return nil, AsOf{}, fmt.Errorf("timeline of %s: %w", entity, err)
	}
	var seqs []uint64
	limit = min(limit, ListMax)
	for seq := range v.timeline(entity, after) {
		if len(seqs) >= limit {
			break
		}
		seqs = append(seqs, seq)
	}
	return seqs, asOf, v.err
}

// timeline yields the records of an entity after one. An error stands in v.err.
func (v *view) timeline(entity domain.Entity, after uint64) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		all := timeline.key().text(string(entity))
		for k := range v.scan(append(key(nil), all...).number(after+1), all.after()) {
			seq, _, err := k[len(all):].cutNumber()
			if err != nil {
				v.err = v.damage(k, err)
				return
			}
			if !yield(seq) {
				return
			}
		}
	}
}

// AsOf is the position at a record, or [ErrAhead].
func (e *Engine) AsOf(ctx context.Context, seq uint64) (AsOf, error) {
	v, err := e.view(ctx)
	if err != nil {
		return AsOf{}, fmt.Errorf("find record %d: %w", seq, err)
	}
	defer v.close()
	end, err := v.position()
	if err != nil {
		return AsOf{}, fmt.Errorf("find record %d: %w", seq, err)
	}
	return v.asOf(seq, end)
}

// SeqAt is the last record of the last commit that was made at or before t, 0 if
// there is none: the position that an answer as of an instant reflects. Of an
// instant that has not passed, a later answer may differ.
func (e *Engine) SeqAt(ctx context.Context, t time.Time) (uint64, error) {
	v, err := e.view(ctx)
	if err != nil {
		return 0, fmt.Errorf("find the position at %s: %w", t.Format(time.RFC3339Nano), err)
	}
	defer v.close()
	end, err := v.position()
	if err == nil {
		var seq uint64
		seq, err = v.seqAt(t, end.Seq)
		if err == nil {
			return seq, nil
		}
	}
	return 0, fmt.Errorf("find the position at %s: %w", t.Format(time.RFC3339Nano), err)
}

// seqAt finds the first record whose commit is later than t by bisection: times
// of commits never decrease. The record before it ends the commit before.
func (v *view) seqAt(t time.Time, last uint64) (uint64, error) {
	var failed error
	later := sort.Search(int(last), func(i int) bool {
		_, row, err := v.commitOf(uint64(i) + 1)
		if err != nil {
			failed = err
		}
		return failed != nil || row.time.After(t)
	})
	return uint64(later), failed
}

// Attempts is how the attempts of one source ended, by outcome, then reason.
type Attempts struct {
	Source  string
	Tallies []Tally
}

// Tally is how many attempts ended in one way. Which reasons of a failure count
// towards a lock is LOGIN-3.
type Tally struct {
	Outcome     string // the type of the event: "login.succeeded", "login.failed" …
	Reason      string // "" of a success
	Count       int64
	First, Last time.Time // effective times, the earliest and the latest
}

// Attempts returns the sources after the given one, by name, and how their
// attempts ended; at most limit sources, which is at most [ListMax]. The sources
// are those of commands, or, with buckets, those of client addresses (LOGIN-9).
func (e *Engine) Attempts(ctx context.Context, buckets bool, after string, limit int) ([]Attempts, AsOf, error) {
	v, err := e.view(ctx)
	if err != nil {
		return nil, AsOf{}, fmt.Errorf("attempts by source: %w", err)
	}
	defer v.close()
	asOf, err := v.position()
	if err != nil {
		return nil, AsOf{}, fmt.Errorf("attempts by source: %w", err)
	}
	list, err := v.attempts(buckets, after, min(limit, ListMax))
	if err != nil {
		return nil, AsOf{}, fmt.Errorf("attempts by source: %w", err)
	}
	return list, asOf, nil
}

func (v *view) attempts(buckets bool, after string, limit int) ([]Attempts, error) {
	by := append(attempts.key(), bySource)
	if buckets {
		by = append(attempts.key(), byBucket)
	}
	from := by
	if after != "" {
		from = append(key(nil), by...).text(after).after()
	}
	var list []Attempts
	for k, b := range v.scan(from, by.after()) {
		source, t, err := v.tally(k[len(by):], b)
		if err != nil {
			return nil, err
		}
		if len(list) == 0 || list[len(list)-1].Source != source {
			if len(list) == limit {
				break
			}
			list = append(list, Attempts{Source: source})
		}
		last := &list[len(list)-1]
		last.Tallies = append(last.Tallies, t)
	}
	return list, v.err
}

func (v *view) tally(k key, b []byte) (source string, t Tally, err error) {
	source, k, err = k.cutText()
	if err != nil {
		return "", t, v.damage(k, err)
	}
	t.Outcome, k, err = k.cutText()
	if err != nil {
		return "", t, v.damage(k, err)
	}
	var row tallyRow
	if err := v.decode(k, b, &row); err != nil {
		return "", t, err
	}
	t.Reason, t.Count, t.First, t.Last = string(k), row.count, row.first, row.last
	return source, t, nil
}
