// Package storetest is what every [eventstore.Store] must do, as a test.
//
// It says by example what the interface says in words: order, contiguity, the
// fence, pipelining, unknown outcomes. It refuses to test durability, damage
// and speed, which are matters of one implementation, and it never waits for
// time to pass: every wait ends with an event, or with the test's deadline.
//
// # Decisions
//
//   - The suite takes a function that opens an empty log, so an implementation's
//     test is one call. What needs two writers takes a function that opens two.
//   - Contents are bytes made from a message's position, rather than records: a
//     Store knows no records. Only sizes differ from run to run, and a failing
//     comparison prints them.
//   - Errors that the interface leaves open are only required to be errors.
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

// outcomeWait bounds the wait for anything that must happen: a Store that
// loses an outcome fails its test instead of hanging it.
const outcomeWait = 30 * time.Second

// Run runs the suite. open returns a store on an empty log of its own and
// arranges for its end.
func Run(t *testing.T, open func(t *testing.T) eventstore.Store) {
	for name, test := range map[string]func(*testing.T, eventstore.Store){
		"AppendThenReadInOrder":          appendThenReadInOrder,
		"BytesOfAnySizeComeBackEqual":    bytesOfAnySizeComeBackEqual,
		"EmptyLog":                       emptyLog,
		"OutOfRange":                     outOfRange,
		"LostFence":                      lostFence,
		"RepeatAfterLostReply":           repeatAfterLostReply,
		"AheadOfTheEnd":                  aheadOfTheEnd,
		"Pipeline":                       pipeline,
		"PipelineBehindLostFence":        pipelineBehindLostFence,
		"PipelineBehindStranger":         pipelineBehindStranger,
		"GoesOnAfterReadBack":            goesOnAfterReadBack,
		"RepeatOfAPipeline":              repeatOfAPipeline,
		"OneOfManyWins":                  oneOfManyWins,
		"ReadEndsAtTheLastOfItsCall":     readEndsAtTheLastOfItsCall,
		"ReadStopsWhenTheReaderStops":    readStopsWhenTheReaderStops,
		"TailSeesLaterAppendsThenEnds":   tailSeesLaterAppendsThenEnds,
		"TailFromBeyondTheEnd":           tailFromBeyondTheEnd,
		"EndedContext":                   endedContext,
		"CloseLeavesOutcomesUnknown":     closeLeavesOutcomesUnknown,
		"ReadersAndAWriterAtTheSameTime": readersAndAWriter,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// RunTwoWriters runs what needs two stores on one empty log, as two processes
// would have it.
func RunTwoWriters(t *testing.T, open func(t *testing.T) (a, b eventstore.Store)) {
	for name, test := range map[string]func(t *testing.T, a, b eventstore.Store){
		"StrangerBreaksPipeline":   strangerBreaksPipeline,
		"TakeTurnsAfterReadBack":   takeTurnsAfterReadBack,
		"RaceLeavesWholePipelines": raceLeavesWholePipelines,
	} {
		t.Run(name, func(t *testing.T) {
			a, b := open(t)
			test(t, a, b)
		})
	}
}

// errNoOutcome stands for an outcome that never came.
var errNoOutcome = errors.New("storetest: an append has no outcome")

// outcome waits for the one value of an append. It may be called from any
// goroutine, so it doesn't end the test.
func outcome(t *testing.T, from <-chan error) error {
	t.Helper()
	select {
	case err, open := <-from:
		if !open {
			t.Error("an outcome's channel was closed without a value")
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

// content is size bytes that differ from seed to seed.
func content(seed uint64, size int) []byte {
	source := rand.NewPCG(seed, uint64(size))
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(source.Uint64())
	}
	return data
}

// expectLog reads the whole log and compares.
func expectLog(t *testing.T, s eventstore.Store, want [][]byte) {
	t.Helper()
	got := collect(t, s.Read(within(t), 1), 1)
	if len(got) != len(want) {
		t.Fatalf("the log has %d messages, want %d", len(got), len(want))
	}
	for i := range want {
		if !bytes.Equal(got[i], want[i]) {
			t.Fatalf("message %d has other bytes than were appended", i+1)
		}
	}
	if last, err := s.Last(t.Context()); err != nil || last != uint64(len(want)) {
		t.Fatalf("Last: %d, %v, want %d", last, err, len(want))
	}
	if err := s.Check(t.Context()); err != nil {
		t.Fatalf("Check: %v", err)
	}
}

// collect reads to the end, and fails on an error or on a position out of line.
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
