package guard_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"authledger/eventstore/guard"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
)

// benchBytes is the size of the log of BenchmarkStart.
const benchBytes = 1 << 30

// BenchmarkStart starts a server on a log of 1 GiB, after a clean stop and without
// index.db. It reports the shortest start, the shortest guard, which is a part of it, and
// how many times as long the start takes with the guard as without.
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	s, err := natsd.Start(b.Context(),
		natsd.Config{Dir: dir, Unsynced: true, Log: slog.New(slog.DiscardHandler)})
	benchMust(b, err)
	log, err := jetstream.Open(b.Context(),
		jetstream.Options{Conns: s, Realm: realm, Create: true, Unsynced: true})
	benchMust(b, err)
	for at := range uint64(benchBytes / size) {
		benchMust(b, <-log.Append(b.Context(), make([]byte, size), at))
	}
	benchMust(b, errors.Join(log.Close(), s.Stop()))
	blocks, err := filepath.Glob(filepath.Join(dir, stream, "msgs", "*.blk"))
	benchMust(b, err)
	old := time.Now().Add(-time.Hour)
	for _, block := range blocks {
		benchMust(b, os.Chtimes(block, old, old))
	}
	for _, index := range []bool{true, false} {
		b.Run(map[bool]string{true: "clean", false: "without index.db"}[index], func(b *testing.B) {
			guarded, whole := time.Hour, time.Hour
			for b.Loop() {
				g, w := startTimes(b, dir, index)
				guarded, whole = min(guarded, g), min(whole, w)
			}
			b.ReportMetric(float64(whole.Microseconds())/1e3, "start-ms")
			b.ReportMetric(float64(guarded.Microseconds())/1e3, "guard-ms")
			b.ReportMetric(float64(whole)/float64(whole-guarded), "times-without-guard")
		})
	}
}

// startTimes returns the duration of Begin and Release, and the duration of a whole start with
// its guard.
func startTimes(b *testing.B, dir string, index bool) (guarded, whole time.Duration) {
	b.Helper()
	removeIndex := func() {
		if !index {
			benchMust(b, os.Remove(filepath.Join(dir, stream, "msgs", "index.db")))
		}
	}
	removeIndex()
	begun := time.Now()
	g, err := guard.Begin(dir)
	benchMust(b, errors.Join(err, g.Release(natsd.LogAccount)))
	guarded = time.Since(begun)
	begun = time.Now()
	s, err := natsd.Start(b.Context(), natsd.Config{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	whole = time.Since(begun)
	benchMust(b, err)
	benchMust(b, s.Stop())
	return guarded, whole
}

func benchMust(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
