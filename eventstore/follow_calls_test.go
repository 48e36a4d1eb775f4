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

// report submits failed logins of forty users concurrently and waits for the verdicts.
func report(t *testing.T, l *eventstore.Ledger, prefix string, records int, chance *rand.Rand) {
	var writing sync.WaitGroup
	for i := range records {
		user := fmt.Sprint("u", chance.IntN(40))
		writing.Go(func() {
			v, err := l.Do(t.Context(), failure(fmt.Sprint(prefix, i), user))
			if err != nil || v.Status == domain.Invalid {
				t.Errorf("failure %s%d: got %+v, %v, want a recorded verdict", prefix, i, v, err)
			}
		})
		if i%200 == 0 {
			writing.Wait()
		}
	}
	writing.Wait()
}

// follow reads until it has seen all records up to last, once last is known.
func follow(t *testing.T, l *eventstore.Ledger, chance *rand.Rand, filter eventstore.Filter, from uint64,
	last *atomic.Uint64) (seqs []uint64) {
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
			t.Errorf("Next after %d: got error %v, want none or %v", f.Position(), err, context.DeadlineExceeded)
			return seqs
		}
		for _, r := range found {
			seqs = append(seqs, r.Seq)
		}
	}
	return seqs
}

// recordsUpTo returns the records of the log up to last.
func recordsUpTo(t *testing.T, l *eventstore.Ledger, last uint64) (all []*domain.Record) {
	t.Helper()
	for record, err := range l.Records(t.Context(), 1, last, false) {
		if err != nil {
			t.Error(err)
			return nil
		}
		all = append(all, record)
	}
	if uint64(len(all)) != last {
		t.Errorf("records of the log up to %d: got %d", last, len(all))
	}
	return all
}

// checkFollowed compares the records of a follower up to the last of all with the result of
// a filter over all.
func checkFollowed(t *testing.T, all []*domain.Record, got []uint64, filter eventstore.Filter,
	from uint64) {
	t.Helper()
	var want []uint64
	for _, record := range all {
		if record.Seq >= from && filter.Wants(record) {
			want = append(want, record.Seq)
		}
	}
	last := uint64(len(all))
	if n := sort.Search(len(got), func(i int) bool { return got[i] > last }); !slices.Equal(got[:n], want) {
		t.Errorf("%+v from %d to %d: %d records, want %d", filter, from, last, n, len(want))
	}
}

// followTo reads from the first record to a follower's last record.
func followTo(ctx context.Context, t *testing.T, l *eventstore.Ledger, filter eventstore.Filter,
	to uint64) (seqs []uint64) {
	f, err := l.Follow(1, to, filter)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer f.Close()
	for {
		found, err := f.Next(ctx)
		if errors.Is(err, io.EOF) {
			return seqs
		}
		if err != nil {
			t.Errorf("%+v to %d: %v", filter, to, err)
			return seqs
		}
		for _, r := range found {
			seqs = append(seqs, r.Seq)
		}
	}
}
