package main

import (
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"testing"
	"time"

	"authledger/adapters/traffic"
	"authledger/domain"
)

// everyNth line of the tests is rejected, and asks nothing in between.
const everyNth = 7

// lineItems tells so many lines, a command each but for every nth, and ends
// with err if there is one.
func lineItems(lines int, err error) iter.Seq[item] {
	return func(yield func(item) bool) {
		line := 0
		for c := range traffic.Bench(1, 100, time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)) {
			it := item{line: line + 1, commands: []domain.Command{c}}
			switch line++; {
			case line > lines:
				if err != nil {
					yield(item{line: line, err: err})
				}
				return
			case line%everyNth == 0:
				it = item{line: line, rejection: &domain.Rejection{Reason: domain.Malformed}}
			case line%everyNth == 1:
				it = item{line: line}
			}
			if !yield(it) {
				return
			}
		}
	}
}

func openTestNode(t *testing.T) *node {
	t.Helper()
	n, err := openNode(t.Context(), nodeOptions{dir: t.TempDir(), realm: realmDefault, name: "test", log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// TestIntakeOrder: verdicts come in the order of the lines, each line that asks
// has one, and the counts add up.
func TestIntakeOrder(t *testing.T) {
	const lines = 10 * outstandingMax / 4
	n, counts, last := openTestNode(t), newTally(), 0
	run := intake{ledger: n.ledger, items: lineItems(lines, nil), heard: func(b *batch) error {
		counts.add(b)
		for _, q := range b.pending {
			want := last + 1
			if want%everyNth == 1 {
				want++
			}
			if q.line != want || !q.heard || (q.line%everyNth == 0) != (q.verdict.Status == domain.Invalid) {
				t.Fatalf("after line %d: line %d, heard %v, %s", last, q.line, q.heard, q.verdict.Status)
			}
			last = q.line
		}
		return nil
	}}
	if err := run.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := counts.Skipped + counts.Commands + counts.Invalid[domain.Malformed]; counts.Lines != lines || got != lines {
		t.Errorf("%d lines, %d of them counted, want %d", counts.Lines, got, lines)
	}
	if seq := n.rows.Position().Seq; seq != uint64(counts.Commands) {
		t.Errorf("%d records of %d commands", seq, counts.Commands)
	}
}

// TestIntakeStops: what stops an intake is told, and what came before it is
// answered.
func TestIntakeStops(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name     string
		items    iter.Seq[item]
		strict   bool
		commands int
		why      func(error) bool
	}{
		{"reading fails", lineItems(20, broken), false, 15, func(err error) bool { return errors.Is(err, broken) }},
		{"strictly, an invalid line", lineItems(20, nil), true, 5, func(err error) bool { return errors.As(err, new(*invalidLine)) }},
		{"nothing to read", lineItems(0, nil), false, 0, func(err error) bool { return err == nil }},
		{"nothing but an error", lineItems(0, io.ErrUnexpectedEOF), false, 0, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, counts := openTestNode(t), newTally()
			run := intake{ledger: n.ledger, items: tt.items, strict: tt.strict, heard: func(b *batch) error { counts.add(b); return nil }}
			if err := run.run(t.Context()); !tt.why(err) {
				t.Errorf("it ended with %v", err)
			}
			if counts.Commands != tt.commands || n.rows.Position().Seq != uint64(tt.commands) {
				t.Errorf("%d commands heard, %d recorded, want %d", counts.Commands, n.rows.Position().Seq, tt.commands)
			}
		})
	}
}

// TestIntakeInterrupted: an interruption ends the reading, not the answers.
func TestIntakeInterrupted(t *testing.T) {
	n, counts := openTestNode(t), newTally()
	ctx, interrupt := context.WithCancel(t.Context())
	forever := lineItems(1<<40, nil)
	run := intake{ledger: n.ledger, items: forever, heard: func(b *batch) error {
		if counts.add(b); counts.Commands > 0 { // the first lines may ask nothing
			interrupt()
		}
		return nil
	}}
	if err := run.run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	if seq := n.rows.Position().Seq; counts.Commands == 0 || seq != uint64(counts.Commands) {
		t.Errorf("%d commands heard, %d recorded", counts.Commands, seq)
	}
}
