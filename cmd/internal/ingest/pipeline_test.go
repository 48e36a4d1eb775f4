package ingest

import (
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"testing"
	"time"

	"authledger/cmd/internal/loadgen"
	"authledger/cmd/internal/node"
	"authledger/domain"
)

// everyNth is the period of lineItems: of each everyNth lines, the first has no command, and the last
// is invalid.
const everyNth = 7

// lineItems yields the items of n lines, and then an item with err unless err is nil. Most lines
// contain one command, see everyNth.
func lineItems(lines int, err error) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		line := 0
		for c := range loadgen.Logins(1, 100, time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)) {
			it := Item{Line: line + 1, Commands: []domain.Command{c}}
			switch line++; {
			case line > lines:
				if err != nil {
					yield(Item{Line: line, err: err})
				}
				return
			case line%everyNth == 0:
				it = Item{Line: line, rejection: &domain.Rejection{Reason: domain.Malformed}}
			case line%everyNth == 1:
				it = Item{Line: line}
			}
			if !yield(it) {
				return
			}
		}
	}
}

func openLedger(t *testing.T) *node.Node {
	t.Helper()
	n, err := node.Open(t.Context(),
		node.Options{Dir: t.TempDir(), Realm: "main", Name: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// TestPipeline_Order checks that the pipeline reports verdicts in the order of the lines, one for
// each command and each invalid line, and that the counts add up to the number of lines.
func TestPipeline_Order(t *testing.T) {
	const lines = 10 * OutstandingMax / 4
	n, counts, last := openLedger(t), NewTally(), 0
	run := Pipeline{Ledger: n.Ledger, Items: lineItems(lines, nil), Report: func(b *Batch) error {
		counts.Add(b)
		for _, q := range b.Pending {
			want := last + 1
			if want%everyNth == 1 {
				want++
			}
			if q.line != want || !q.isFinal || (q.line%everyNth == 0) != (q.Verdict.Status == domain.Invalid) {
				t.Fatalf("verdict after line %d: got line %d, final %t, status %s, want line %d, final, invalid for "+
					"each line %d", last, q.line, q.isFinal, q.Verdict.Status, want, everyNth)
			}
			last = q.line
		}
		return nil
	}}
	if err := run.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := counts.Skipped + counts.Commands + counts.Invalid[domain.Malformed]
	if counts.Lines != lines || got != lines {
		t.Errorf("got %d lines and the sum %d of the other counts, want %d", counts.Lines, got, lines)
	}
	if seq := n.Rows.Position().Seq; seq != uint64(counts.Commands) {
		t.Errorf("got %d records, want %d, one of each command", seq, counts.Commands)
	}
}

// TestPipeline_Error checks that Run returns the error that stopped the import, and that the
// pipeline has reported the verdicts of all earlier lines.
func TestPipeline_Error(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name     string
		items    iter.Seq[Item]
		strict   bool
		commands int
		isWanted func(error) bool
	}{
		{"read error", lineItems(20, broken), false, 15, func(err error) bool { return errors.Is(err, broken) }},
		{"invalid line in a strict import", lineItems(20, nil), true,
			5, func(err error) bool { return errors.As(err, new(*InvalidLineError)) }},
		{"no lines", lineItems(0, nil), false, 0, func(err error) bool { return err == nil }},
		{"read error before the first line", lineItems(0, io.ErrUnexpectedEOF), false,
			0, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, counts := openLedger(t), NewTally()
			run := Pipeline{Ledger: n.Ledger, Items: tt.items, Strict: tt.strict,
				Report: func(b *Batch) error { counts.Add(b); return nil }}
			if err := run.Run(t.Context()); !tt.isWanted(err) {
				t.Errorf("Run: got error %v, want the error of the case", err)
			}
			if counts.Commands != tt.commands || n.Rows.Position().Seq != uint64(tt.commands) {
				t.Errorf("got %d verdicts and %d records, want %d", counts.Commands, n.Rows.Position().Seq, tt.commands)
			}
		})
	}
}

// TestPipeline_Interrupted checks that an interruption stops the reading of lines, and that the
// pipeline still reports the verdict of each recorded command.
func TestPipeline_Interrupted(t *testing.T) {
	n, counts := openLedger(t), NewTally()
	ctx, interrupt := context.WithCancel(t.Context())
	forever := lineItems(1<<40, nil)
	run := Pipeline{Ledger: n.Ledger, Items: forever, Report: func(b *Batch) error {
		if counts.Add(b); counts.Commands > 0 { // the first batch may contain no command
			interrupt()
		}
		return nil
	}}
	if err := run.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Run: got error %v, want %v", err, context.Canceled)
	}
	if seq := n.Rows.Position().Seq; counts.Commands == 0 || seq != uint64(counts.Commands) {
		t.Errorf("got %d verdicts and %d records, want equal numbers above 0", counts.Commands, seq)
	}
}
