package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"authledger/adapters/traffic"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
	"authledger/eventstore/wire"
)

// singlesInFlight is how many single messages are on their way at once: enough
// that the disk alone sets the pace.
const singlesInFlight = 64

// Names of the bench's directories.
const (
	benchLive        = "live"
	benchMain        = "main"
	benchSingles     = "singles"
	benchRows        = "rows"
	benchCrowd       = "crowd"
	benchMixed       = "mixed"
	benchWithdrawals = "withdrawals"
	benchFile        = "commands.jsonl"
)

// goals are those of the architecture.
const (
	goalImport      = 100_000 // commands/s
	goalMixed       = 60_000  // commands/s
	goalPayouts     = 1.5     // times a decision with few withdrawals
	goalRatio       = 10      // times the singles
	goalRebuild     = 200_000 // records/s
	goalStart       = 2       // s
	goalLookup      = 1       // ms, p99
	goalMemoryBytes = 1 << 30
)

// live measures commands that wait for their answers: so many at a time.
func (b *bench) live(ctx context.Context) error {
	n, err := openNode(ctx, b.options(benchLive))
	if err != nil {
		return err
	}
	next, stop := iter.Pull(traffic.Bench(benchSeed, b.size.users, b.program.now().UTC()))
	defer stop()
	for _, outstanding := range b.size.waiting {
		if err := b.liveAt(ctx, n.ledger, next, outstanding); err != nil {
			return errors.Join(err, n.close())
		}
	}
	return n.close()
}

func (b *bench) liveAt(ctx context.Context, l *eventstore.Ledger, next func() (domain.Command, bool), outstanding int) error {
	commands := make(chan domain.Command, b.size.each)
	for range b.size.each {
		c, _ := next()
		c.Backfill, c.Time = false, b.program.now().UTC()
		commands <- c
	}
	close(commands)
	var mu sync.Mutex
	var group sync.WaitGroup
	var failed error
	took := make([]time.Duration, 0, b.size.each)
	begun := time.Now()
	for range outstanding {
		group.Go(func() {
			for c := range commands {
				sent := time.Now()
				v, err := l.Do(ctx, c)
				mu.Lock()
				took = append(took, time.Since(sent))
				failed = errors.Join(failed, err, notInvalid(&v))
				mu.Unlock()
			}
		})
	}
	group.Wait()
	seconds := time.Since(begun).Seconds()
	b.found(float64(b.size.each)/seconds, "commands/s", "live, %d outstanding", outstanding)
	if outstanding == 1 {
		b.found(milliseconds(percentile(took, 50)), "ms", "one command at a time, p50")
		b.found(milliseconds(percentile(took, 99)), "ms", "one command at a time, p99")
	}
	return failed
}

func notInvalid(v *domain.Verdict) error {
	if v.Status == domain.Invalid {
		return fmt.Errorf("command %s/%s is invalid: %s: %s", v.Source, v.ID, v.Reason, v.Detail)
	}
	return nil
}

// imports measures the import path, lines in, verdicts out, and the starts at
// the lengths that it comes by.
func (b *bench) imports(ctx context.Context) error {
	base := b.program.now().UTC().Add(-365 * 24 * time.Hour)
	next, stop := iter.Pull(traffic.Bench(benchSeed, b.size.users, base))
	defer stop()
	length := 0
	for _, want := range b.size.lengths {
		lines := want - length
		if err := b.writeLines(next, lines); err != nil {
			return err
		}
		rate, err := b.importOnce(ctx, benchMain, lines)
		if err != nil {
			return err
		}
		length = want
		if want == b.size.lengths[len(b.size.lengths)-1] {
			b.found(rate, "commands/s", "import of %s lines, %s users, %s outstanding: decided, fsynced, folded", grouped(int64(lines)), grouped(int64(b.size.users)), grouped(outstandingMax))
			b.atLeast(goalImport)
		}
		if err := b.start(ctx, length); err != nil {
			return err
		}
	}
	return nil
}

// writeLines makes the file that is imported.
func (b *bench) writeLines(next func() (domain.Command, bool), count int) error {
	f, err := os.Create(filepath.Join(b.dir, benchFile))
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, verdictBytes)
	var line []byte
	for range count {
		c, _ := next()
		line = append(wire.AppendCommand(line[:0], &c), '\n')
		if _, err := out.Write(line); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return errors.Join(out.Flush(), f.Close())
}

// benchItems makes the lines that a file of so many commands would have.
func benchItems(next func() (domain.Command, bool), count int) []item {
	items := make([]item, count)
	for i := range items {
		c, _ := next()
		items[i] = item{line: i + 1, text: wire.AppendCommand(nil, &c)}
	}
	return items
}

// importOnce takes the file into a ledger of a name as `import` does.
func (b *bench) importOnce(ctx context.Context, name string, lines int) (rate float64, err error) {
	f, err := os.Open(filepath.Join(b.dir, benchFile))
	if err != nil {
		return 0, err
	}
	defer f.Close() // only read from
	n, err := openNode(ctx, b.options(name))
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	in := intake{ledger: n.ledger, items: openCloudEvents(ctx, n, f), heard: allValid}
	err = in.run(ctx)
	rate = float64(lines) / time.Since(begun).Seconds()
	return rate, errors.Join(err, n.close())
}

// start measures a start after a clean stop, until the ledger takes commands.
func (b *bench) start(ctx context.Context, length int) error {
	begun := time.Now()
	n, err := openNode(ctx, b.options(benchMain))
	if err != nil {
		return err
	}
	b.found(time.Since(begun).Seconds(), "s", "start after a clean stop, %s records", grouped(int64(length)))
	b.atMost(goalStart)
	return n.close()
}

// singles measures the baseline: the import's events, published to JetStream
// one message each, pipelined, on the same disk.
func (b *bench) singles(ctx context.Context) error {
	events, err := b.events(ctx)
	if err != nil {
		return err
	}
	server, err := natsd.Start(ctx, natsd.Config{Dir: filepath.Join(b.dir, benchSingles), Log: b.program.log})
	if err != nil {
		return err
	}
	defer server.Close()
	store, err := jetstream.Open(ctx, jetstream.Options{Conns: server, Realm: "singles", Create: true, SyncAlways: server.SyncAlways})
	if err != nil {
		return err
	}
	begun := time.Now()
	err = appendSingles(ctx, store, events)
	rate := float64(len(events)) / time.Since(begun).Seconds()
	b.found(rate, "events/s", "the same events one message each, %d in flight", singlesInFlight)
	b.found(b.figureOf("import")/rate, "×", "import, against the same events one message each")
	b.atLeast(goalRatio)
	return errors.Join(err, store.Close())
}

// events are the import's first records, one an event: the record with that
// event alone is what a message an event would have to carry.
func (b *bench) events(ctx context.Context) (events [][]byte, err error) {
	n, err := openNode(ctx, b.options(benchMain))
	if err != nil {
		return nil, err
	}
	for r, err := range n.ledger.Records(ctx, 1, 0, false) {
		if err != nil {
			return nil, errors.Join(err, n.close())
		}
		for i := range r.Events {
			single := *r
			single.Events = r.Events[i : i+1]
			events = append(events, wire.AppendRecord(nil, &single))
		}
		if len(events) >= b.size.singles {
			break
		}
	}
	return events, n.close()
}

func appendSingles(ctx context.Context, store eventstore.Store, events [][]byte) error {
	flying := make(chan (<-chan error), singlesInFlight)
	failed := make(chan error, 1)
	go func() {
		var all error
		for outcome := range flying {
			all = errors.Join(all, <-outcome)
		}
		failed <- all
	}()
	for i, event := range events {
		flying <- store.Append(ctx, event, uint64(i))
	}
	close(flying)
	return <-failed
}

// figureOf finds a figure by how it begins, 0 if there is none.
func (b *bench) figureOf(what string) float64 {
	for _, f := range b.figures {
		if len(f.What) >= len(what) && f.What[:len(what)] == what {
			return f.Value
		}
	}
	return 0
}

func percentile(of []time.Duration, percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[(len(sorted)-1)*percent/100]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
