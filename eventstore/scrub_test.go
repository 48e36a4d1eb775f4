package eventstore_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"testing"

	"authledger/eventstore"
)

// rotting is a log that is sound when it is opened, and then is not: Get, which
// opening asks, never sees it.
type rotting struct {
	eventstore.Store
	rotten atomic.Pointer[mutant]
}

func (s *rotting) Read(ctx context.Context, from uint64) iter.Seq2[eventstore.Message, error] {
	if m := s.rotten.Load(); m != nil {
		return m.Read(ctx, from)
	}
	return s.Store.Read(ctx, from)
}

// No later commit vouches for the last one, but the state that folded it does.
func TestTheScrubKnowsTheLastCommit(t *testing.T) {
	r, state := history(t)
	last := state.Position()
	store := &rotting{Store: r.store}
	l := r.open(state, store)
	if whole, err := l.Scrub(); !whole || err != nil {
		t.Errorf("a sound log: %v, %v", whole, err)
	}
	for l.Health().Rounds == 0 { // the ledger's own pass is not to see what comes now
		if err := l.Err(); err != nil {
			t.Fatal(err)
		}
	}
	store.rotten.Store(&mutant{r.store, func(m eventstore.Message) eventstore.Message {
		if m.Stream == last.Stream {
			m.Data = bytes.Replace(m.Data, []byte(`"caller":"test"`), []byte(`"caller":"tost"`), 1)
		}
		return m
	}})
	_, err := l.Scrub()
	wantFault(t, err, last.Stream, last.Seq, "not the one that was folded")
	mustClose(t, l)
}

// A pass that could not read the log has found nothing out.
func TestAScrubThatCouldNotRead(t *testing.T) {
	r, state := history(t)
	store := &unreadableLog{Store: r.store}
	store.off.Store(true)
	l := r.open(state, store)
	defer mustClose(t, l)
	if whole, err := l.Scrub(); whole || err != nil {
		t.Errorf("the pass is whole: %v, %v", whole, err)
	}
	if rounds := l.Health().Rounds; rounds != 0 {
		t.Errorf("%d rounds that found nothing", rounds)
	}
}

type unreadableLog struct {
	eventstore.Store
	off atomic.Bool
}

func (s *unreadableLog) Read(ctx context.Context, from uint64) iter.Seq2[eventstore.Message, error] {
	return func(yield func(eventstore.Message, error) bool) {
		for m, err := range s.Store.Read(ctx, from) {
			if s.off.Load() && m.Stream > 3 {
				err = errLost
			}
			if !yield(m, err) || err != nil {
				return
			}
		}
	}
}

// A read that touches damage is refused, and stops the ledger.
func TestAReadThatTouchesDamage(t *testing.T) {
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
		t.Error("Close says that all is well")
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

// Records come in order from anywhere to anywhere, and a tail goes on.
func TestRecords(t *testing.T) {
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
				t.Errorf("%d to %d ends before %d", from, to, want)
			}
		}
	}
	if _, err := l.Record(t.Context(), n+1); !errors.Is(err, eventstore.ErrNoRecord) {
		t.Errorf("a record beyond the end: %v", err)
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
		t.Errorf("the tail goes on with %d", got)
	}
	cancel()
	if err := closed(t, "the tail ends", ended); !errors.Is(err, context.Canceled) {
		t.Errorf("the tail ends with %v", err)
	}
}
