package projections

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"authledger/domain"
	"authledger/projections/logtest"
)

// BenchmarkRebuild folds a long log on one goroutine, while the writer writes spans. The
// metric folded/s uses the time in Fold, which includes its waits; written/s adds Flush.
func BenchmarkRebuild(b *testing.B) {
	for _, size := range []struct{ users, records int }{{100_000, 2_000_000}, {1_000_000, 2_000_000}} {
		b.Run(fmt.Sprintf("users=%d", size.users), func(b *testing.B) {
			for b.Loop() {
				rebuild(b, size.users, size.records)
			}
		})
	}
}

func rebuild(b *testing.B, users, records int) {
	const chunk = 100_000
	e := open(b, b.TempDir(), Options{Log: slog.New(slog.DiscardHandler)})
	e.Bulk(true)
	made := logtest.NewTraffic(users)
	var folding time.Duration
	for n := 0; n < records; n += chunk {
		commits := made.Commits(chunk)
		begin := time.Now()
		for _, c := range commits {
			if err := e.Fold(c); err != nil {
				b.Fatal(err)
			}
		}
		folding += time.Since(begin)
	}
	begin := time.Now()
	if err := e.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(records)/folding.Seconds(), "folded/s")
	b.ReportMetric(float64(records)/(folding+time.Since(begin)).Seconds(), "written/s")
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB")
	if testing.Verbose() {
		b.Logf("rows stored up to record %d", e.Stored().Seq)
	}
	if err := e.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkRead reads random users, from as many as the cache holds and from 20 times as
// many, and random command ids that exist and that do not.
func BenchmarkRead(b *testing.B) {
	const users, records = 1_000_000, 2_000_000
	e := open(b, b.TempDir(), Options{Log: slog.New(slog.DiscardHandler)})
	e.Bulk(true)
	made := logtest.NewTraffic(users)
	for range records / 100_000 {
		for _, c := range made.Commits(100_000) {
			if err := e.Fold(c); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := e.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	user := func(most int) func(*testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.User(logtest.UserName(made.IntN(most))); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	command := func(id string) func(*testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, _, err := e.Command("gateway/portal", fmt.Sprintf(id, made.IntN(records))); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.Run("User/cached", user(50_000))
	b.Run("User/any", user(users))
	b.Run("Command/old", command("e-%012d"))
	b.Run("Command/new", command("n-%012d"))
	b.Run("Command/new-between", command("e-%012dx"))
	if err := e.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkReadYourWrite folds a commit and reads rows of one user in a view that reflects the
// commit.
func BenchmarkReadYourWrite(b *testing.B) {
	const users = 100_000
	for _, records := range []int{1, 256} {
		b.Run(fmt.Sprintf("records=%d", records), func(b *testing.B) {
			e := open(b, b.TempDir(), Options{Log: slog.New(slog.DiscardHandler)})
			made := logtest.NewTraffic(users)
			var commits []*domain.Commit
			for range b.N {
				commits = append(commits, made.Commits(records)...)
			}
			b.ResetTimer()
			for _, c := range commits {
				if err := e.Fold(c); err != nil {
					b.Fatal(err)
				}
				if err := readUser(b.Context(), e, logtest.UserName(0)); err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			if err := e.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func readUser(ctx context.Context, e *Engine, name string) error {
	v, err := e.View(ctx)
	if err != nil {
		return err
	}
	defer v.Close()
	if _, _, err := v.User(name); err != nil {
		return err
	}
	for range v.Listing(domain.DeviceItem, name, 0, 1<<62) {
	}
	for range v.Timeline(domain.UserEntity(name), 0) {
	}
	return v.Err()
}
