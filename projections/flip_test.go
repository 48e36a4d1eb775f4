package projections

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"

	"authledger/projections/logtest"
)

// flipsOfAllOutcomes is the number of flips that cause each outcome. Fewer flips may miss one.
const flipsOfAllOutcomes = 24

var flips = flag.Int("flips", 4,
	"number of bits that TestFlippedBitChangesNoRow flips in each kind of file; .ci/run sets more")

// TestFlippedBitChangesNoRow flips bits in a closed generation. Each flip has no effect, or
// Open quarantines the generation, or a read returns ErrDamaged. No read returns a changed row.
func TestFlippedBitChangesNoRow(t *testing.T) {
	c := logtest.NewGenerator(5, 30)
	h := logtest.NewHistory()
	c.Write(h, 2000, 20)
	want := sums(h)
	clean := t.TempDir()
	for _, part := range []int{len(h.Commits) / 2, len(h.Commits)} {
		e := open(t, clean, flipOptions())
		for _, commit := range h.Commits[e.Position().Stream:part] {
			if err := e.Fold(commit); err != nil {
				t.Fatal(err)
			}
		}
		closeAll(t, e)
	}
	seen := map[string]int{}
	for kind, files := range filesByKind(t, clean) {
		for range *flips {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(clean)); err != nil {
				t.Fatal(err)
			}
			file := files[c.IntN(len(files))]
			at := flip(t, c, filepath.Join(dir, file))
			outcome, err := afterFlip(t, dir, h, want)
			if err != nil {
				t.Fatalf("bit %d of %s: %v", at, file, err)
			}
			seen[kind+": "+outcome]++
		}
	}
	t.Log(seen)
	if *flips < flipsOfAllOutcomes {
		return
	}
	for _, must := range []string{"sst: damaged", "MANIFEST: quarantined", "CURRENT: quarantined"} {
		if seen[must] == 0 {
			t.Errorf("got no flip with the outcome %q, want at least one", must)
		}
	}
}

func flipOptions() Options {
	o := quiet(nil)
	o.Tune = func(p *pebble.Options) { p.MemTableSize = 64 << 10 }
	o.Exit = func(int) { panic("Pebble can't continue") }
	return o
}

// filesByKind lists the files in dir by their kind: the extension of the name, or the part
// before its first hyphen.
func filesByKind(t *testing.T, dir string) map[string][]string {
	kinds := map[string][]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		info, _ := d.Info()
		if err != nil || d.IsDir() || info.Size() == 0 {
			return err
		}
		kind := filepath.Ext(path)[min(1, len(filepath.Ext(path))):]
		if kind == "" || strings.HasPrefix(filepath.Base(path), "marker") {
			kind, _, _ = strings.Cut(filepath.Base(path), "-")
		}
		kinds[kind] = append(kinds[kind], path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return kinds
}

// flip flips a random bit of a file.
func flip(t *testing.T, c *logtest.Generator, path string) (bit int) {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bit = c.IntN(8 * len(b))
	b[bit/8] ^= 1 << (bit % 8)
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return bit
}

// afterFlip opens the directory and compares all rows. After damage it does so again.
func afterFlip(t *testing.T, dir string, h *logtest.History, want []uint64) (outcome string, err error) {
	e, err := Open(dir, flipOptions())
	if err != nil {
		return "", err
	}
	outcome = "no effect"
	if e.Damage() != nil {
		outcome = "quarantined"
	}
	err = readAndCatchUp(t, e, h, want)
	if !errors.Is(err, ErrDamaged) {
		return outcome, errors.Join(err, e.Close())
	}
	if _, err := e.User("user1"); !errors.Is(err, ErrDamaged) {
		return "", fmt.Errorf("User of a damaged engine: got %v, want ErrDamaged", err)
	}
	_ = e.Close() // after damage any error is right
	if e, err = Open(dir, flipOptions()); err != nil {
		return "", err
	}
	if e.Damage() == nil || e.Position().Seq != 0 {
		return "", fmt.Errorf("Open after damage: got position %v and no damage, want position 0", e.Position())
	}
	return "damaged", errors.Join(readAndCatchUp(t, e, h, want), e.Close())
}

// readAndCatchUp compares all rows before and after it folds the missing commits.
func readAndCatchUp(t *testing.T, e *Engine, h *logtest.History, want []uint64) error {
	if err := checkSum(t, e, want); err != nil {
		return err
	}
	for _, c := range h.Commits[e.Position().Stream:] {
		if err := e.Fold(c); err != nil {
			return err
		}
	}
	if err := checkSum(t, e, want); err != nil {
		return err
	}
	return compareStates(e, h)
}
