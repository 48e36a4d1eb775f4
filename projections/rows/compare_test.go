package rows

import (
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

func TestCompareReturnsFirstDifference(t *testing.T) {
	a, b := open(t, "/a", quiet(vfs.NewMem())), open(t, "/b", quiet(vfs.NewMem()))
	fold(t, a, 100)
	fold(t, b, 100)
	if d, err := Compare(t.Context(), a, b); d != nil || err != nil {
		t.Fatalf("Compare of equal rows: got %v, %v", d, err)
	}
	if err := b.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.db.Delete(Key{cachedTable}.Tail("7"), pebble.NoSync); err != nil {
		t.Fatal(err)
	}
	d, err := Compare(t.Context(), a, b)
	if err != nil || d == nil || d.Table != "cached" || string(d.Key) != "7" || d.A == nil || d.B != nil {
		t.Fatalf("Compare after a deletion: got %+v, %v, want row 7 of cached", d, err)
	}
	closeAll(t, a, b)
}
