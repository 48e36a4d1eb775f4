package bench

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"authledger/cmd/internal/loadgen"
	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
	"authledger/eventstore/wire"
)

// singlesInFlight is the number of single messages in flight. It is so high that only
// the disk limits the rate.
const singlesInFlight = 64

// Directories and files of a run.
const (
	dirLive        = "live"
	dirMain        = "main"
	dirSingles     = "singles"
	dirAtomic      = "atomic"
	dirCommits     = "commits"
	dirPublish     = "publish"
	dirPebble      = "pebble"
	dirRows        = "rows"
	dirMemory      = "memory"
	dirMixed       = "mixed"
	dirWithdrawals = "withdrawals"
	fileCommands   = "commands.jsonl"
	fileGroup      = "group.bin"
)

// The beginnings of the names of figures that a later measurement divides by a baseline.
const (
	figureImport      = "import"
	figureKnownShared = "commands of known users"
)

// The goals of a run, which docs/performance.md shows.
const (
	goalImport      = 100_000 // commands/s
	goalMixed       = 60_000  // commands/s
	goalPayouts     = 1.5     // duration of a decision in the busy account, divided by the quiet account
	goalRatio       = 20      // commands a second of the import, divided by the events a second of single messages
	goalImportCPU   = 22      // µs a command
	goalAtomic      = 1.3     // the same rate, divided by the events a second of atomic batches
	goalRebuild     = 200_000 // records/s
	goalStart       = 2       // s
	goalLookup      = 1       // ms, p99
	goalMemoryBytes = 1 << 30 // bytes
)

// live measures live commands with each number of outstanding commands.
func (b *run) live(ctx context.Context) error {
	n, err := node.Open(ctx, b.options(dirLive))
	if err != nil {
		return err
	}
	next, stop := iter.Pull(loadgen.Logins(seed, b.size.users, b.Now().UTC()))
	defer stop()
	for _, outstanding := range b.size.outstanding {
		if err := b.liveAt(ctx, n.Ledger, next, outstanding); err != nil {
			return errors.Join(err, n.Close())
		}
	}
	return n.Close()
}

func (b *run) liveAt(ctx context.Context, l *eventstore.Ledger, next func() (domain.Command, bool), outstanding int) error {
	commands := make(chan domain.Command, b.size.each)
	for range b.size.each {
		c, _ := next()
		c.Backfill, c.Time = false, b.Now().UTC()
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

// singles measures the baseline: it publishes events of the import to JetStream on the same
// disk, each as a message of its own, with about singlesInFlight unacknowledged messages.
func (b *run) singles(ctx context.Context) error {
	events, err := b.events(ctx, b.size.singles)
	if err != nil {
		return err
	}
	server, err := natsd.Start(ctx, natsd.Config{Dir: filepath.Join(b.dir, dirSingles), Log: b.Log})
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
	b.found(rate, "events/s", "events of the import as single messages, %d in flight", singlesInFlight)
	b.found(b.figureOf(figureImport)/rate, "×", "rate of the import, divided by that of single messages")
	b.atLeast(goalRatio)
	return errors.Join(err, store.Close())
}

// events returns the first count events of the import. It encodes each event as a record of its
// own, because a message with one event also needs the other members of the record.
func (b *run) events(ctx context.Context, count int) (events [][]byte, err error) {
	n, err := node.Open(ctx, b.options(dirMain))
	if err != nil {
		return nil, err
	}
	for r, err := range n.Ledger.Records(ctx, 1, 0, false) {
		if err != nil {
			return nil, errors.Join(err, n.Close())
		}
		for i := range r.Events {
			single := *r
			single.Events = r.Events[i : i+1]
			events = append(events, wire.AppendRecord(nil, &single))
		}
		if len(events) >= count {
			break
		}
	}
	return events[:min(count, len(events))], n.Close()
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

// figureOf returns the value of the first figure whose name begins with what, or 0.
func (b *run) figureOf(what string) float64 {
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
