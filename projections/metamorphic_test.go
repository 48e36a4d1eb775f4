package projections

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"authledger/projections/logtest"
	"authledger/projections/rows"
)

// Folding a history with restarts, flushes and spans of any size writes the same rows as
// folding the whole history at once.
func TestRebuildEqualsIncremental(t *testing.T) {
	histories := 40
	if testing.Short() {
		histories = 3
	}
	for seed := range uint64(histories) {
		c := logtest.NewGenerator(seed, 1+int(seed%20))
		h := logtest.NewHistory()
		c.Write(h, 50+c.IntN(1500), 1+c.IntN(40))
		rebuilt := open(t, "/rebuilt", quiet(vfs.NewMem()))
		rebuilt.Bulk(true)
		fold(t, rebuilt, h)
		checkRows(t, rebuilt, h)
		incremental := foldInPieces(t, c, h)
		if d, err := Compare(t.Context(), rebuilt, incremental); d != nil || err != nil {
			t.Fatalf("seed %d: incremental rows: got difference %v, %v, want none to the rebuilt rows", seed, d, err)
		}
		checkStates(t, incremental, h)
		closeAll(t, rebuilt, incremental)
	}
}

// foldInPieces folds a history with restarts and flushes. It returns the open engine.
func foldInPieces(t *testing.T, c *logtest.Generator, h *logtest.History) *Engine {
	fs := vfs.NewMem()
	for {
		e := open(t, "/pieces", crashOptions(c, fs))
		for _, commit := range h.Commits[e.Position().Stream:] {
			if err := e.Fold(commit); err != nil {
				t.Fatal(err)
			}
			if c.IntN(30) == 0 {
				if err := e.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if c.IntN(40) == 0 {
				break
			}
		}
		if e.Position().Stream == uint64(len(h.Commits)) {
			return e
		}
		closeAll(t, e)
	}
}

// Only the rows of the commits table and the checkpoint depend on how records are grouped
// into commits.
func TestRowsDoNotDependOnCommits(t *testing.T) {
	c := logtest.NewGenerator(7, 5)
	many := logtest.NewHistory()
	c.Write(many, 800, 1)
	one := many.OneCommit()
	a, b := newModel(), newModel()
	a.fold(one)
	for _, commit := range many.Commits {
		b.fold(commit)
	}
	for k, row := range a.rows {
		if k[0] != commits.Table && k[0] != rows.CheckpointTable && b.rows[k] != row {
			t.Fatalf("row %q: got %q in many commits, want %q as in one commit", k, b.rows[k], row)
		}
	}
}
