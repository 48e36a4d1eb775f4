package rows

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

// TestViewsDuringFolds reads views in several goroutines while another goroutine folds
// commits, the writer writes spans, and a reader keeps its first view until the end.
func TestViewsDuringFolds(t *testing.T) {
	const commits, readers = 150, 3
	o := quiet(vfs.NewMem())
	o.SpanAge, o.SpanRecords = longSpan, 60
	s := open(t, "/d", o)
	fold(t, s, 1)
	var reading sync.WaitGroup
	for range readers {
		reading.Go(func() {
			if err := readUntil(t, s, 3*commits); err != nil {
				t.Error(err)
			}
		})
	}
	fold(t, s, commits-1)
	reading.Wait()
	closeAll(t, s)
}

// readUntil compares the rows of new views until a view reflects the record at last, and then
// the rows of the first view again.
func readUntil(t *testing.T, s *Store, last uint64) error {
	first, err := s.View(t.Context())
	if err != nil {
		return err
	}
	defer first.Close()
	for {
		v, err := s.View(t.Context())
		if err != nil {
			return err
		}
		p, _, _ := v.Position() // compareView returns the error
		if err = compareView(v, p.Seq); err != nil {
			err = fmt.Errorf("view of record %d: %w", p.Seq, err)
		}
		v.Close()
		if err != nil {
			return err
		}
		if p.Seq == last {
			break
		}
	}
	p, _, _ := first.Position()
	return compareView(first, p.Seq)
}

// TestFailedReadEndsScan checks that a failed read of Pebble ends a read at its first row: the
// rows in memory are not returned in place of the rows that Pebble can't read.
func TestFailedReadEndsScan(t *testing.T) {
	failure := errors.New("read failed")
	all := Key{plainTable}
	for _, c := range []struct {
		name string
		read func(v *View) (read int, err error)
	}{
		{"scan", func(v *View) (read int, err error) {
			for range v.Scan(all, all.After()) {
				read++
				break
			}
			return read, v.Err()
		}},
		{"scan back", func(v *View) (read int, err error) {
			for range v.ScanBack(all, all.After()) {
				read++
				break
			}
			return read, v.Err()
		}},
		{"last", func(v *View) (int, error) {
			k, _, err := v.Last(all, all.After(), nil)
			return len(k), err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var fails atomic.Bool
			o := quiet(errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
				if fails.Load() && op.Kind.ReadOrWrite() == errorfs.OpIsRead && strings.HasSuffix(op.Path, ".sst") {
					return failure
				}
				return nil
			})))
			o.SpanAge = longSpan
			s := open(t, "/d", o)
			fold(t, s, 20)
			if err := s.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			fold(t, s, 20)
			v, err := s.View(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			fails.Store(true)
			if read, err := c.read(v); read != 0 || !errors.Is(err, failure) {
				t.Errorf("read: got %d, %v, want 0 and %v", read, err, failure)
			}
			fails.Store(false)
			v.Close()
			closeAll(t, s)
		})
	}
}

// TestRunsAreShared bounds the memory of many open views: each row of a table is in at most
// one run of a view, a view has few runs, and the views share them.
func TestRunsAreShared(t *testing.T) {
	const commits, runsMax = 500, 12 // the runs of a view: at most 2 + log2 of the rows
	o := quiet(vfs.NewMem())
	o.SpanAge = longSpan
	s := open(t, "/d", o)
	distinct := map[*sortedRow]int{} // the rows of each run, by the first row
	stage := s.NewStage()
	for n := range uint64(commits) {
		err := s.Fold(stage, func() error {
			stage.Put(Key{plainTable}.Number(n), []byte{1})
			s.Publish(stage, commitAfter(s.Position(), 1), nil)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		v, err := s.View(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		runs := v.layers[0].table(plainTable)
		if len(runs) > runsMax {
			t.Fatalf("at record %d: got %d runs, want at most %d", s.Position().Seq, len(runs), runsMax)
		}
		for _, r := range runs {
			distinct[&r.rows[0]] = len(r.rows)
		}
	}
	total := 0
	for _, n := range distinct {
		total += n
	}
	if most := commits * runsMax; total > most {
		t.Errorf("rows in the runs of %d views: got %d, want at most %d", commits, total, most)
	}
	t.Cleanup(func() { closeAll(t, s) })
}

// TestStoredView checks that a view of Pebble waits for the rows that are published before it,
// asks for no write, and keeps no span in memory.
func TestStoredView(t *testing.T) {
	o := quiet(vfs.NewMem())
	o.SpanAge = longSpan
	s := open(t, "/d", o)
	fold(t, s, 5)
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := s.StoredView(ended); !errors.Is(err, context.Canceled) || len(s.early) != 0 {
		t.Errorf("before a write: got %v, %d requests of a write, want canceled, none", err, len(s.early))
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := s.Position().Seq
	v, err := s.StoredView(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fold(t, s, 5)
	if err := compareView(v, want); err != nil || len(v.layers) != 0 {
		t.Errorf("after a write: got %v, %d layers, want none", err, len(v.layers))
	}
	v.Close()
	closeAll(t, s)
}
