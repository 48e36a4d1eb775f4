package projections

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

var (
	crashes   = flag.Int("crashes", 2000, "crashes that TestCrash goes through")
	crashSeed = flag.Uint64("crash-seed", 0, "the one history that TestCrash plays, 0 for as many as it takes")
)

const crashesOfHistory = 10

// TestCrash takes the machine away at random moments, with a random share of
// what was not synced, and goes on with what is left. What is left must be the
// fold of a prefix of the log, at least as long as the engine had promised.
func TestCrash(t *testing.T) {
	if testing.Short() {
		*crashes = 200
	}
	if *crashSeed > 0 {
		if err := crashLoop(t, *crashSeed, applyTogether); err != nil {
			t.Fatal(err)
		}
		return
	}
	for seed := uint64(1); seed <= uint64(*crashes/crashesOfHistory); seed++ {
		if err := crashLoop(t, seed, applyTogether); err != nil {
			t.Fatalf("-crash-seed=%d: %v", seed, err)
		}
	}
}

// TestCrashNoticesTwoBatches proves that TestCrash can fail: with the checkpoint
// in a batch of its own, it does.
func TestCrashNoticesTwoBatches(t *testing.T) {
	const seeds = 20
	for seed := uint64(1); seed <= seeds; seed++ {
		if err := crashLoop(t, seed, applyApart); err != nil {
			t.Logf("seed %d: %v", seed, err)
			return
		}
	}
	t.Fatalf("%d crashes between rows and checkpoint went unnoticed", seeds*crashesOfHistory)
}

func crashLoop(t *testing.T, seed uint64, apply func(*pebble.DB, *written) error) error {
	c := newChance(seed, 12)
	h := newHistory()
	c.write(h, 400+c.IntN(800), 1+c.IntN(30))
	want := sums(h)
	fs := vfs.NewCrashableMem()
	for range crashesOfHistory {
		e := open(t, "/d", crashOptions(c, fs, apply))
		if err := errors.Join(e.Damage(), checkSum(t, e, want)); err != nil {
			return err
		}
		after, promised, err := foldAndCrash(t, c, e, h, fs)
		if err != nil {
			return err
		}
		if err := e.Close(); err != nil {
			return err
		}
		fs = after
		if err := kept(t, c, fs, apply, promised); err != nil {
			return err
		}
	}
	e := open(t, "/d", crashOptions(c, fs, apply))
	defer e.Close()
	fold(t, e, h)
	return checkSum(t, e, want)
}

// crashOptions make everything small, so that all of it happens often.
func crashOptions(c *chance, fs vfs.FS, apply func(*pebble.DB, *written) error) Options {
	o := quiet(fs)
	o.SpanRecords = 1 + c.IntN(200)
	o.SpanAge = time.Duration(1+c.IntN(1000)) * time.Microsecond
	o.apply = apply
	memTable := uint64(16<<10) << c.IntN(4)
	o.tune = func(p *pebble.Options) {
		p.MemTableSize = memTable
		p.L0CompactionThreshold = 2
	}
	return o
}

// foldAndCrash folds some commits and meanwhile takes the disk's image. It
// returns what the engine had promised to keep before.
func foldAndCrash(t *testing.T, c *chance, e *Engine, h *history, fs *vfs.MemFS) (after *vfs.MemFS, promised uint64, err error) {
	rest := h.commits[e.Position().Stream:]
	rest = rest[:min(len(rest), 1+c.IntN(1+len(h.commits)/5))]
	share, at := c.IntN(101), c.IntN(len(rest)+1)
	rng := rand.New(rand.NewPCG(c.Uint64(), 2))
	image := make(chan *vfs.MemFS, 1)
	for i := 0; i <= len(rest); i++ {
		if i == at {
			p, err := e.Checkpoint()
			if err != nil {
				return nil, 0, err
			}
			promised = p.Seq
			go func() { image <- fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: share, RNG: rng}) }()
		}
		if i == len(rest) {
			break
		}
		if err := e.Fold(rest[i]); err != nil {
			return nil, 0, err
		}
		if c.IntN(20) == 0 {
			if err := e.Flush(t.Context()); err != nil {
				return nil, 0, err
			}
		}
	}
	return <-image, promised, nil
}

// kept checks that a crash took back nothing that was promised.
func kept(t *testing.T, c *chance, fs vfs.FS, apply func(*pebble.DB, *written) error, promised uint64) error {
	e := open(t, "/d", crashOptions(c, fs, apply))
	defer e.Close()
	if got := e.Position().Seq; got < promised {
		return fmt.Errorf("after the crash the rows end at record %d, and %d was promised", got, promised)
	}
	return nil
}

// checkSum compares all rows of an engine to the naive fold up to its position.
func checkSum(t *testing.T, e *Engine, want []uint64) error {
	rows, err := dump(t, e)
	if err != nil {
		return err
	}
	if p := e.Position(); sumOf(rows) != want[p.Stream] {
		return fmt.Errorf("the %d rows up to record %d are not those of the naive fold", len(rows), p.Seq)
	}
	return nil
}
