package projections

import (
	"iter"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"authledger/domain"
)

// openWhy is a history of so many records, and an engine that has folded it.
func openWhy(t *testing.T, seed uint64, records int) (*history, *Engine) {
	h := newHistory()
	newChance(seed, 5).write(h, records, 9)
	e := open(t, "/d", quiet(vfs.NewMem()))
	fold(t, e, h)
	return h, e
}

// walked looks things up by going through all records.
type walked struct{ *history }

func (w walked) Records(entities []domain.Entity, before uint64) iter.Seq2[*domain.Record, error] {
	return func(yield func(*domain.Record, error) bool) {
		for i := range w.records[:before-1] {
			named := func(e domain.Entity) bool { return slices.Contains(entities, e) }
			if r := &w.records[i]; slices.ContainsFunc(r.Entities, named) && !yield(r, nil) {
				return
			}
		}
	}
}

func (w walked) PolicyBefore(seq uint64) (*domain.Policy, uint64, error) {
	for i := int(seq) - 2; i >= 0; i-- {
		if p := w.records[i].Adopted(); p != nil {
			return p, w.records[i].Seq, nil
		}
	}
	return domain.IBKRSLS(), 0, nil
}

func (w walked) Held(k domain.ItemKey, before uint64) (domain.Item, *domain.Record, error) {
	folded := domain.NewFolded(domain.IBKRSLS())
	var it domain.Item
	var by *domain.Record
	for i := range w.records[:before-1] {
		changes, err := folded.Take(&w.records[i])
		if err != nil {
			return nil, nil, err
		}
		for _, c := range changes.Items {
			if c.Key == k {
				it, by = c.Item, &w.records[i]
			}
		}
	}
	return it, by, nil
}
