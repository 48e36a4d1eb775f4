package rows

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

var crashes = flag.Int("crashes", 200,
	"number of crashes in TestCrashKeepsCheckpointAndRows; .ci/run sets more")

const crashesOfSeed = 10

// TestCrashKeepsCheckpointAndRows checks the rows after a crash at a random moment, which
// keeps a random share of the data that was not synced. The rows are those at the checkpoint,
// and the checkpoint is not before the one that the store returned before the crash.
func TestCrashKeepsCheckpointAndRows(t *testing.T) {
	for seed := range uint64(*crashes / crashesOfSeed) {
		if err := crashLoop(t, seed, nil); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// TestCrashLoopDetectsSecondBatch checks that crashLoop fails if the checkpoint is written in
// another batch than the rows.
func TestCrashLoopDetectsSecondBatch(t *testing.T) {
	apart := func(db *pebble.DB, w *Write) error {
		if err := db.Apply(w.Batch, pebble.NoSync); err != nil {
			return err
		}
		return db.Set(w.CheckpointKey, w.Checkpoint, pebble.NoSync)
	}
	const seeds = 40
	for seed := range uint64(seeds) {
		if err := crashLoop(t, seed, apart); err != nil {
			t.Logf("seed %d: %v", seed, err)
			return
		}
	}
	t.Fatalf("got no error in %d crashes, want one", seeds*crashesOfSeed)
}

func crashLoop(t *testing.T, seed uint64, write func(*pebble.DB, *Write) error) error {
	rng := rand.New(rand.NewPCG(seed, 3))
	fs := vfs.NewCrashableMem()
	durable := uint64(0)
	for range crashesOfSeed {
		s := open(t, "/d", crashOptions(rng, fs, write))
		if got := s.Position().Seq; got < durable || s.Damage() != nil {
			return fmt.Errorf("Open: got record %d, damage %v, want record %d or later", got, s.Damage(), durable)
		}
		if err := compareRows(t, s); err != nil {
			return err
		}
		var image chan *vfs.MemFS
		for range 1 + rng.IntN(60) {
			if image == nil && rng.IntN(20) == 0 {
				p, err := s.Checkpoint()
				if err != nil {
					return err
				}
				durable, image = p.Seq, crash(rng, fs)
			}
			if err := foldOne(s); err != nil {
				return err
			}
			if rng.IntN(20) == 0 {
				if err := s.Flush(t.Context()); err != nil {
					return err
				}
			}
		}
		if image == nil {
			p, err := s.Checkpoint()
			if err != nil {
				return err
			}
			durable, image = p.Seq, crash(rng, fs)
		}
		if err := s.Close(); err != nil {
			return err
		}
		fs = <-image
	}
	return nil
}

// crash takes an image of the disk after a crash, while the test continues.
func crash(rng *rand.Rand, fs *vfs.MemFS) chan *vfs.MemFS {
	image := make(chan *vfs.MemFS, 1)
	cfg := vfs.CrashCloneCfg{UnsyncedDataPercent: rng.IntN(101), RNG: rand.New(rand.NewPCG(rng.Uint64(), 2))}
	go func() { image <- fs.CrashClone(cfg) }()
	return image
}

// crashOptions returns small limits, so that spans, flushes and compactions are frequent.
func crashOptions(rng *rand.Rand, fs vfs.FS, write func(*pebble.DB, *Write) error) Options {
	o := quiet(fs)
	o.SpanRecords = 1 + rng.IntN(30)
	o.SpanAge = time.Duration(1+rng.IntN(1000)) * time.Microsecond
	o.Write = write
	memTable := uint64(8<<10) << rng.IntN(3)
	o.Tune = func(p *pebble.Options) {
		p.MemTableSize = memTable
		p.L0CompactionThreshold = 2
	}
	return o
}
