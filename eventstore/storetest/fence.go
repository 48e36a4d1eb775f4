package storetest

import (
	"bytes"
	"errors"
	"sync"
	"testing"

	"authledger/eventstore"
)

func lostFence(t *testing.T, s eventstore.Store) {
	want := fill(t, s, 0, 3)
	for _, expect := range []uint64{2, 1, 0} {
		fenced(t, s.Append(t.Context(), []byte("late"), expect))
		readBack(t, s, expect+1)
	}
	expectLog(t, s, want)
}

func repeatAfterLostReply(t *testing.T, s eventstore.Store) {
	fill(t, s, 0, 2)
	data := content(7, 1000)
	stored(t, s.Append(t.Context(), data, 2))
	fenced(t, s.Append(t.Context(), bytes.Clone(data), 2))
	if got := readBack(t, s, 3); !bytes.Equal(got, data) {
		t.Error("after a repeated append its position holds other bytes")
	}
	stored(t, s.Append(t.Context(), []byte("next"), 3))
}

// Nothing stands at expect+1, so "fenced" would be a lie: the writer would read
// back a message that isn't there.
func aheadOfTheEnd(t *testing.T, s eventstore.Store) {
	want := fill(t, s, 0, 2)
	err := outcome(t, s.Append(t.Context(), []byte("early"), 5))
	if err == nil || errors.Is(err, eventstore.ErrFenced) {
		t.Errorf("append ahead of the log's end: %v, want unknown", err)
	}
	expectLog(t, s, want)
	stored(t, s.Append(t.Context(), []byte("next"), 2))
}

func pipeline(t *testing.T, s eventstore.Store) {
	var want [][]byte
	var outcomes []<-chan error
	for at := range uint64(100) {
		data := content(at, 500)
		want = append(want, data)
		outcomes = append(outcomes, s.Append(t.Context(), data, at))
	}
	for _, o := range outcomes {
		stored(t, o)
	}
	expectLog(t, s, want)
}

func pipelineBehindLostFence(t *testing.T, s eventstore.Store) {
	want := fill(t, s, 0, 5)
	first := s.Append(t.Context(), []byte("first"), 3)
	second := s.Append(t.Context(), []byte("second"), 4)
	third := s.Append(t.Context(), []byte("third"), 5)
	fenced(t, first)
	fenced(t, second)
	fenced(t, third)
	expectLog(t, s, want)
}

// The second expects exactly as many messages as there are, and must lose all
// the same: it was written to follow the first.
func pipelineBehindStranger(t *testing.T, s eventstore.Store) {
	want := fill(t, s, 0, 5)
	first := s.Append(t.Context(), []byte("first"), 4)
	second := s.Append(t.Context(), []byte("second"), 5)
	fenced(t, first)
	fenced(t, second)
	// Known by now to the store, not yet to a writer that hasn't read back.
	fenced(t, s.Append(t.Context(), []byte("third"), 5))
	fenced(t, s.Append(t.Context(), []byte("fourth"), 6))
	expectLog(t, s, want)
}

func goesOnAfterReadBack(t *testing.T, s eventstore.Store) {
	want := fill(t, s, 0, 5)
	first := s.Append(t.Context(), []byte("first"), 4)
	second := s.Append(t.Context(), []byte("second"), 5)
	fenced(t, first)
	fenced(t, second)
	readBack(t, s, 5)
	more := fill(t, s, 5, 3)
	expectLog(t, s, append(want, more...))
}

// Replies lost, all in flight sent again: what is there is fenced, and the rest
// is stored behind it, whichever copy of the predecessor was the stored one.
func repeatOfAPipeline(t *testing.T, s eventstore.Store) {
	want := fill(t, s, 0, 3)
	a, b := content(91, 300), content(92, 300)
	stored(t, s.Append(t.Context(), a, 3))
	again, rest := s.Append(t.Context(), bytes.Clone(a), 3), s.Append(t.Context(), b, 4)
	fenced(t, again)
	err := outcome(t, rest)
	if err != nil && !errors.Is(err, eventstore.ErrFenced) {
		t.Fatalf("append behind a repeated one: %v, want nil or ErrFenced", err)
	}
	if got := readBack(t, s, 4); !bytes.Equal(got, a) {
		t.Fatal("the repeated append's position holds other bytes")
	}
	if err != nil {
		stored(t, s.Append(t.Context(), b, 4))
	}
	expectLog(t, s, append(want, a, b))
}

func oneOfManyWins(t *testing.T, s eventstore.Store) {
	const rivals = 64
	for round := range uint64(5) {
		var wins, losses int
		var mu sync.Mutex
		var all sync.WaitGroup
		start := make(chan struct{})
		for i := range uint64(rivals) {
			all.Go(func() {
				<-start
				err := outcome(t, s.Append(t.Context(), content(round*rivals+i, 200), round))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					wins++
				case errors.Is(err, eventstore.ErrFenced):
					losses++
				default:
					t.Errorf("append among %d: %v", rivals, err)
				}
			})
		}
		close(start)
		all.Wait()
		if wins != 1 || losses != rivals-1 {
			t.Fatalf("round %d: %d of %d won and %d were fenced, want 1 and %d", round, wins, rivals, losses, rivals-1)
		}
		readBack(t, s, round+1)
	}
}

func readBack(t *testing.T, s eventstore.Store, position uint64) []byte {
	t.Helper()
	m, err := s.Get(t.Context(), position)
	if err != nil {
		t.Fatalf("read back %d: %v", position, err)
	}
	return m.Data
}
