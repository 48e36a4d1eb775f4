package eventstore_test

import (
	"context"
	"iter"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"authledger/domain"
	"authledger/eventstore"
)

// indexedState is a state with an index of entities.
type indexedState struct {
	*folded
	of map[domain.Entity][]uint64
}

func (s *indexedState) EntityRecords(_ context.Context, entity domain.Entity, from uint64,
	limit int) ([]uint64, uint64, error) {
	all := s.of[entity]
	first, _ := slices.BinarySearch(all, from)
	return all[first:min(len(all), first+limit)], s.Position().Seq, nil
}

// scannedStore counts the scans that begin after the first commit. The scrub begins at
// the first commit.
type scannedStore struct {
	eventstore.Store
	scans atomic.Int64
}

func (s *scannedStore) Read(ctx context.Context, from uint64) iter.Seq2[eventstore.Message, error] {
	if from > 1 {
		s.scans.Add(1)
	}
	return s.Store.Read(ctx, from)
}

func TestPage_EntityIndex(t *testing.T) {
	const records = 3000
	r := newRealm(t)
	state := &indexedState{newFolded(), map[domain.Entity][]uint64{}}
	store := &scannedStore{Store: r.store}
	l := r.open(state, store)
	defer mustClose(t, l)
	report(t, l, "r", records, rand.New(rand.NewPCG(1, 2)))
	var all []*domain.Record
	for record, err := range l.Records(t.Context(), 1, 0, false) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, record)
		for _, e := range record.Entities {
			state.of[e] = append(state.of[e], record.Seq)
		}
	}
	scans := store.scans.Load()
	for _, filter := range followed {
		if filter.Entity == "" {
			continue
		}
		for _, span := range [][2]uint64{{1, records}, {700, 2100}, {2999, 3000}, {5, 5}} {
			var want, got []uint64
			for _, record := range all[span[0]-1 : span[1]] {
				if filter.Wants(record) {
					want = append(want, record.Seq)
				}
			}
			for from := span[0]; from <= span[1]; {
				found, next, err := l.Page(t.Context(), from, span[1], filter)
				if err != nil || next <= from {
					t.Fatalf("page of %v from %d: got next %d, %v, want a later position", filter, from, next, err)
				}
				for _, record := range found {
					got = append(got, record.Seq)
				}
				from = next
			}
			if !slices.Equal(want, got) {
				t.Fatalf("%v in %v: got %v, want %v", filter, span, got, want)
			}
		}
	}
	if n := store.scans.Load() - scans; n > 0 {
		t.Fatalf("pages of entities scanned the log %d times, want 0", n)
	}
}
