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

	"authledger/projections/logtest"
)

var (
	crashes   = flag.Int("crashes", 200, "number of crashes in TestCrashKeepsDurableCommits; .ci/run sets more")
	crashSeed = flag.Uint64("crash-seed",
		0, "seed of the only history of TestCrashKeepsDurableCommits; 0: one history for each 10 crashes")
)

const crashesOfHistory = 10

// TestCrashKeepsDurableCommits checks the rows after a crash at a random moment, which keeps a
// random share of the data that was not synced. The rows are the fold of a prefix of the log,
// and the prefix has all commits up to the checkpoint before the crash.
func TestCrashKeepsDurableCommits(t *testing.T) {
	if *crashSeed > 0 {
		if err := crashLoop(t, *crashSeed); err != nil {
			t.Fatal(err)
		}
		return
	}
	for seed := uint64(1); seed <= uint64(*crashes/crashesOfHistory); seed++ {
		if err := crashLoop(t, seed); err != nil {
			t.Fatalf("-crash-seed=%d: %v", seed, err)
		}
	}
}

func crashLoop(t *testing.T, seed uint64) error {
	c := logtest.NewGenerator(seed, 12)
	h := logtest.NewHistory()
	c.Write(h, 400+c.IntN(800), 1+c.IntN(30))
	want := sums(h)
	fs := vfs.NewCrashableMem()
	for range crashesOfHistory {
		e := open(t, "/d", crashOptions(c, fs))
		if err := errors.Join(e.Damage(), checkSum(t, e, want)); err != nil {
			return err
		}
		after, durable, err := foldAndCrash(t, c, e, h, fs)
		if err != nil {
			return err
		}
		if err := e.Close(); err != nil {
			return err
		}
		fs = after
		if err := checkKept(t, c, fs, durable); err != nil {
			return err
		}
	}
	e := open(t, "/d", crashOptions(c, fs))
	defer e.Close()
	fold(t, e, h)
	return checkSum(t, e, want)
}

// crashOptions returns small limits, so that spans, flushes and compactions are frequent.
func crashOptions(c *logtest.Generator, fs vfs.FS) Options {
	o := quiet(fs)
	o.SpanRecords = 1 + c.IntN(200)
	o.SpanAge = time.Duration(1+c.IntN(1000)) * time.Microsecond
	memTable := uint64(16<<10) << c.IntN(4)
	o.Tune = func(p *pebble.Options) {
		p.MemTableSize = memTable
		p.L0CompactionThreshold = 2
	}
	return o
}

// foldAndCrash folds some commits, and takes an image of the disk meanwhile. It returns the
// image, and the last record of the checkpoint before the image.
func foldAndCrash(t *testing.T, c *logtest.Generator, e *Engine, h *logtest.History,
	fs *vfs.MemFS) (after *vfs.MemFS, durable uint64, err error) {
	rest := h.Commits[e.Position().Stream:]
	rest = rest[:min(len(rest), 1+c.IntN(1+len(h.Commits)/5))]
	share, at := c.IntN(101), c.IntN(len(rest)+1)
	rng := rand.New(rand.NewPCG(c.Uint64(), 2))
	image := make(chan *vfs.MemFS, 1)
	for i := 0; i <= len(rest); i++ {
		if i == at {
			p, err := e.Checkpoint()
			if err != nil {
				return nil, 0, err
			}
			durable = p.Seq
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
	return <-image, durable, nil
}

// checkKept checks that a crash lost no commit that was durable.
func checkKept(t *testing.T, c *logtest.Generator, fs vfs.FS, durable uint64) error {
	e := open(t, "/d", crashOptions(c, fs))
	defer e.Close()
	if got := e.Position().Seq; got < durable {
		return fmt.Errorf("after the crash: got rows up to record %d, want at least %d", got, durable)
	}
	return nil
}

// checkSum compares all rows of an engine with the model at the position of the engine.
func checkSum(t *testing.T, e *Engine, want []uint64) error {
	all, err := dump(t, e)
	if err != nil {
		return err
	}
	if p := e.Position(); sumOf(all) != want[p.Stream] {
		return fmt.Errorf("rows up to record %d: got %d other rows, want those of the model", p.Seq, len(all))
	}
	return nil
}
