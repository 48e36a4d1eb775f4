package node

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/backup"
)

var benchRecords = flag.Int("backup.records", 200_000, "records that BenchmarkBackup imports and backs up")

const (
	benchInFlight = 1024
	benchUsers    = 10_000
	benchCommands = 200 // for one median, without and with a backup
	benchRounds   = 5   // in turns
)

// BenchmarkBackup imports records and backs them up while the node runs. It reports the rate of the backup
// divided by the rate of the import, and the median duration of commands, one at a time, while a backup
// runs divided by their median without one.
func BenchmarkBackup(b *testing.B) {
	for b.Loop() {
		dir := filepath.Join(b.TempDir(), "data")
		n, err := Open(b.Context(), benchOptions(dir))
		if err != nil {
			b.Fatal(err)
		}
		begun := time.Now()
		importAll(b, n)
		importing := time.Since(begun)
		records := n.Rows.Position().Seq
		b.ReportMetric(float64(records)/importing.Seconds(), "imported/s")
		begun = time.Now()
		backUp(b.Context(), b, n, filepath.Join(b.TempDir(), "backup"))
		backing := time.Since(begun)
		b.ReportMetric(importing.Seconds()/backing.Seconds(), "times-import-speed")
		without, with := alternate(b, n)
		b.ReportMetric(float64(without.Microseconds()), "without-p50-µs")
		b.ReportMetric(float64(with)/float64(without), "with/without")
		if err := n.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func benchOptions(dir string) Options {
	return Options{Dir: dir, Realm: "main", Name: "node", Log: slog.New(slog.DiscardHandler), Now: time.Now}
}

func benchCommand(i int) domain.Command {
	user := fmt.Sprint("user", i%benchUsers)
	return domain.Command{Source: "gateway/bench", ID: fmt.Sprint("e-", i), Stamped: true, Caller: "bench",
		Data: &domain.LoginReport{User: user, Outcome: domain.Succeeded, IP: "192.0.2.7"}}
}

func importAll(b *testing.B, n *Node) {
	var waiting []*eventstore.Ticket
	wait := func() {
		if _, err := waiting[0].Wait(b.Context()); err != nil {
			b.Fatal(err)
		}
		waiting = waiting[1:]
	}
	for i := range *benchRecords {
		if len(waiting) == benchInFlight {
			wait()
		}
		t, err := n.Ledger.Submit(b.Context(), benchCommand(i))
		if err != nil {
			b.Fatal(err)
		}
		waiting = append(waiting, t)
	}
	for len(waiting) > 0 {
		wait()
	}
}

// backUp makes a whole backup of a running node.
func backUp(ctx context.Context, b *testing.B, n *Node, to string) {
	run := Backup{Options: n.Options,
		Newest: func(context.Context) (uint64, error) { return n.Rows.Position().Seq, nil },
		To: func(ctx context.Context, o backup.Options) (backup.Result, error) {
			return backup.ToDirectory(ctx, to, o)
		},
	}
	if _, err := run.Run(ctx); err != nil && ctx.Err() == nil {
		b.Error(err)
	}
}

// alternate returns the median durations of commands without and with a backup that runs at the same time.
func alternate(b *testing.B, n *Node) (without, with time.Duration) {
	id := *benchRecords
	send := func(all []time.Duration) []time.Duration {
		for range benchCommands {
			id++
			begun := time.Now()
			if _, err := n.Ledger.Do(b.Context(), benchCommand(id)); err != nil {
				b.Fatal(err)
			}
			all = append(all, time.Since(begun))
		}
		return all
	}
	var quiet, busy []time.Duration
	for range benchRounds {
		quiet = send(quiet)
		ctx, cancel := context.WithCancel(b.Context())
		var running sync.WaitGroup
		running.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				backUp(ctx, b, n, filepath.Join(b.TempDir(), fmt.Sprint("again", i)))
			}
		})
		busy = send(busy)
		cancel()
		running.Wait()
	}
	slices.Sort(quiet)
	slices.Sort(busy)
	return quiet[len(quiet)/2], busy[len(busy)/2]
}
