package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

var followed = []eventstore.Filter{{}, {Entity: "user/u1"}, {Entity: "user/u2", Type: "login.failed"}, {Type: "lockout.started"}, {Type: "login.report"}, {Entity: "user/never"}}

// TestFollow: whatever the interleaving of writing, reading, falling behind what is
// kept at hand and giving up for a moment, every follower gets exactly the records
// that it wants, in order, as a naive filter over the log finds them.
func TestFollow(t *testing.T) {
	const before, live, followers = 2*eventstore.FeedMax + 100, 3000, 18
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	defer mustClose(t, l)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, followers))
	report(t, l, "b", before, chance)
	var last atomic.Uint64
	var group sync.WaitGroup
	got := make([][]uint64, followers)
	from := func(i int) uint64 { return uint64(i%3) * (before + 50) / 2 } // far back, half way, to come
	for i := range followers {
		group.Go(func() {
			got[i] = follow(t, l, rand.New(rand.NewPCG(seed, uint64(i))), followed[i/3], from(i), &last)
		})
	}
	report(t, l, "l", live, chance)
	last.Store(before + live)
	group.Wait()
	for i := range followers {
		heardAll(t, l, got[i], followed[i/3], from(i), before+live)
	}
}

// Two nodes write one log: who follows one of them gets what the other wrote, too,
// in its place.
func TestFollowOvertaken(t *testing.T) {
	const each, followers = 300, 6
	r := newRealm(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var ledgers [2]*eventstore.Ledger
	for node, store := range []eventstore.Store{r.store, r.store.Join()} {
		o := r.options(newFolded(), store)
		o.Node = fmt.Sprint("n", node)
		ledgers[node] = mustOpen(t, o)
		defer mustClose(t, ledgers[node])
	}
	var last [2]atomic.Uint64
	var group, writing sync.WaitGroup
	var got [2][followers][]uint64
	for node, l := range ledgers {
		for i := range followers {
			group.Go(func() {
				got[node][i] = follow(t, l, rand.New(rand.NewPCG(seed, uint64(10*node+i))), followed[i], 1, &last[node])
			})
		}
		writing.Go(func() {
			report(t, l, fmt.Sprint("n", node, "-"), each, rand.New(rand.NewPCG(seed, uint64(100+node))))
		})
	}
	writing.Wait()
	// A node hears of the other's records when it writes behind them.
	for i := range 3 {
		v, err := ledgers[i%2].Do(t.Context(), failure(fmt.Sprint("end-", i), "u1"))
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			last[i%2].Store(v.Seq)
		}
	}
	group.Wait()
	for node, l := range ledgers {
		for i := range followers {
			heardAll(t, l, got[node][i], followed[i], 1, last[node].Load())
		}
	}
}

// report gives failed logins of forty users, many at a time, and waits for them.
func report(t *testing.T, l *eventstore.Ledger, prefix string, records int, chance *rand.Rand) {
	var writing sync.WaitGroup
	for i := range records {
		user := fmt.Sprint("u", chance.IntN(40))
		writing.Go(func() {
			if v, err := l.Do(t.Context(), failure(fmt.Sprint(prefix, i), user)); err != nil || v.Status == domain.Invalid {
				t.Error(v, err)
			}
		})
		if i%200 == 0 {
			writing.Wait()
		}
	}
	writing.Wait()
}

// follow reads until everything up to last, once that is known, has been seen.
func follow(t *testing.T, l *eventstore.Ledger, chance *rand.Rand, filter eventstore.Filter, from uint64, last *atomic.Uint64) (seqs []uint64) {
	f, err := l.Follow(from, 0, filter)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer f.Close()
	for last.Load() == 0 || f.Position() < last.Load() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(chance.IntN(3000))*time.Microsecond)
		found, err := f.Next(ctx)
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
			return seqs
		}
		for _, r := range found {
			seqs = append(seqs, r.Seq)
		}
	}
	return seqs
}

// heardAll compares what a follower got with a naive filter over the log.
func heardAll(t *testing.T, l *eventstore.Ledger, got []uint64, filter eventstore.Filter, from, last uint64) {
	t.Helper()
	var want []uint64
	for record, err := range l.Records(t.Context(), max(from, 1), last, false) {
		if err != nil {
			t.Fatal(err)
		}
		if filter.Wants(record) {
			want = append(want, record.Seq)
		}
	}
	if n := sort.Search(len(got), func(i int) bool { return got[i] > last }); !slices.Equal(got[:n], want) {
		t.Errorf("%+v from %d: %d records, want %d", filter, from, n, len(want))
	}
}

// A follower that has an end is told so at its last record: there already, to come,
// wanted or not, and kept at hand or not.
func TestFollowTo(t *testing.T) {
	const before = eventstore.FeedMax + 100
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	defer mustClose(t, l)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	report(t, l, "b", before, rand.New(rand.NewPCG(seed, 0)))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var group sync.WaitGroup
	for _, to := range []uint64{1, 50, before - 1, before, before + 20} {
		for _, filter := range followed {
			group.Go(func() {
				f, err := l.Follow(1, to, filter)
				if err != nil {
					t.Error(err)
					return
				}
				defer f.Close()
				var got []uint64
				for {
					found, err := f.Next(ctx)
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil {
						t.Errorf("%+v to %d: %v", filter, to, err)
						return
					}
					for _, r := range found {
						got = append(got, r.Seq)
					}
				}
				if len(got) > 0 && got[len(got)-1] > to {
					t.Errorf("%+v to %d: got %d", filter, to, got[len(got)-1])
				}
				heardAll(t, l, got, filter, 1, to)
			})
		}
	}
	report(t, l, "l", 20, rand.New(rand.NewPCG(seed, 1)))
	group.Wait()
}

func TestFollowersAreBounded(t *testing.T) {
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	defer mustClose(t, l)
	var all []*eventstore.Follower
	for {
		f, err := l.Follow(0, 0, eventstore.Filter{})
		if errors.Is(err, eventstore.ErrTooManyFollowers) {
			break
		}
		if err != nil || len(all) > 1<<16 {
			t.Fatal(err, len(all))
		}
		all = append(all, f)
	}
	for _, f := range all {
		f.Close()
		f.Close() // once more does nothing
	}
	f, err := l.Follow(0, 0, eventstore.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
}

// A closed ledger wakes those who wait.
func TestFollowUntilClosed(t *testing.T) {
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	woken := make(chan error, 2)
	for _, filter := range []eventstore.Filter{{}, {Entity: "user/alice"}} {
		f, err := l.Follow(1, 0, filter)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			_, err := f.Next(context.Background())
			woken <- err
		}()
	}
	mustClose(t, l)
	for range 2 {
		if err := <-woken; !errors.Is(err, eventstore.ErrStopped) {
			t.Error(err)
		}
	}
}

// BenchmarkFollowed is a command with nobody, and with very many quiet followers.
func BenchmarkFollowed(b *testing.B) {
	for _, quiet := range []int{0, 1000} {
		b.Run(fmt.Sprintf("quiet=%d", quiet), func(b *testing.B) {
			r := newRealm(b)
			l := r.open(newFolded(), r.store)
			defer mustClose(b, l)
			for i := range quiet {
				f, err := l.Follow(0, 0, eventstore.Filter{Entity: domain.UserEntity(fmt.Sprint("quiet", i))})
				if err != nil {
					b.Fatal(err)
				}
				defer f.Close()
				asleep, cancel := context.WithCancel(b.Context())
				cancel()
				if _, err := f.Next(asleep); !errors.Is(err, context.Canceled) {
					b.Fatal(err)
				}
			}
			n := 0
			for b.Loop() {
				n++
				if _, err := l.Do(b.Context(), success(fmt.Sprint("e", n), "alice")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
