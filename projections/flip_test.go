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
)

var flips = flag.Int("flips", 24, "bits that TestFlip flips in each kind of file")

// TestFlip flips one bit at a time in a closed generation. Nothing may come of
// it but: no effect, a generation set aside, or ErrDamaged when it is read. Never
// other rows.
func TestFlip(t *testing.T) {
	if testing.Short() {
		*flips = 4
	}
	c := newChance(5, 30)
	h := newHistory()
	c.write(h, 2000, 20)
	want := sums(h)
	clean := t.TempDir()
	for _, part := range []int{len(h.commits) / 2, len(h.commits)} {
		e := open(t, clean, flipOptions())
		for _, commit := range h.commits[e.Position().Stream:part] {
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
	if testing.Short() {
		return
	}
	for _, must := range []string{"sst: damaged", "MANIFEST: set aside", "CURRENT: set aside"} {
		if seen[must] == 0 {
			t.Errorf("no flip led to %q: the sweep proves little", must)
		}
	}
}

func flipOptions() Options {
	o := quiet(nil)
	o.tune = func(p *pebble.Options) { p.MemTableSize = 64 << 10 }
	o.Exit = func(int) { panic("Pebble could not go on") }
	return o
}

// filesByKind lists the files in dir by their kind: the end of a name, or its
// beginning.
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

func flip(t *testing.T, c *chance, path string) (bit int) {
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

// afterFlip opens the directory and reads all of it, and again if that met
// damage.
func afterFlip(t *testing.T, dir string, h *history, want []uint64) (outcome string, err error) {
	e, err := Open(dir, flipOptions())
	if err != nil {
		return "", err
	}
	outcome = "no effect"
	if e.Damage() != nil {
		outcome = "set aside"
	}
	err = readAndCatchUp(t, e, h, want)
	if !errors.Is(err, ErrDamaged) {
		return outcome, errors.Join(err, e.Close())
	}
	if _, err := e.User("user1"); !errors.Is(err, ErrDamaged) {
		return "", fmt.Errorf("a damaged engine answers: %v", err)
	}
	_ = e.Close() // it may say anything now
	if e, err = Open(dir, flipOptions()); err != nil {
		return "", err
	}
	if e.Damage() == nil || e.Position().Seq != 0 {
		return "", fmt.Errorf("after damage the generation counts again: %v", e.Position())
	}
	return "damaged", errors.Join(readAndCatchUp(t, e, h, want), e.Close())
}

// readAndCatchUp compares all rows before and after what is missing is folded.
func readAndCatchUp(t *testing.T, e *Engine, h *history, want []uint64) error {
	if err := checkSum(t, e, want); err != nil {
		return err
	}
	for _, c := range h.commits[e.Position().Stream:] {
		if err := e.Fold(c); err != nil {
			return err
		}
	}
	if err := checkSum(t, e, want); err != nil {
		return err
	}
	return compareStates(e, h)
}
