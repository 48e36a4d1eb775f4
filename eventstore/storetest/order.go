package storetest

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"authledger/eventstore"
)

func appendThenReadInOrder(t *testing.T, s eventstore.Store) {
	want := fill(t, s, 0, 50)
	expectLog(t, s, want)
	for _, from := range []uint64{1, 2, 25, 50, 51, 1000} {
		got := collect(t, s.Read(within(t), from), from)
		if wantCount := max(0, 51-int(from)); len(got) != wantCount {
			t.Errorf("Read from %d: %d messages, want %d", from, len(got), wantCount)
		}
	}
}

func bytesOfAnySizeAreReturned(t *testing.T, s eventstore.Store) {
	sizes := []int{0, 1, eventstore.MessageBytesMax - 1, eventstore.MessageBytesMax}
	for range 30 {
		sizes = append(sizes, rand.IntN(eventstore.MessageBytesMax))
	}
	var want [][]byte
	for i, size := range sizes {
		data := content(uint64(i), size)
		stored(t, s.Append(t.Context(), data, uint64(i)))
		want = append(want, data)
	}
	expectLog(t, s, want)
	for i := range want {
		m, err := s.Get(t.Context(), uint64(i)+1)
		if err != nil || m.Stream != uint64(i)+1 || !bytes.Equal(m.Data, want[i]) {
			t.Errorf("Get %d: message %d of %d bytes, %v, want the %d bytes appended", i+1, m.Stream, len(m.Data), err,
				len(want[i]))
		}
	}
	tooLarge := outcome(t, s.Append(t.Context(), make([]byte, eventstore.MessageBytesMax+1), uint64(len(want))))
	if tooLarge == nil || errors.Is(tooLarge, eventstore.ErrFenced) {
		t.Errorf("append of more than MessageBytesMax: %v, want another error", tooLarge)
	}
	expectLog(t, s, want)
}

func emptyLog(t *testing.T, s eventstore.Store) {
	expectLog(t, s, nil)
}

func outOfRange(t *testing.T, s eventstore.Store) {
	fill(t, s, 0, 3)
	for _, position := range []uint64{0, 4, 1 << 40} {
		m, err := s.Get(t.Context(), position)
		if fault := new(eventstore.Fault); err == nil || errors.As(err, &fault) {
			t.Errorf("Get %d of 3: %v, %v, want an error that is no Fault", position, m, err)
		}
	}
	for _, err := range s.Read(within(t), 0) {
		if err == nil {
			t.Error("Read from 0 yields a message, want an error")
		}
	}
}

func readEndsAtTheLastOfItsCall(t *testing.T, s eventstore.Store) {
	fill(t, s, 0, 5)
	messages := s.Read(within(t), 2)
	fill(t, s, 5, 5)
	if got := collect(t, messages, 2); len(got) != 4 {
		t.Errorf("Read from 2 of 5 yields %d messages after later appends, want 4", len(got))
	}
}

func readStopsWhenTheReaderStops(t *testing.T, s eventstore.Store) {
	fill(t, s, 0, 5)
	for range 3 {
		for m, err := range s.Read(within(t), 1) {
			if err != nil {
				t.Fatal(err)
			}
			if m.Stream == 2 {
				break
			}
		}
	}
}

func tailReturnsLaterAppendsThenEnds(t *testing.T, s eventstore.Store) {
	fill(t, s, 0, 3)
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	next, ended := uint64(1), false
	for m, err := range s.Tail(ctx, 1) {
		switch {
		case err != nil && errors.Is(err, context.Canceled) && next == 7:
			ended = true
			continue
		case err != nil:
			t.Fatalf("Tail at %d: got error %v, want a message", next, err)
		case m.Stream != next:
			t.Fatalf("Tail yields %d, want %d", m.Stream, next)
		}
		switch next++; {
		case m.Stream == 6:
			cancel()
		case m.Stream >= 3:
			stored(t, s.Append(ctx, content(m.Stream, 100), m.Stream))
		}
	}
	if !ended {
		t.Error("Tail: got an end without the error of its context, want that error")
	}
}

func tailFromBeyondTheEnd(t *testing.T, s eventstore.Store) {
	fill(t, s, 0, 2)
	appended := make(chan struct{})
	go func() {
		defer close(appended)
		for at := uint64(2); at < 5; at++ {
			<-s.Append(t.Context(), content(at, 100), at)
		}
	}()
	for m, err := range s.Tail(within(t), 4) {
		if err != nil || m.Stream != 4 {
			t.Errorf("Tail from 4: got message %d, %v, want 4", m.Stream, err)
		}
		break
	}
	<-appended
}

func endedContext(t *testing.T, s eventstore.Store) {
	fill(t, s, 0, 2)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := outcome(t, s.Append(ctx, []byte("late"), 2)); err == nil || errors.Is(err, eventstore.ErrFenced) {
		t.Errorf("Append after its context's end: %v, want unknown", err)
	}
	for _, err := range s.Tail(ctx, 1) {
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("Tail after the end of its context: got error %v, want %v", err, context.Canceled)
		}
	}
	if _, err := s.Get(ctx, 1); err == nil {
		t.Error("Get after the end of its context: got no error, want one")
	}
}

func readersAndAWriter(t *testing.T, s eventstore.Store) {
	const count = 200
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			next := uint64(1)
			for m, err := range s.Tail(within(t), 1) {
				if err != nil || m.Stream != next || !bytes.Equal(m.Data, content(next-1, 100)) {
					t.Errorf("Tail at %d: got message %d, %v, want its content", next, m.Stream, err)
					return
				}
				if next++; next > count {
					return
				}
			}
		})
	}
	want := fill(t, s, 0, count)
	readers.Wait()
	expectLog(t, s, want)
}

func closeLeavesOutcomesUnknown(t *testing.T, s eventstore.Store) {
	fill(t, s, 0, 1)
	var outcomes []<-chan error
	for at := uint64(1); at < 50; at++ {
		outcomes = append(outcomes, s.Append(t.Context(), content(at, 10_000), at))
	}
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	for i, o := range outcomes { // the store may learn an outcome although an earlier one stays unknown
		if err := outcome(t, o); errors.Is(err, eventstore.ErrFenced) {
			t.Errorf("append %d at Close: %v, want nil or unknown", i+2, err)
		}
	}
	if err := outcome(t, s.Append(t.Context(), []byte("x"), 50)); err == nil || errors.Is(err, eventstore.ErrFenced) {
		t.Errorf("Append after Close: %v, want unknown", err)
	}
	if _, err := s.Last(t.Context()); err == nil {
		t.Error("Last after Close: got no error, want one")
	}
	if _, err := s.Get(t.Context(), 1); err == nil {
		t.Error("Get after Close: got no error, want one")
	}
	for _, err := range s.Read(within(t), 1) {
		if err == nil {
			t.Error("Read after Close: got a message, want an error")
		}
	}
	if err := s.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}
