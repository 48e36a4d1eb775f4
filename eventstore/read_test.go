package eventstore_test

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"authledger/eventstore"
)

// TestRecord_DamagedCommit checks that a read of a damaged commit fails and stops the ledger.
func TestRecord_DamagedCommit(t *testing.T) {
	r, state := history(t)
	store := &touched{Store: r.store}
	l := r.open(state, store)
	if _, err := l.Record(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	store.rotten.Store(true)
	_, err := l.Record(t.Context(), 5)
	wantFault(t, err, 5, 5, "")
	closed(t, "the ledger stops", l.Failed())
	if err := l.Close(t.Context()); err == nil {
		t.Error("Close after a fault returns nil, want the fault")
	}
}

type touched struct {
	eventstore.Store
	rotten atomic.Bool
}

func (s *touched) Get(ctx context.Context, stream uint64) (eventstore.Message, error) {
	m, err := s.Store.Get(ctx, stream)
	if s.rotten.Load() {
		m.Data = bytes.Replace(m.Data, []byte("login"), []byte("logout"), 1)
	}
	return m, err
}

// TestRecords_EveryRange checks that Records yields the records of every range in order, and
// that a tail continues with new records.
func TestRecords_EveryRange(t *testing.T) {
	r, state := history(t)
	l := r.open(state, r.store)
	defer mustClose(t, l)
	n := uint64(len(script()))
	for from := uint64(0); from <= n+1; from++ {
		for to := uint64(0); to <= n+1; to++ {
			want := max(from, 1)
			for record, err := range l.Records(t.Context(), from, to, false) {
				if err != nil || record.Seq != want {
					t.Fatalf("%d to %d: record %v, %v, want %d", from, to, record, err, want)
				}
				want++
			}
			end := n
			if to > 0 {
				end = min(to, n)
			}
			if want != max(end+1, max(from, 1)) {
				t.Errorf("records %d to %d: got the end before record %d, want it after %d", from, to, want, end)
			}
		}
	}
	if _, err := l.Record(t.Context(), n+1); !errors.Is(err, eventstore.ErrNoRecord) {
		t.Errorf("record beyond the end: got %v, want ErrNoRecord", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seqs := make(chan uint64)
	ended := make(chan error, 1)
	go func() {
		for record, err := range l.Records(ctx, n, 0, true) {
			if err != nil {
				ended <- err
				return
			}
			seqs <- record.Seq
		}
		ended <- nil
	}()
	closed(t, "the last record", seqs)
	do(t, l, failure("new", "alice"))
	if got := closed(t, "the new record", seqs); got != n+1 {
		t.Errorf("tail: got record %d, want the new record", got)
	}
	cancel()
	if err := closed(t, "the tail ends", ended); !errors.Is(err, context.Canceled) {
		t.Errorf("end of the tail: got %v, want context.Canceled", err)
	}
}
