package projections

import (
	"container/heap"
	"iter"

	"authledger/domain"
)

// Records merges the timelines of the entities.
func (h *whyHistory) Records(entities []domain.Entity, before uint64) iter.Seq2[*domain.Record, error] {
	return func(yield func(*domain.Record, error) bool) {
		for seq, err := range h.merged(entities, before) {
			if err != nil {
				yield(nil, err)
				return
			}
			r, err := record(h.ctx, h.log, seq)
			if !yield(&r, err) || err != nil {
				return
			}
		}
	}
}

// merged is the records that name any of the entities, in order, each once.
func (h *whyHistory) merged(entities []domain.Entity, before uint64) iter.Seq2[uint64, error] {
	return func(yield func(uint64, error) bool) {
		var heads timelineHeads
		for _, e := range entities {
			if err := heads.add(h.view, e, 0); err != nil {
				yield(0, err)
				return
			}
		}
		for last := uint64(0); len(heads) > 0 && heads[0].next[0] < before; {
			head := heap.Pop(&heads).(timelineHead)
			if seq := head.next[0]; seq != last {
				if last = seq; !yield(seq, nil) {
					return
				}
			}
			if err := heads.follow(h.view, head); err != nil {
				yield(0, err)
				return
			}
		}
	}
}

// timelineHead is the next records of one entity.
type timelineHead struct {
	entity domain.Entity
	next   []uint64
}

// timelineAhead is how many records of an entity are looked up at once.
const timelineAhead = 256

// timelineHeads is a heap, the earliest record first.
type timelineHeads []timelineHead

func (t timelineHeads) Len() int           { return len(t) }
func (t timelineHeads) Less(i, j int) bool { return t[i].next[0] < t[j].next[0] }
func (t timelineHeads) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *timelineHeads) Push(x any)        { *t = append(*t, x.(timelineHead)) }
func (t *timelineHeads) Pop() any {
	last := (*t)[len(*t)-1]
	*t = (*t)[:len(*t)-1]
	return last
}

// add takes up the timeline of an entity after a record, unless it ends there.
func (t *timelineHeads) add(v *view, e domain.Entity, after uint64) error {
	head := timelineHead{entity: e}
	for seq := range v.timeline(e, after) {
		if head.next = append(head.next, seq); len(head.next) == timelineAhead {
			break
		}
	}
	if len(head.next) > 0 {
		heap.Push(t, head)
	}
	return v.err
}

// follow goes on behind the first record of a head.
func (t *timelineHeads) follow(v *view, head timelineHead) error {
	if len(head.next) == 1 {
		return t.add(v, head.entity, head.next[0])
	}
	head.next = head.next[1:]
	heap.Push(t, head)
	return nil
}
