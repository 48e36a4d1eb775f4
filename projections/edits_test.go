package projections

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"authledger/projections/logtest"
	"authledger/projections/rows"
)

// failingStore fails one read, as a process without free file descriptors does.
type failingStore struct {
	rowStore
	after int // reads before the one that fails
}

func (s *failingStore) Get(dst []byte, k rows.Key) ([]byte, bool, error) {
	if s.after--; s.after == -1 {
		return nil, false, fmt.Errorf("read row: %w", syscall.EMFILE)
	}
	return s.rowStore.Get(dst, k)
}

// A commit whose fold failed counts once after the next attempt, because no row is left
// with a part of the commit.
func TestFailedFoldLeavesNoEdits(t *testing.T) {
	at := func(minutes ...int) (all []time.Time) {
		for _, m := range minutes {
			all = append(all, logtest.Epoch.Add(time.Duration(m)*time.Minute))
		}
		return all
	}
	h := reportsAt(at(0, 5, 10, 9, 4, 3), 3, func(int) string { return "gateway" })
	table := 0
	for i, p := range catalog {
		if p == statistics {
			table = i
		}
	}
	failed := 0
	for after := range 8 {
		e := open(t, "/d", quiet(vfs.NewMem()))
		if err := e.Fold(h.Commits[0]); err != nil {
			t.Fatal(err)
		}
		of := &e.fold.tables[table]
		of.store = &failingStore{of.store, after}
		if err := e.Fold(h.Commits[1]); errors.Is(err, syscall.EMFILE) {
			failed++
		} else if err != nil {
			t.Fatalf("fold with the failure of read %d: got %v, want EMFILE or no error", after, err)
		}
		fold(t, e, h)
		checkRows(t, e, h)
		closeAll(t, e)
	}
	if failed < 2 {
		t.Errorf("got %d failed folds, want at least 2, so that the test tests something", failed)
	}
}

func TestTableKeepsFewEdits(t *testing.T) {
	store := &bytesOf{rows: map[string][]byte{}}
	table := newTable(statistics, store)
	var times []time.Time
	for i := range 10 * editsMax {
		times = append(times, logtest.Epoch.Add(time.Duration(i)*time.Hour))
	}
	h := reportsAt(times, 50, func(int) string { return "gateway" })
	for _, c := range h.Commits {
		for i := range c.Records {
			if err := foldStatistics(&table, &Step{Commit: c, Record: &c.Records[i]}); err != nil {
				t.Fatal(err)
			}
		}
		table.flush()
		if got := len(table.edits.rows); got > editsMax {
			t.Fatalf("rows in memory after commit %d: got %d, want at most %d", c.Stream, got, editsMax)
		}
	}
}
