package projections

import (
	"encoding/binary"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"authledger/domain"
)

// traffic makes a brokerage's commits quickly: reports of users at random, one
// in four a failure.
type traffic struct {
	*rand.Rand
	users  int
	now    time.Time
	seq    uint64
	stream uint64
	hash   domain.Hash
}

func newTraffic(users int) *traffic {
	return &traffic{Rand: rand.New(rand.NewPCG(1, 2)), users: users, now: epoch}
}

// commits makes full commits of n records in all, and forgets those before.
func (t *traffic) commits(n int) []*domain.Commit {
	const recordsMax = 256
	var all []*domain.Commit
	for n > 0 {
		c := &domain.Commit{First: t.seq + 1, Stream: t.stream + 1, Prev: t.hash, Time: t.now}
		for range min(recordsMax, n) {
			c.Records = append(c.Records, t.record())
		}
		n -= len(c.Records)
		t.stream++
		t.hash[0], t.hash[1], t.hash[2] = byte(t.stream), byte(t.stream>>8), byte(t.stream>>16)
		c.Hash = t.hash
		all = append(all, c)
	}
	return all
}

func (t *traffic) record() domain.Record {
	t.now = t.now.Add(time.Millisecond)
	t.seq++
	user := userName(t.IntN(t.users))
	data := &domain.LoginReport{User: user, Outcome: domain.Succeeded, Platform: "tws"}
	event := domain.EventData(&domain.LoginSucceeded{})
	if t.IntN(4) == 0 {
		data.Outcome, data.Reason = domain.Failed, "bad_credentials"
		event = &domain.LoginFailed{Failures: 1, Reason: "bad_credentials"}
	}
	var content domain.Hash
	for i := range len(content) / 8 {
		binary.LittleEndian.PutUint64(content[8*i:], t.Uint64())
	}
	return domain.Record{
		Seq: t.seq, Content: content, Entities: []domain.Entity{domain.UserEntity(user)}, Time: t.now, Status: domain.Accepted,
		Command: domain.Command{Source: "gateway/portal", ID: fmt.Sprintf("e-%012d", t.seq), Time: t.now, Data: data},
		Events:  []domain.Event{{At: t.now, Data: event}},
	}
}

// BenchmarkRebuild folds a long log on one goroutine, while another writes the
// spans. "fold" is the time in Fold alone, with its waiting.
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
	made := newTraffic(users)
	var folding time.Duration
	for n := 0; n < records; n += chunk {
		commits := made.commits(chunk)
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
		b.Log("\n" + e.db.Metrics().String())
	}
	if err := e.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkRead asks for users at random: of all that fit the cache, and of ten
// times as many; and for command ids that are there, and that are not.
func BenchmarkRead(b *testing.B) {
	const users, records = 1_000_000, 2_000_000
	e := open(b, b.TempDir(), Options{Log: slog.New(slog.DiscardHandler)})
	e.Bulk(true)
	made := newTraffic(users)
	for range records / 100_000 {
		for _, c := range made.commits(100_000) {
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
				if _, err := e.User(userName(made.IntN(most))); err != nil {
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

func userName(i int) string { return fmt.Sprintf("u%07d", i) }
