package eventstore_test

import (
	"context"
	"iter"
	"testing"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/memory"
	"authledger/eventstore/wire"
)

// history returns the realm of a log with the commands of script, one commit each, and
// its state.
func history(t *testing.T) (*realm, *folded) {
	t.Helper()
	r := newRealm(t)
	state := newFolded()
	l := r.open(state, r.store)
	for _, c := range script() {
		do(t, l, c)
	}
	mustClose(t, l)
	return r, state
}

// commitsOf returns the decoded commits of the log.
func commitsOf(t *testing.T, r *realm) (all []domain.Commit) {
	t.Helper()
	for m, err := range r.store.Read(context.Background(), 1) {
		if err != nil {
			t.Fatal(err)
		}
		c, err := eventstore.ReadCommit(r.manifest.Realm, m)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// forged returns a log of these commits with a new, valid chain, so that only the
// records can show the change.
func forged(t *testing.T, r *realm, commits []domain.Commit) *memory.Store {
	t.Helper()
	store := memory.New()
	prev, seq := eventstore.Genesis(r.manifest.LedgerID), uint64(1)
	for i := range commits {
		c := &commits[i]
		c.First, c.Prev = seq, prev
		var lines []byte
		for j := range c.Records {
			c.Records[j].Seq = seq
			seq++
			lines = append(wire.AppendRecord(lines, &c.Records[j]), '\n')
		}
		appendTo(t, store, eventstore.SealCommit(nil, r.manifest.Realm, c, lines))
		prev = c.Hash
	}
	return store
}

func appendTo(t *testing.T, store eventstore.Store, data []byte) {
	t.Helper()
	last, err := store.Last(context.Background())
	if err == nil {
		err = <-store.Append(context.Background(), data, last)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// mutant is a log whose reads return changed messages.
type mutant struct {
	eventstore.Store
	change func(m eventstore.Message) eventstore.Message
}

func (s mutant) Get(ctx context.Context, stream uint64) (eventstore.Message, error) {
	m, err := s.Store.Get(ctx, stream)
	return s.change(m), err
}

func (s mutant) Read(ctx context.Context, from uint64) iter.Seq2[eventstore.Message, error] {
	return func(yield func(eventstore.Message, error) bool) {
		for m, err := range s.Store.Read(ctx, from) {
			if !yield(s.change(m), err) {
				return
			}
		}
	}
}

// flipped returns the log of store with one flipped bit in one message.
func flipped(store eventstore.Store, stream uint64, bit int) mutant {
	return mutant{store, func(m eventstore.Message) eventstore.Message {
		if m.Stream == stream {
			m.Data = append([]byte(nil), m.Data...)
			m.Data[bit/8%len(m.Data)] ^= 1 << (bit % 8)
		}
		return m
	}}
}
