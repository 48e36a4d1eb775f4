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
		t.Errorf("position 3 after a repeated append: got %d bytes, want the %d appended bytes", len(got),
			len(data))
	}
	stored(t, s.Append(t.Context(), []byte("next"), 3))
}

// aheadOfTheEnd checks that an append beyond the end of the log is not fenced, because the
// caller would then read back a position without a message.
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

func pipelineAfterLostFence(t *testing.T, s eventstore.Store) {
	want := fill(t, s, 0, 5)
	first := s.Append(t.Context(), []byte("first"), 3)
	second := s.Append(t.Context(), []byte("second"), 4)
	third := s.Append(t.Context(), []byte("third"), 5)
	fenced(t, first)
	fenced(t, second)
	fenced(t, third)
	expectLog(t, s, want)
}

// pipelineAfterOtherWriter checks that the second append of a pipeline is fenced with the
// first. Its expected position is the end of the log, but it was sent after the first.
func pipelineAfterOtherWriter(t *testing.T, s eventstore.Store) {
	want := fill(t, s, 0, 5)
	first := s.Append(t.Context(), []byte("first"), 4)
	second := s.Append(t.Context(), []byte("second"), 5)
	fenced(t, first)
	fenced(t, second)
	// The store knows the new messages, but this writer has not read them back.
	fenced(t, s.Append(t.Context(), []byte("third"), 5))
	fenced(t, s.Append(t.Context(), []byte("fourth"), 6))
	expectLog(t, s, want)
}

func continuesAfterReadBack(t *testing.T, s eventstore.Store) {
	want := fill(t, s, 0, 5)
	first := s.Append(t.Context(), []byte("first"), 4)
	second := s.Append(t.Context(), []byte("second"), 5)
	fenced(t, first)
	fenced(t, second)
	readBack(t, s, 5)
	more := fill(t, s, 5, 3)
	expectLog(t, s, append(want, more...))
}

// repeatOfAPipeline checks a pipeline that is sent again after lost replies: the stored
// messages are fenced, and the others are stored after them.
func repeatOfAPipeline(t *testing.T, s eventstore.Store) {
	want := fill(t, s, 0, 3)
	a, b := content(91, 300), content(92, 300)
	stored(t, s.Append(t.Context(), a, 3))
	again, rest := s.Append(t.Context(), bytes.Clone(a), 3), s.Append(t.Context(), b, 4)
	fenced(t, again)
	err := outcome(t, rest)
	if err != nil && !errors.Is(err, eventstore.ErrFenced) {
		t.Fatalf("append after a repeated one: %v, want nil or ErrFenced", err)
	}
	if got := readBack(t, s, 4); !bytes.Equal(got, a) {
		t.Fatalf("position of the repeated append: got %.40q, want %.40q", got, a)
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
					t.Errorf("append among %d: got error %v, want none or %v", rivals, err, eventstore.ErrFenced)
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
