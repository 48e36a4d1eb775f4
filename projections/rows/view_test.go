package rows

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// longSpan is longer than every test, so that no span ends because of its age.
const longSpan = 24 * time.Hour

// TestReadsCauseNoWrite checks that reads of rows in memory neither write the rows nor ask the
// writer for an early write, and that Flush does.
func TestReadsCauseNoWrite(t *testing.T) {
	var writes atomic.Int64
	o := quiet(vfs.NewMem())
	o.SpanAge = longSpan
	o.Write = func(db *pebble.DB, w *Write) error {
		writes.Add(1)
		return writeTogether(db, w)
	}
	s := open(t, "/d", o)
	for range 20 {
		fold(t, s, 5)
		checkRows(t, s)
		if err := s.Wait(t.Context(), s.Position().Seq); err != nil {
			t.Fatal(err)
		}
		v, err := s.View(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if p, _, err := v.Position(); p != s.Position() || err != nil {
			t.Errorf("position of a view: got %+v, %v, want %+v", p, err, s.Position())
		}
		v.Close()
	}
	if n, stored := writes.Load(), s.Stored().Seq; n != 0 || stored != 0 || len(s.early) != 0 {
		t.Errorf("after reads: got %d writes up to record %d, %d requests of a write, want none", n, stored,
			len(s.early))
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, stored := writes.Load(), s.Stored(); n != 1 || stored != s.Position() {
		t.Errorf("after Flush: got %d writes up to record %d, want 1 up to record %d", n, stored.Seq,
			s.Position().Seq)
	}
	closeAll(t, s)
}

// TestViewKeepsPosition reads views of many positions after later commits changed their rows
// in memory, and after the spans of these positions were written or are being written.
func TestViewKeepsPosition(t *testing.T) {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 5))
		o := quiet(vfs.NewMem())
		o.SpanAge = longSpan
		var blocked atomic.Bool
		release := make(chan struct{})
		o.Write = func(db *pebble.DB, w *Write) error {
			if blocked.CompareAndSwap(true, false) {
				<-release
			}
			return writeTogether(db, w)
		}
		s := open(t, "/d", o)
		views := map[uint64]*View{}
		commits := func() {
			for range 10 {
				fold(t, s, rng.IntN(4))
				v, err := s.View(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if old := views[s.Position().Seq]; old != nil {
					old.Close()
				}
				views[s.Position().Seq] = v
			}
		}
		commits()
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		commits()
		fold(t, s, 1)
		blocked.Store(true)
		notify(s.early)
		if err := s.await(t.Context(), func() bool { return s.writing != nil }); err != nil {
			t.Fatal(err)
		}
		commits()
		checkViews(t, seed, views)
		close(release)
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		commits()
		checkViews(t, seed, views)
		for _, v := range views {
			v.Close()
		}
		closeAll(t, s)
	}
}

func checkViews(t *testing.T, seed uint64, views map[uint64]*View) {
	t.Helper()
	for seq, v := range views {
		if err := compareView(v, seq); err != nil {
			t.Fatalf("seed %d, view of record %d: %v", seed, seq, err)
		}
	}
}

// compareView compares the rows and the position of a view with those at a record, with each
// method that reads rows.
func compareView(v *View, seq uint64) error {
	want := rowsAt(seq)
	if p, _, err := v.Position(); p.Seq != seq || err != nil {
		return fmt.Errorf("Position: got record %d, %w", p.Seq, err)
	}
	for _, table := range []byte{plainTable, cachedTable} {
		all := maps.Clone(want)
		maps.DeleteFunc(all, func(k, _ string) bool { return k[0] != table })
		if got := scanned(v.Scan(Key{table}, Key{table}.After())); !maps.Equal(got, all) || v.Err() != nil {
			return fmt.Errorf("Scan of table %c: got %d rows, %w, want %d others", table, len(got), v.Err(), len(all))
		}
		for i := range keysOfTable {
			k := Key{table}.Tail(fmt.Sprint(i))
			row, wanted := new(counter), new(counter)
			found, err := v.Read(k, row)
			b, exists := want[string(k)]
			if exists {
				err = Decode([]byte(b), wanted)
			}
			if found != exists || *row != *wanted || err != nil {
				return fmt.Errorf("Read(%q): got %+v, %t, %w, want %+v, %t", k, row, found, err, wanted, exists)
			}
			if err := compareLast(v, k, all); err != nil {
				return err
			}
		}
	}
	return nil
}

// compareLast compares the last row before a key.
func compareLast(v *View, before Key, all map[string]string) error {
	last := ""
	for k := range all {
		if k < string(before) {
			last = max(last, k)
		}
	}
	k, found, err := v.Last(before[:1], before, nil)
	if string(k) != last || found != (last != "") || err != nil {
		return fmt.Errorf("Last before %q: got %q, %t, %w, want %q", before, k, found, err, last)
	}
	return nil
}

func scanned(rows func(func(Key, []byte) bool)) map[string]string {
	all := map[string]string{}
	for k, row := range rows {
		all[string(k)] = string(row)
	}
	return all
}

// TestScanOrder checks the order of rows that are in Pebble, in a written span and in the
// current span, and bounds between them.
func TestScanOrder(t *testing.T) {
	o := quiet(vfs.NewMem())
	o.SpanAge = longSpan
	s := open(t, "/d", o)
	put := func(changes ...string) {
		t.Helper()
		stage := s.NewStage()
		err := s.Fold(stage, func() error {
			for _, c := range changes {
				k := Key{plainTable}.Tail(c[1:])
				if c[0] == '-' {
					stage.Remove(k)
				} else {
					stage.Put(k, []byte{c[0]})
				}
			}
			s.Publish(stage, commitAfter(s.Position(), 1), nil)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	put("1a", "1c", "1e", "1g")
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	put("2b", "2c", "-e", "2h")
	v, err := s.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	put("3b", "-c", "3e")
	end := Key{plainTable}.After()
	for _, c := range []struct {
		from, to Key
		want     string
	}{
		{Key{plainTable}, end, "1a 2b 2c 1g 2h"},
		{Key{plainTable}.Tail("b"), Key{plainTable}.Tail("g"), "2b 2c"},
		{Key{plainTable}.Tail("c"), Key{plainTable}.Tail("h"), "2c 1g"},
		{Key{plainTable}.Tail("d"), Key{plainTable}.Tail("g"), ""},
		{Key{plainTable}.Tail("h"), Key{plainTable}.Tail("a"), ""},
		{Key{CheckpointTable + 1}, nil, "1a 2b 2c 1g 2h"},
	} {
		var forward, backward string
		for k, row := range v.Scan(c.from, c.to) {
			forward += fmt.Sprintf(" %s%s", row, k[1:])
		}
		for k, row := range v.ScanBack(c.from, c.to) {
			backward = fmt.Sprintf(" %s%s", row, k[1:]) + backward
		}
		forward = strings.TrimPrefix(forward, " ")
		backward = strings.TrimPrefix(backward, " ")
		if forward != c.want || backward != c.want {
			t.Errorf("Scan from %q to %q: got %s, backward %s, want %s", c.from, c.to, forward, backward, c.want)
		}
	}
	v.Close()
	closeAll(t, s)
}

// TestRowSetFreeze compares a row set and its frozen copies with maps.
func TestRowSetFreeze(t *testing.T) {
	type copied struct {
		rows rowSet
		want map[string]string
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var set rowSet
	want := map[string]string{} // "" for a deletion
	var copies []copied
	for n := range 20_000 {
		k := Key{plainTable}.Number(rng.Uint64N(3000))
		row := make([]byte, 1+rng.IntN(20))
		row[0] = byte(n)
		if gone := rng.IntN(5) == 0; gone {
			set.put(k, hashKey(k), nil, true)
			want[string(k)] = ""
		} else {
			set.put(k, hashKey(k), row, false)
			want[string(k)] = string(row)
		}
		if rng.IntN(500) == 0 {
			copies = append(copies, copied{set.freeze(), maps.Clone(want)})
		}
	}
	for k, row := range want {
		got, found, known := set.get(nil, Key(k), hashKey(Key(k)))
		if string(got) != row || found != (row != "") || !known {
			t.Fatalf("get(%q): got %q, %t, %t, want %q", k, got, found, known, row)
		}
	}
	for i, c := range append(copies, copied{set, want}) {
		got := map[string]string{}
		for _, r := range c.rows.sorted() {
			got[string(c.rows.keyAt(r))] = string(c.rows.rowOf(&c.rows.rows[r.row]))
		}
		if !maps.Equal(got, c.want) || len(c.rows.sorted()) != len(c.want) {
			t.Errorf("copy %d: got %d rows, want %d others", i, len(got), len(c.want))
		}
	}
}
