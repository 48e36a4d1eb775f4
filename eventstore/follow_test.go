package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

// TestFollow: whatever the interleaving of writing, reading, falling behind and
// giving up for a moment, every follower gets exactly the records that it wants, in
// order, as a naive filter over the log finds them.
func TestFollow(t *testing.T) {
	const records, followers = 3000, 12
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	defer mustClose(t, l)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	filters := []eventstore.Filter{{}, {Entity: "user/u1"}, {Entity: "user/u2", Type: "login.failed"}, {Type: "lockout.started"}, {Type: "login.report"}, {Entity: "user/never"}}
	got := make([][]uint64, followers)
	var group sync.WaitGroup
	for i := range followers {
		group.Go(func() {
			chance := rand.New(rand.NewPCG(seed, uint64(i)))
			got[i] = follow(t, l, chance, filters[i%len(filters)], records)
		})
	}
	chance := rand.New(rand.NewPCG(seed, followers))
	var writing sync.WaitGroup
	for i := range records {
		user := fmt.Sprint("u", chance.IntN(40))
		writing.Go(func() {
			if v, err := l.Do(t.Context(), failure(fmt.Sprint("e", i), user)); err != nil || v.Status != domain.Accepted {
				t.Error(v, err)
			}
		})
		if i%200 == 0 {
			writing.Wait()
		}
	}
	writing.Wait()
	group.Wait()
	for i := range followers {
		var want []uint64
		for record, err := range l.Records(t.Context(), 1, records, false) {
			if err != nil {
				t.Fatal(err)
			}
			if filters[i%len(filters)].Wants(record) {
				want = append(want, record.Seq)
			}
		}
		if !slices.Equal(got[i], want) {
			t.Errorf("follower %d, %+v: %d records, want %d", i, filters[i%len(filters)], len(got[i]), len(want))
		}
	}
}

// follow reads until everything up to last has been seen.
func follow(t *testing.T, l *eventstore.Ledger, chance *rand.Rand, filter eventstore.Filter, last uint64) (seqs []uint64) {
	f, err := l.Follow(0, filter)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer f.Close()
	for f.Position() < last {
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

func TestFollowersAreBounded(t *testing.T) {
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	defer mustClose(t, l)
	var all []*eventstore.Follower
	for {
		f, err := l.Follow(0, eventstore.Filter{})
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
	f, err := l.Follow(0, eventstore.Filter{})
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
		f, err := l.Follow(1, filter)
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
				f, err := l.Follow(0, eventstore.Filter{Entity: domain.UserEntity(fmt.Sprint("quiet", i))})
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
