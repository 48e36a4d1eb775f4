package rows

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// TestKeyFilter adds keys to a filter until it has three levels.
func TestKeyFilter(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var f keyFilter
	if f.lacks(1) {
		t.Error("an incomplete filter reports an absent key")
	}
	f.complete.Store(true)
	const keys = filterKeysFirst * (2 + filterGrowth)
	added := rand.New(rand.NewPCG(seed, 1))
	for range keys {
		hash := added.Uint64()
		f.add(hash)
		f.add(hash)
	}
	if got := len(*f.levels.Load()); got != 3 {
		t.Errorf("the filter has %d levels, want 3", got)
	}
	again := rand.New(rand.NewPCG(seed, 1))
	for i := range keys {
		if f.lacks(again.Uint64()) {
			t.Fatalf("the filter reports that key %d is absent, want present: it was added", i)
		}
	}
	const absent = 100_000
	others, found := rand.New(rand.NewPCG(seed, 2)), 0
	for range absent {
		if !f.lacks(others.Uint64()) {
			found++
		}
	}
	if found > absent*2/100 {
		t.Errorf("the filter reports %d of %d absent keys as possibly present, want at most 2 %%", found, absent)
	}
}

// TestKeyFilter_Memory holds the memory that the doc comment states.
func TestKeyFilter_Memory(t *testing.T) {
	blocks, keys := 0, filterKeysFirst
	for range filterLevelsMax {
		blocks += keys * filterBitsPerKey / filterBlockBits
		keys *= filterGrowth
	}
	if bytes := blocks * filterBlockBits / 8; bytes > 34e6 {
		t.Errorf("the levels use %d bytes, want at most 34 MB", bytes)
	}
}

// TestFilterAfterOpen opens a store with rows, and reads present and absent rows before and
// after the scan that completes the filter, and after later commits.
func TestFilterAfterOpen(t *testing.T) {
	fs := vfs.NewMem()
	s := open(t, "/d", quiet(fs))
	fold(t, s, 5)
	closeAll(t, s)

	s = open(t, "/d", quiet(fs))
	checkRows(t, s)
	s.scanFiltered()
	absent := hashKey(Key{plainTable}.Tail("absent"))
	if !s.filter.lacks(absent) {
		t.Error("after the scan, the filter does not report an absent key as absent")
	}
	checkRows(t, s)
	fold(t, s, 50)
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkRows(t, s)
	closeAll(t, s)
}

// BenchmarkRow_Absent reads rows that do not exist, from a store whose rows are in several
// levels of Pebble, with the filter and without.
func BenchmarkRow_Absent(b *testing.B) {
	s := open(b, b.TempDir(), Options{Log: slog.New(slog.DiscardHandler)})
	const spans, keys = 8, 50_000
	for span := range spans {
		stage := s.NewStage()
		err := s.Fold(stage, func() error {
			for i := range keys {
				stage.Put(Key{plainTable}.Tail(fmt.Sprint(i*spans+span)), []byte("row"))
			}
			s.Publish(stage, commitAfter(s.Position(), 1), nil)
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Flush(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	for _, filter := range []bool{false, true} {
		b.Run(fmt.Sprintf("filter=%t", filter), func(b *testing.B) {
			s.filter.complete.Store(filter)
			k := Key{plainTable}.Tail("absent-")
			for i := 0; b.Loop(); i++ {
				if _, found, _, err := s.Row(nil, k[:len(k):len(k)].Number(uint64(i))); found || err != nil {
					b.Fatalf("got %t, %v, want an absent row", found, err)
				}
			}
		})
	}
	closeAll(b, s)
}
