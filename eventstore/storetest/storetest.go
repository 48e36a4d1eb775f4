// Package storetest is the test suite that every [eventstore.Store] MUST pass.
//
// It tests the contract of the interface: order, contiguity, the fence, pipelining and
// unknown outcomes. It does not test durability, damage and speed, which differ between
// implementations. It never waits for time to pass: every wait ends with an event, or with
// the deadline of the test.
//
// # Decisions
//
//   - The suite takes a function that opens an empty log, so an implementation's
//     test is one call. [RunTwoWriters] takes a function that opens two handles.
//   - The contents of messages are bytes that are computed from the position, because a
//     Store knows no records. Only sizes differ between runs, and a failing comparison
//     prints them.
//   - Where the interface names no error, the suite requires only that the Store returns an
//     error.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"testing"
	"time"

	"authledger/eventstore"
)

// outcomeWait is the maximum duration of a wait for an event, so that a Store that loses an
// outcome fails its test.
const outcomeWait = time.Minute

// Run runs the suite. The function open returns a store on a new, empty log, and registers
// its cleanup with t.
func Run(t *testing.T, open func(t *testing.T) eventstore.Store) {
	for name, test := range map[string]func(*testing.T, eventstore.Store){
		"AppendThenReadInOrder":           appendThenReadInOrder,
		"BytesOfAnySizeAreReturned":       bytesOfAnySizeAreReturned,
		"EmptyLog":                        emptyLog,
		"OutOfRange":                      outOfRange,
		"LostFence":                       lostFence,
		"RepeatAfterLostReply":            repeatAfterLostReply,
		"AheadOfTheEnd":                   aheadOfTheEnd,
		"Pipeline":                        pipeline,
		"PipelineAfterLostFence":          pipelineAfterLostFence,
		"PipelineAfterOtherWriter":        pipelineAfterOtherWriter,
		"ContinuesAfterReadBack":          continuesAfterReadBack,
		"RepeatOfAPipeline":               repeatOfAPipeline,
		"OneOfManyWins":                   oneOfManyWins,
		"ReadEndsAtTheLastOfItsCall":      readEndsAtTheLastOfItsCall,
		"ReadStopsWhenTheReaderStops":     readStopsWhenTheReaderStops,
		"TailReturnsLaterAppendsThenEnds": tailReturnsLaterAppendsThenEnds,
		"TailFromBeyondTheEnd":            tailFromBeyondTheEnd,
		"EndedContext":                    endedContext,
		"CloseLeavesOutcomesUnknown":      closeLeavesOutcomesUnknown,
		"ReadersAndAWriterAtTheSameTime":  readersAndAWriter,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// RunTwoWriters runs the tests of two stores on one empty log, like the stores of two
// processes.
func RunTwoWriters(t *testing.T, open func(t *testing.T) (a, b eventstore.Store)) {
	for name, test := range map[string]func(t *testing.T, a, b eventstore.Store){
		"OtherWriterBreaksPipeline": otherWriterBreaksPipeline,
		"TakeTurnsAfterReadBack":    takeTurnsAfterReadBack,
		"RaceLeavesWholePipelines":  raceLeavesWholePipelines,
	} {
		t.Run(name, func(t *testing.T) {
			a, b := open(t)
			test(t, a, b)
		})
	}
}

// errNoOutcome reports an append without an outcome within outcomeWait.
var errNoOutcome = errors.New("storetest: an append has no outcome")

// outcome returns the outcome of an append. Any goroutine may call it; it does not end the
// test.
func outcome(t *testing.T, from <-chan error) error {
	t.Helper()
	select {
	case err, open := <-from:
		if !open {
			t.Error("outcome of an append: got a closed channel, want a value")
			return errNoOutcome
		}
		return err
	case <-time.After(outcomeWait):
		t.Error(errNoOutcome)
		return errNoOutcome
	}
}

func stored(t *testing.T, from <-chan error) {
	t.Helper()
	if err := outcome(t, from); err != nil {
		t.Fatalf("append: %v", err)
	}
}

func fenced(t *testing.T, from <-chan error) {
	t.Helper()
	if err := outcome(t, from); !errors.Is(err, eventstore.ErrFenced) {
		t.Fatalf("append: %v, want ErrFenced", err)
	}
}

// fill appends messages and returns them.
func fill(t *testing.T, s eventstore.Store, after uint64, count int) [][]byte {
	t.Helper()
	var all [][]byte
	for i := range count {
		data := content(uint64(i)+after, 100)
		stored(t, s.Append(t.Context(), data, after+uint64(i)))
		all = append(all, data)
	}
	return all
}

// content returns size bytes that differ between seeds.
func content(seed uint64, size int) []byte {
	source := rand.NewPCG(seed, uint64(size))
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(source.Uint64())
	}
	return data
}

// expectLog fails t unless the whole log holds exactly the messages want.
func expectLog(t *testing.T, s eventstore.Store, want [][]byte) {
	t.Helper()
	got := collect(t, s.Read(within(t), 1), 1)
	if len(got) != len(want) {
		t.Fatalf("the log has %d messages, want %d", len(got), len(want))
	}
	for i := range want {
		if !bytes.Equal(got[i], want[i]) {
			t.Fatalf("message %d: got %.40q, want %.40q", i+1, got[i], want[i])
		}
	}
	if last, err := s.Last(t.Context()); err != nil || last != uint64(len(want)) {
		t.Fatalf("Last: %d, %v, want %d", last, err, len(want))
	}
	if err := s.Check(t.Context()); err != nil {
		t.Fatalf("Check: %v", err)
	}
}

// collect reads to the end. It fails t on an error or a wrong position.
func collect(t *testing.T, messages iter.Seq2[eventstore.Message, error], from uint64) (all [][]byte) {
	t.Helper()
	for m, err := range messages {
		if err != nil {
			t.Fatalf("read at %d: %v", from, err)
		}
		if m.Stream != from {
			t.Fatalf("read message %d, want %d", m.Stream, from)
		}
		from++
		all = append(all, m.Data)
	}
	return all
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), outcomeWait)
	t.Cleanup(cancel)
	return ctx
}
