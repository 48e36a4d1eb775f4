package projections

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"authledger/domain"
	"authledger/domain/calendar"
	"authledger/projections/logtest"
)

// Bounds of all instants of a test.
var (
	longAgo  = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	farAhead = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
)

// counted returns the statistics of an engine in the form of naive. The number of active
// users of a day is the only element of users.
func counted(t interface{ Fatal(...any) }, e *Engine) (
	counts map[string]map[string]int64, active map[time.Time]int64, usd map[string]ClassUSD,
) {
	v, err := e.View(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	counts, usd = map[string]map[string]int64{}, map[string]ClassUSD{}
	for step := Minutes; step <= Days; step++ {
		last := longAgo
		for b := range v.Buckets(step, longAgo, farAhead) {
			if !b.Start.After(last) {
				t.Fatal("bucket ", b.Start, " follows ", last)
			}
			last = b.Start
			of := map[string]int64{"records": b.Records}
			for g, name := range groupNames {
				for _, c := range b.Counts(StatGroup(g)) {
					of[name+" "+c.Label] = c.Count
				}
			}
			counts[bucketName(step, b.Start)] = of
		}
		if v.Err() != nil {
			t.Fatal(v.Err())
		}
	}
	if active, err = v.ActiveUsers(longAgo, farAhead); err != nil {
		t.Fatal(err)
	}
	for d := range v.WithdrawalDays(calendar.On(1, 1, 1), calendar.On(9999, 1, 1)) {
		for _, c := range d.Classes {
			usd[d.Day.String()+" "+c.Class] = c
		}
	}
	if v.Err() != nil {
		t.Fatal(v.Err())
	}
	return counts, active, usd
}

func checkStatistics(t interface{ Fatal(...any) }, e *Engine, records []domain.Record) {
	want := countNaively(records)
	counts, active, usd := counted(t, e)
	if diff := cmp.Diff(want.counts, counts); diff != "" {
		t.Fatal("counts (-want +got)\n", diff)
	}
	if diff := cmp.Diff(want.usd, usd); diff != "" {
		t.Fatal("withdrawals (-want +got)\n", diff)
	}
	if len(active) != len(want.users) {
		t.Fatal("days with active users: got ", len(active), ", want ", len(want.users))
	}
	for day, users := range want.users {
		// With few users, two of them have the same register only rarely.
		if got, want := active[day], int64(len(users)); got < want-1 || got > want+1 {
			t.Fatal("active users on ", day, ": got ", got, ", want ", want)
		}
	}
}

// The statistics of a random history with every type of command, restarts and spans of any
// size are those that a program counts from the records.
func TestStatisticsEqualNaiveCount(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		c := logtest.NewGenerator(seed, rapid.IntRange(1, 12).Draw(rt, "users"))
		h := logtest.NewHistory()
		records, inCommit := rapid.IntRange(1, 900), rapid.IntRange(1, 30)
		c.Write(h, records.Draw(rt, "records"), inCommit.Draw(rt, "commands in a commit"))
		e := foldInPieces(t, c, h)
		defer closeAll(t, e)
		checkStatistics(rt, e, h.Records)
	})
}

// Records whose times are at the edges of the kept buckets, in any order, count in each
// bucket that is kept at the end.
func TestStatisticsEqualNaiveCount_OutOfOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := []time.Duration{0, 0, 1, -1, time.Minute, -time.Minute, time.Hour, -time.Hour,
			48 * time.Hour, -48 * time.Hour, 48*time.Hour - time.Minute, -48*time.Hour + time.Minute,
			90 * 24 * time.Hour, -90 * 24 * time.Hour, 90*24*time.Hour - time.Hour, -90*24*time.Hour + time.Hour}
		at := logtest.Epoch
		if rapid.Bool().Draw(rt, "before 1970") {
			at = time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC)
		}
		var times []time.Time
		for _, d := range rapid.SliceOfN(rapid.SampledFrom(steps), 1, 200).Draw(rt, "steps") {
			at = at.Add(d)
			times = append(times, at)
		}
		inCommit := rapid.IntRange(1, 40).Draw(rt, "records in a commit")
		h := reportsAt(times, inCommit, func(i int) string { return fmt.Sprint("s", i%3) })
		c := logtest.NewGenerator(uint64(len(times)), 1)
		e := foldInPieces(t, c, h)
		defer closeAll(t, e)
		checkStatistics(rt, e, h.Records)
	})
}

// reportsAt returns a history of login reports at the given times. It does not decide them.
func reportsAt(times []time.Time, inCommit int, source func(i int) string) *logtest.History {
	h := logtest.NewHistory()
	var pending []domain.Record
	commit := func() {
		one := &logtest.History{Folded: h.Folded, Records: pending}
		c := one.OneCommit()
		c.First, c.Stream, c.Prev = uint64(len(h.Records))+1, uint64(len(h.Commits))+1, domain.Hash{}
		if n := len(h.Commits); n > 0 {
			c.Prev = h.Commits[n-1].Hash
		}
		c.Hash[0], c.Hash[1], c.Hash[2] = byte(c.Stream), byte(c.Stream>>8), 1
		h.Commits = append(h.Commits, c)
		h.Records = append(h.Records, pending...)
		pending = nil
	}
	for i, at := range times {
		user := fmt.Sprint("user", i%7)
		pending = append(pending, domain.Record{
			Seq: uint64(i) + 1, Entities: []domain.Entity{domain.UserEntity(user)}, Time: at, Status: domain.Accepted,
			Command: domain.Command{Source: source(i), ID: fmt.Sprint("e-", i), Time: at,
				Data: &domain.LoginReport{User: user, Outcome: domain.Succeeded, Platform: "tws"}},
			Events: []domain.Event{{At: at, Data: &domain.LoginSucceeded{}}},
		})
		if len(pending) == inCommit || i == len(times)-1 {
			commit()
		}
	}
	return h
}

func TestStatisticsKeepWindow(t *testing.T) {
	newest := time.Date(2026, 3, 2, 15, 30, 30, 0, time.UTC)
	const day = 24 * time.Hour
	type ago []time.Duration // of the records before the newest, in order
	for _, c := range []struct {
		name  string
		times ago
		want  map[StatStep]int
	}{
		{"only the newest", ago{0}, map[StatStep]int{Minutes: 1, Hours: 1, Days: 1}},
		{"oldest kept minute", ago{2*day - time.Minute, 0}, map[StatStep]int{Minutes: 2, Hours: 2, Days: 2}},
		{"dropped minute", ago{2 * day, 0}, map[StatStep]int{Minutes: 1, Hours: 2, Days: 2}},
		{"backfill of a dropped minute", ago{0, 2 * day}, map[StatStep]int{Minutes: 1, Hours: 2, Days: 2}},
		{"backfill of a kept minute", ago{0, day, day}, map[StatStep]int{Minutes: 2, Hours: 2, Days: 2}},
		{"oldest kept hour", ago{90*day - time.Hour, 0}, map[StatStep]int{Minutes: 1, Hours: 2, Days: 2}},
		{"dropped hour", ago{90 * day, 0}, map[StatStep]int{Minutes: 1, Hours: 1, Days: 2}},
		{"days for ever", ago{7300 * day, 0}, map[StatStep]int{Minutes: 1, Hours: 1, Days: 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var times []time.Time
			for _, d := range c.times {
				times = append(times, newest.Add(-d))
			}
			h := reportsAt(times, 1, func(int) string { return "gateway" })
			e := open(t, "/d", quiet(vfs.NewMem()))
			defer closeAll(t, e)
			fold(t, e, h)
			v, err := e.View(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer v.Close()
			got := map[StatStep]int{}
			for step := range c.want {
				for b := range v.Buckets(step, longAgo, farAhead) {
					got[step]++
					if b.Start.Before(step.KeptFrom(newest)) {
						t.Errorf("bucket at %v, want none before %v", b.Start, step.KeptFrom(newest))
					}
				}
			}
			if v.Err() != nil || !maps.Equal(got, c.want) {
				t.Errorf("buckets: got %v, %v, want %v", got, v.Err(), c.want)
			}
		})
	}
}

// Buckets yields exactly the buckets that begin in a range, also where the ring of minutes
// wraps.
func TestBucketsInRange(t *testing.T) {
	var times []time.Time
	for i := range 5000 {
		times = append(times, logtest.Epoch.Add(time.Duration(i)*time.Minute))
	}
	e := open(t, "/d", quiet(vfs.NewMem()))
	defer closeAll(t, e)
	fold(t, e, reportsAt(times, 200, func(int) string { return "gateway" }))
	v, err := e.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	kept := times[5000-minutesKept:]
	for i := 0; i <= minutesKept; i += 97 {
		for j := i; j <= minutesKept; j += 331 {
			from := kept[0].Add(time.Duration(i)*time.Minute - time.Second)
			to := kept[0].Add(time.Duration(j) * time.Minute)
			var got []time.Time
			for b := range v.Buckets(Minutes, from, to) {
				got = append(got, b.Start)
			}
			if v.Err() != nil || !slices.Equal(got, kept[i:j]) {
				t.Fatalf("minutes from %v to %v: got %d buckets, %v, want %d", from, to, len(got), v.Err(), j-i)
			}
		}
	}
	for range v.Buckets(Minutes, longAgo, farAhead) {
		break // a caller may stop
	}
	if v.Err() != nil {
		t.Fatal(v.Err())
	}
}
