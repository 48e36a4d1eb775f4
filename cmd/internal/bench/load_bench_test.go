//go:build unix

package bench

import (
	"iter"
	"log/slog"
	"slices"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"authledger/cmd/internal/ingest"
	"authledger/cmd/internal/loadgen"
	"authledger/cmd/internal/node"
)

// The work of one iteration of the benchmarks below.
const (
	importLines  = 200_000
	importUsers  = 100_000
	liveCommands = 2_000
	liveUsers    = 1_000
)

// BenchmarkImport imports lines into an empty ledger with synced writes. It reports the processor time
// that one command takes, which other processes of the machine change less than the elapsed time.
func BenchmarkImport(b *testing.B) {
	next, stop := iter.Pull(loadgen.Logins(seed, importUsers, time.Now().UTC().Add(-365*24*time.Hour)))
	items := ingestItems(next, importLines)
	stop()
	n := 0
	var used time.Duration
	for b.Loop() {
		c := newCommitRun(b)
		before := processorTime(b)
		in := ingest.Pipeline{Ledger: c.node.Ledger, Items: slices.Values(items), Report: allValid}
		if err := in.Run(b.Context()); err != nil {
			b.Fatal(err)
		}
		used += processorTime(b) - before
		n += importLines
	}
	reportLoad(b, n, used)
}

// BenchmarkLive keeps commands of known users outstanding on a ledger with synced writes. It reports the
// commands of one commit, which the server syncs once.
func BenchmarkLive(b *testing.B) {
	for _, outstanding := range []int{1, 64, 256} {
		b.Run("outstanding="+strconv.Itoa(outstanding), func(b *testing.B) {
			c := newCommitRun(b)
			login := func(i int) error { return c.login(b.Context(), "user-"+strconv.Itoa(i%liveUsers)) }
			commits := func() uint64 {
				last, err := c.node.Store.Last(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				return last
			}
			n, begun, before := 0, commits(), processorTime(b)
			for b.Loop() {
				if _, err := rateOf(liveCommands, outstanding, login); err != nil {
					b.Fatal(err)
				}
				n += liveCommands
			}
			used := processorTime(b) - before
			b.ReportMetric(float64(n)/float64(commits()-begun), "commands/commit")
			reportLoad(b, n, used)
		})
	}
}

// newCommitRun opens a node in a temporary directory until the end of the benchmark.
func newCommitRun(b *testing.B) *commitRun {
	b.Helper()
	log := slog.New(slog.DiscardHandler)
	o := node.Options{Realm: "bench", Log: log, Now: time.Now, Shutdowns: node.NewShutdowns()}
	r := &run{Options: Options{Node: o, Now: time.Now, Log: log}, dir: b.TempDir()}
	n, err := node.Open(b.Context(), r.options(dirCommits))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := n.Close(); err != nil {
			b.Error(err)
		}
	})
	return &commitRun{run: r, node: n}
}

func reportLoad(b *testing.B, commands int, used time.Duration) {
	b.ReportMetric(float64(used.Nanoseconds())/1e3/float64(commands), "cpu-µs/command")
	b.ReportMetric(float64(commands)/b.Elapsed().Seconds(), "commands/s")
}

// processorTime returns the processor time that this process has used.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
