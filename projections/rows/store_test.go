package rows

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"authledger/domain"
)

// The tests fold records whose rows follow from the number of the record: some writes and
// deletions of numbers in a few keys of two tables, of which one is cached.
const (
	plainTable  = 'a'
	cachedTable = 'b'
	keysOfTable = 40
)

var testSchema = Schema{
	Versions: "test@1",
	Tables:   map[byte]string{plainTable: "plain", cachedTable: "cached"},
	Cached:   []byte{cachedTable},
	Filtered: []byte{plainTable, cachedTable},
}

// counter is a row.
type counter struct{ n int64 }

func (r *counter) Members(v domain.Visitor) { v.Count("n", &r.n, domain.Need) }

// change is a write of a row, or a deletion if row is nil.
type change struct {
	key Key
	row []byte
}

// changesOf returns the changes of the record at seq. The cached table has no deletions.
func changesOf(seq uint64) (all []change) {
	rng := rand.New(rand.NewPCG(seq, 7))
	for range 1 + rng.IntN(4) {
		c := change{key: Key{plainTable}.Tail(fmt.Sprint(rng.IntN(keysOfTable)))}
		if rng.IntN(4) > 0 {
			c.row = Encode(nil, &counter{int64(seq)})
		}
		all = append(all, c)
	}
	k := Key{cachedTable}.Tail(fmt.Sprint(rng.IntN(keysOfTable)))
	return append(all, change{k, Encode(nil, &counter{int64(seq)})})
}

// rowsAt returns the rows after the record at seq, without the checkpoint.
func rowsAt(seq uint64) map[string]string {
	all := map[string]string{}
	for i := uint64(1); i <= seq; i++ {
		for _, c := range changesOf(i) {
			if c.row == nil {
				delete(all, string(c.key))
			} else {
				all[string(c.key)] = string(c.row)
			}
		}
	}
	return all
}

// quiet returns options with small caches and without a log.
func quiet(fs vfs.FS) Options {
	return Options{FS: fs, Log: slog.New(slog.DiscardHandler), EntityCache: 1 << 10, BlockCache: 1 << 20}
}

func open(t testing.TB, dir string, o Options) *Store {
	t.Helper()
	s, err := Open(dir, testSchema, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeAll(t testing.TB, stores ...*Store) {
	t.Helper()
	for _, s := range stores {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// commitAfter returns the commit after a position, with n records.
func commitAfter(p domain.Position, n int) *domain.Commit {
	c := &domain.Commit{First: p.Seq + 1, Stream: p.Stream + 1, Prev: p.Hash, Records: make([]domain.Record, n)}
	for i := range c.Records {
		c.Records[i].Seq = c.First + uint64(i)
	}
	c.Time = time.Unix(int64(c.Stream), 0).UTC()
	c.Hash = domain.Hash{byte(c.Stream), byte(c.Stream >> 8)}
	return c
}

// fold folds n commits of three records each.
func fold(t testing.TB, s *Store, n int) {
	t.Helper()
	for range n {
		if err := foldOne(s); err != nil {
			t.Fatal(err)
		}
	}
}

func foldOne(s *Store) error {
	stage := s.NewStage()
	return s.Fold(stage, func() error {
		c := commitAfter(s.Position(), 3)
		for i := range c.Records {
			for _, change := range changesOf(c.Records[i].Seq) {
				if change.row == nil {
					stage.Remove(change.key)
				} else {
					stage.Put(change.key, change.row)
				}
			}
		}
		s.Publish(stage, c, nil)
		return nil
	})
}

// checkRows compares all rows of a view, and of single reads, with the rows at the position.
func checkRows(t testing.TB, s *Store) {
	t.Helper()
	if err := compareRows(t, s); err != nil {
		t.Fatal(err)
	}
}

func compareRows(t testing.TB, s *Store) error {
	want := rowsAt(s.Position().Seq)
	for i := range keysOfTable {
		for _, table := range []byte{plainTable, cachedTable} {
			k := Key{table}.Tail(fmt.Sprint(i))
			row, found, at, err := s.Row(nil, k)
			wanted, exists := want[string(k)]
			if string(row) != wanted || found != exists || at != s.Head() || err != nil {
				return fmt.Errorf("Row(%q): got %q, %t, head %+v, %w, want %q, %t", k, row, found, at, err,
					wanted, exists)
			}
		}
		row, _, err := s.CachedRow(cachedTable, fmt.Sprint(i))
		if wanted := want[string(Key{cachedTable}.Tail(fmt.Sprint(i)))]; string(row) != wanted || err != nil {
			return fmt.Errorf("CachedRow(%d): got %q, %w, want %q", i, row, err, wanted)
		}
	}
	v, err := s.View(t.Context())
	if err != nil {
		return err
	}
	defer v.Close()
	got := map[string]string{}
	for k, row := range v.Scan(Key{1}, nil) {
		got[string(k)] = string(row)
	}
	back := map[string]string{}
	if err := v.Err(); err != nil {
		return err
	}
	for k, row := range v.ScanBack(Key{1}, nil) {
		back[string(k)] = string(row)
	}
	if !maps.Equal(got, want) || !maps.Equal(back, want) {
		return fmt.Errorf("rows at record %d: got %d by Scan, %d by ScanBack, want %d others", s.Position().Seq,
			len(got), len(back), len(want))
	}
	return v.Err()
}

func TestStoreReadsPublishedRows(t *testing.T) {
	s := open(t, "/d", quiet(vfs.NewMem()))
	for range 20 {
		fold(t, s, 5)
		checkRows(t, s)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p, err := s.Checkpoint(); p != s.Position() || err != nil {
		t.Errorf("Checkpoint after Flush: got %+v, %v, want %+v", p, err, s.Position())
	}
	closeAll(t, s)
}

func TestOpenLocksDirectory(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, quiet(nil))
	if _, err := Open(dir, testSchema, quiet(nil)); err == nil {
		t.Fatal("Open of an open directory: got no error")
	}
	closeAll(t, s)
	closeAll(t, open(t, dir, quiet(nil)))
}

// An error that the loop over a scan sets with Fail survives the end of the scan.
func TestScanKeepsErrorOfLoop(t *testing.T) {
	s := open(t, "/d", quiet(vfs.NewMem()))
	fold(t, s, 5)
	v, err := s.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := errors.New("error of the loop")
	func() {
		for range v.Scan(nil, nil) {
			v.Fail(want)
			return
		}
	}()
	if got := v.Err(); got != want {
		t.Errorf("Err: got %v, want %v", got, want)
	}
	for range v.Scan(nil, nil) {
	}
	if got := v.Err(); got != nil {
		t.Errorf("Err after the next scan: got %v, want nil", got)
	}
	v.Close()
	closeAll(t, s)
}
