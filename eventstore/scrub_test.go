package eventstore_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"log/slog"
	"sync/atomic"
	"testing"

	"authledger/eventstore"
	"authledger/eventstore/audit"
)

// logScrub returns a scrub of the realm's log as store returns it.
func (r *realm) logScrub(state eventstore.State, store eventstore.Reader) *audit.LogScrub {
	return &audit.LogScrub{Manifest: r.manifest, Store: store, State: state, Log: slog.New(slog.DiscardHandler)}
}

// TestLogScrub_LastCommitAltered checks that the scrub compares the last commit, which no
// later commit proves, with the state that folded it, and that the fault stops the ledger.
func TestLogScrub_LastCommitAltered(t *testing.T) {
	r, state := history(t)
	last := state.Position()
	if whole, err := r.logScrub(state, r.store).Round(t.Context()); !whole || err != nil {
		t.Errorf("round of an intact log: %v, %v, want true, nil", whole, err)
	}
	altered := &mutant{r.store, func(m eventstore.Message) eventstore.Message {
		if m.Stream == last.Stream {
			m.Data = bytes.Replace(m.Data, []byte(`"caller":"test"`), []byte(`"caller":"tost"`), 1)
		}
		return m
	}}
	_, err := r.logScrub(state, altered).Round(t.Context())
	wantFault(t, err, last.Stream, last.Seq, "not the commit that was folded")

	o := r.options(state, r.store)
	o.Scrubs = []eventstore.Scrub{r.logScrub(state, altered)}
	l := mustOpen(t, o)
	closed(t, "the ledger stops", l.Failed())
	wantFault(t, l.Close(t.Context()), last.Stream, last.Seq, "not the commit that was folded")
}

// TestLogScrub_ReadsFiles checks that the scrub reads the files of the log, up to the
// position that is folded, and not what the store returns.
func TestLogScrub_ReadsFiles(t *testing.T) {
	r, state := history(t)
	last := state.Position()
	var damaged atomic.Bool
	scrub := r.logScrub(state, r.store)
	scrub.Files = func(_ context.Context, to uint64) (eventstore.Reader, error) {
		if to != last.Stream {
			t.Errorf("the scrub opens the files up to message %d, want %d", to, last.Stream)
		}
		if !damaged.Load() {
			return filesOf{r.store}, nil
		}
		return filesOf{&mutant{r.store, func(m eventstore.Message) eventstore.Message {
			m.Data = bytes.Replace(m.Data, []byte(`"caller":"test"`), []byte(`"caller":"tost"`), 1)
			return m
		}}}, nil
	}
	if whole, err := scrub.Round(t.Context()); !whole || err != nil {
		t.Errorf("round of intact files: %v, %v, want true, nil", whole, err)
	}
	damaged.Store(true)
	if _, err := scrub.Round(t.Context()); !errors.As(err, new(*eventstore.Fault)) {
		t.Errorf("round of damaged files: %v, want a Fault", err)
	}
}

// filesOf is a Reader whose Close leaves the store open.
type filesOf struct{ eventstore.Reader }

func (filesOf) Close() error { return nil }

// TestLogScrub_UnreadableLog checks that a round that could not read the log does not count
// as complete.
func TestLogScrub_UnreadableLog(t *testing.T) {
	r, state := history(t)
	store := &unreadableLog{Store: r.store}
	store.off.Store(true)
	scrub := r.logScrub(state, store)
	if whole, err := scrub.Round(t.Context()); whole || err != nil {
		t.Errorf("round of an unreadable log: %v, %v, want false, nil", whole, err)
	}
	o := r.options(state, store)
	o.Scrubs = []eventstore.Scrub{scrub}
	l := mustOpen(t, o)
	mustClose(t, l)
	if rounds := l.Health().Rounds; rounds != 0 {
		t.Errorf("rounds: got %d, want 0", rounds)
	}
}

type unreadableLog struct {
	eventstore.Store
	off atomic.Bool
}

func (s *unreadableLog) Read(ctx context.Context, from uint64) iter.Seq2[eventstore.Message, error] {
	return func(yield func(eventstore.Message, error) bool) {
		for m, err := range s.Store.Read(ctx, from) {
			if s.off.Load() && m.Stream > 3 {
				err = errLost
			}
			if !yield(m, err) || err != nil {
				return
			}
		}
	}
}
