package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/audit"
	"authledger/eventstore/memory"
)

// TestTwoWriters_OneLog checks that two nodes that write one log, some commands through
// both, lose and double no record, and that Verify accepts the log.
func TestTwoWriters_OneLog(t *testing.T) {
	r := newRealm(t)
	stores := [2]eventstore.Store{r.store, r.store.Join()}
	verdicts := race(t, r, stores, func(err error) { t.Error(err) })
	r.verify(len(verdicts[0]) + len(verdicts[1]) - racersShared)
	for id, v := range verdicts[0] {
		w, both := verdicts[1][id]
		if both && (formattedFirst(v) != formattedFirst(w) || v.Duplicate == w.Duplicate) {
			t.Errorf("%s through both nodes: got %s, want %s, and one duplicate", id, formatted(w), formatted(v))
		}
	}
}

// TestTwoWriters_NoFence checks that Verify detects two writers without a fence.
func TestTwoWriters_NoFence(t *testing.T) {
	r := newRealm(t)
	raw := r.store.Join()
	stores := [2]eventstore.Store{&unfenced{Store: r.store, raw: raw},
		&unfenced{Store: r.store.Join(), raw: raw}}
	stopped := func(err error) {
		if !errors.Is(err, eventstore.ErrStopped) {
			t.Error(err)
		}
	}
	race(t, r, stores, stopped)
	_, err := audit.Verify(t.Context(), r.manifest, r.store, domain.Position{}, newFolded(), nil)
	if _, ok := errors.AsType[*eventstore.Fault](err); !ok {
		t.Errorf("two writers without a fence: %v, want a fault", err)
	}
}

const (
	racers       = 4   // a node
	racersEach   = 100 // commands of each node alone
	racersShared = 50  // commands that go through both nodes
)

// race opens two ledgers, runs the commands on both concurrently, closes them, and
// returns the verdicts of each.
func race(t *testing.T, r *realm, stores [2]eventstore.Store,
	failed func(error)) (verdicts [2]map[string]domain.Verdict) {
	t.Helper()
	var nodes sync.WaitGroup
	// Both begin on the empty log, so that one of them loses a fence.
	var ledgers [2]*eventstore.Ledger
	for node, store := range stores {
		o := r.options(newFolded(), store)
		o.Node = fmt.Sprint("n", node) // with one name and one clock, two nodes may write identical commits
		ledgers[node] = mustOpen(t, o)
	}
	for node, l := range ledgers {
		verdicts[node] = map[string]domain.Verdict{}
		var mu sync.Mutex
		runHistory := func(c domain.Command) bool {
			v, err := l.Do(context.Background(), c)
			if err != nil {
				failed(fmt.Errorf("%s through node %d: %w", c.ID, node, err))
				return false
			}
			mu.Lock()
			verdicts[node][c.ID] = v
			mu.Unlock()
			return true
		}
		var all sync.WaitGroup
		for racer := range racers {
			all.Go(func() {
				for i := range racersEach {
					if !runHistory(failure(fmt.Sprintf("n%d-%d-%d", node, racer, i), names(3)[i%3])) {
						return
					}
				}
			})
		}
		all.Go(func() {
			for i := range racersShared {
				if !runHistory(failure(fmt.Sprintf("both-%d", i), "alice")) {
					return
				}
			}
		})
		nodes.Go(func() {
			all.Wait()
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			if err := l.Close(ctx); err != nil {
				failed(errors.Join(eventstore.ErrStopped, err))
			}
		})
	}
	nodes.Wait()
	return verdicts
}

// unfenced is a store that appends every message at the end of the log, without regard
// to its expected position.
type unfenced struct {
	eventstore.Store
	raw *memory.Store
}

func (s *unfenced) Append(ctx context.Context, data []byte, _ uint64) <-chan error {
	outcome := make(chan error, 1)
	for {
		last, err := s.raw.Last(ctx)
		if err == nil {
			err = <-s.raw.Append(ctx, data, last)
		}
		if errors.Is(err, eventstore.ErrFenced) {
			s.raw.Get(ctx, last+1) // so that the handle accepts appends again
			continue
		}
		outcome <- err
		return outcome
	}
}
