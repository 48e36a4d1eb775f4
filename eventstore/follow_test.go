package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"authledger/domain"
	"authledger/eventstore"
)

var followed = []eventstore.Filter{{}, {Entity: "user/u1"}, {Entity: "user/u2", Type: "login.failed"},
	{Type: "lockout.started"}, {Type: "login.report"}, {Entity: "user/never"}}

// TestFollow_RandomLoad checks that every follower receives exactly the records that
// match its filter, in order, for random interleavings of writes and reads, for
// followers that fall behind the ring, and for interrupted calls. A filter over the
// whole log is the reference.
func TestFollow_RandomLoad(t *testing.T) {
	const before, followers = 2*eventstore.RingRecords + 100, 18
	live := shorter(3000, 1000)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := newRealm(t)
	r.second = []int{1, eventstore.SecondMin}[seed%2]
	l := r.open(newFolded(), r.store)
	defer mustClose(t, l)
	chance := rand.New(rand.NewPCG(seed, followers))
	report(t, l, "b", before, chance)
	var last atomic.Uint64
	var group sync.WaitGroup
	got := make([][]uint64, followers)
	// in the log, in the ring, in the future
	from := func(i int) uint64 { return uint64(i%3) * (before + 50) / 2 }
	for i := range followers {
		group.Go(func() {
			got[i] = follow(t, l, rand.New(rand.NewPCG(seed, uint64(i))), followed[i/3], from(i), &last)
		})
	}
	report(t, l, "l", live, chance)
	last.Store(before + uint64(live))
	group.Wait()
	all := recordsUpTo(t, l, last.Load())
	for i := range followers {
		checkFollowed(t, all, got[i], followed[i/3], from(i))
	}
}

// TestFollow_TwoWriters checks that a follower of one of two nodes on a log receives the
// records of both nodes in order.
func TestFollow_TwoWriters(t *testing.T) {
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
	// A node folds the records of the other node when it writes after them.
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
		all := recordsUpTo(t, l, last[node].Load())
		for i := range followers {
			checkFollowed(t, all, got[node][i], followed[i], 1)
		}
	}
}

// TestFollow_LastRecord checks that a follower with a last record ends there, for
// records in the log, in the ring and in the future, with and without a match.
func TestFollow_LastRecord(t *testing.T) {
	const before = eventstore.RingRecords + 100
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	defer mustClose(t, l)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	report(t, l, "b", before, rand.New(rand.NewPCG(seed, 0)))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	type follower struct {
		to     uint64
		filter eventstore.Filter
		got    []uint64
	}
	var followers []*follower
	var group sync.WaitGroup
	for _, to := range []uint64{1, 50, before - 1, before, before + 20} {
		for _, filter := range followed {
			f := &follower{to: to, filter: filter}
			followers = append(followers, f)
			group.Go(func() { f.got = followTo(ctx, t, l, filter, to) })
		}
	}
	report(t, l, "l", 20, rand.New(rand.NewPCG(seed, 1)))
	group.Wait()
	all := recordsUpTo(t, l, before+20)
	for _, f := range followers {
		if n := len(f.got); n > 0 && f.got[n-1] > f.to {
			t.Errorf("%+v to %d: got record %d, want none after %[2]d", f.filter, f.to, f.got[n-1])
		}
		checkFollowed(t, all[:min(f.to, uint64(len(all)))], f.got, f.filter, 1)
	}
}

// TestFollow_TooManyFollowers checks the bound FollowersMax.
func TestFollow_TooManyFollowers(t *testing.T) {
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
			t.Fatalf("Follow: got error %v after %d followers, want %v", err, len(all), eventstore.ErrTooManyFollowers)
		}
		all = append(all, f)
	}
	for _, f := range all {
		f.Close()
		f.Close() // a second Close has no effect
	}
	f, err := l.Follow(0, 0, eventstore.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
}

// TestFollow_Close checks that closing the ledger ends blocked followers.
func TestFollow_Close(t *testing.T) {
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

// BenchmarkFollowed measures a command with no followers and with many blocked followers
// of other entities.
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
