package projections

import (
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// TestRebuildEqualsIncremental folds one history in many ways: cut into commits
// differently where that does not show, with spans of any size, restarts and
// flushes at any place. The rows are the same, key for key.
func TestRebuildEqualsIncremental(t *testing.T) {
	histories := 60
	if testing.Short() {
		histories = 10
	}
	for seed := range uint64(histories) {
		c := newChance(seed, 1+int(seed%20))
		h := newHistory()
		c.write(h, 50+c.IntN(1500), 1+c.IntN(40))
		rebuilt := open(t, "/rebuilt", quiet(vfs.NewMem()))
		rebuilt.Bulk(true)
		fold(t, rebuilt, h)
		checkRows(t, rebuilt, h)
		incremental := foldInPieces(t, c, h)
		if d, err := Compare(t.Context(), rebuilt, incremental); d != nil || err != nil {
			t.Fatalf("seed %d: rebuilt against incremental: %v, %v", seed, d, err)
		}
		checkStates(t, incremental, h)
		closeAll(t, rebuilt, incremental)
	}
}

// foldInPieces folds a history with restarts, and leaves its engine open.
func foldInPieces(t *testing.T, c *chance, h *history) *Engine {
	fs := vfs.NewMem()
	for {
		e := open(t, "/pieces", crashOptions(c, fs, applyTogether))
		for _, commit := range h.commits[e.Position().Stream:] {
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
		if e.Position().Stream == uint64(len(h.commits)) {
			return e
		}
		closeAll(t, e)
	}
}

func closeAll(t *testing.T, engines ...*Engine) {
	t.Helper()
	for _, e := range engines {
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRowsDoNotDependOnCommits folds the same records in other commits: only the
// rows of the commits, and the checkpoint, may differ.
func TestRowsDoNotDependOnCommits(t *testing.T) {
	c := newChance(7, 5)
	one, many := newHistory(), newHistory()
	c.write(many, 800, 1)
	one.records, one.pending = many.records, len(many.records)
	one.commit()
	a, b := newModel(), newModel()
	a.fold(one.commits[0])
	for _, commit := range many.commits {
		b.fold(commit)
	}
	for k, row := range a.rows {
		if k[0] != commits.Table && k[0] != checkpointKey[0] && b.rows[k] != row {
			t.Fatalf("row %q is %q in one commit and %q in many", k, row, b.rows[k])
		}
	}
}

func TestCompareNamesTheFirstDifference(t *testing.T) {
	c := newChance(3, 4)
	h := newHistory()
	c.write(h, 300, 5)
	a, b := open(t, "/a", quiet(vfs.NewMem())), open(t, "/b", quiet(vfs.NewMem()))
	fold(t, a, h)
	fold(t, b, h)
	if d, err := Compare(t.Context(), a, b); d != nil || err != nil {
		t.Fatal(d, err)
	}
	if err := b.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	k := users.key().tail("user1")
	if err := b.db.Delete(k, pebble.NoSync); err != nil {
		t.Fatal(err)
	}
	d, err := Compare(t.Context(), a, b)
	if err != nil || d == nil || d.Projection != "users" || string(d.Key) != "user1" || d.A == nil || d.B != nil {
		t.Fatal(d, err)
	}
	closeAll(t, a, b)
}
