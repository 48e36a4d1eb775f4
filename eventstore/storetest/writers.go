package storetest

import (
	"encoding/binary"
	"errors"
	"sync"
	"testing"

	"authledger/eventstore"
)

// otherWriterBreaksPipeline checks a pipeline of a when b has taken exactly one position
// after a has decided and before the pipeline arrives.
func otherWriterBreaksPipeline(t *testing.T, a, b eventstore.Store) {
	want := fill(t, a, 0, 3)
	other := []byte("other writer")
	stored(t, b.Append(t.Context(), other, 3))
	first := a.Append(t.Context(), []byte("first"), 3)
	second := a.Append(t.Context(), []byte("second"), 4)
	fenced(t, first)
	fenced(t, second)
	expectLog(t, a, append(want, other))
}

func takeTurnsAfterReadBack(t *testing.T, a, b eventstore.Store) {
	var want [][]byte
	for at := uint64(0); at < 20; at += 2 {
		for _, turn := range []struct{ winner, loser eventstore.Store }{{a, b}, {b, a}} {
			last := uint64(len(want))
			want = append(want, fill(t, turn.winner, last, 1)...)
			fenced(t, turn.loser.Append(t.Context(), []byte("late"), last))
			readBack(t, turn.loser, last+1)
		}
	}
	expectLog(t, b, want)
}

// raceLeavesWholePipelines runs two writers with pipelines of two messages. Each message
// names the message that its writer expects before it; the log must agree at each position.
func raceLeavesWholePipelines(t *testing.T, a, b eventstore.Store) {
	const rounds = 150
	var writers sync.WaitGroup
	for who, s := range []eventstore.Store{a, b} {
		writers.Go(func() {
			for round := range uint64(rounds) {
				if !race(t, s, uint64(who+1)<<32|round*2) {
					return
				}
			}
		})
	}
	writers.Wait()
	previous := uint64(0)
	for m, err := range a.Read(within(t), 1) {
		if err != nil {
			t.Fatal(err)
		}
		if before := binary.BigEndian.Uint64(m.Data[8:]); before != previous {
			t.Fatalf("message %d: got %x before it, want %x as its writer expected", m.Stream, previous, before)
		}
		previous = binary.BigEndian.Uint64(m.Data)
	}
}

// race catches up, and then sends a pipeline of two messages.
func race(t *testing.T, s eventstore.Store, id uint64) bool {
	last, err := s.Last(t.Context())
	if err != nil {
		t.Errorf("last: %v", err)
		return false
	}
	before := uint64(0)
	if last > 0 {
		m, err := s.Get(t.Context(), last)
		if err != nil {
			t.Errorf("catch up: %v", err)
			return false
		}
		before = binary.BigEndian.Uint64(m.Data)
	}
	first := s.Append(t.Context(), named(id, before), last)
	second := s.Append(t.Context(), named(id+1, id), last+1)
	firstErr, secondErr := outcome(t, first), outcome(t, second)
	switch {
	case firstErr == nil && secondErr == nil:
	case firstErr == nil && errors.Is(secondErr, eventstore.ErrFenced):
	case errors.Is(firstErr, eventstore.ErrFenced) && errors.Is(secondErr, eventstore.ErrFenced):
	default:
		t.Errorf("two appends in flight: got %v and %v, want both stored, or fenced from one on", firstErr,
			secondErr)
		return false
	}
	if errors.Is(firstErr, eventstore.ErrFenced) {
		_, _ = s.Get(t.Context(), last+1)
	} else if secondErr != nil {
		_, _ = s.Get(t.Context(), last+2)
	}
	return true
}

func named(id, before uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, id), before)
}
