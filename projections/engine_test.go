package projections

import (
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"authledger/domain"
)

// quiet is an engine's options in memory.
func quiet(fs vfs.FS) Options {
	return Options{fs: fs, Log: slog.New(slog.DiscardHandler), UserCache: 1 << 10, BlockCache: 1 << 20}
}

func open(t testing.TB, dir string, o Options) *Engine {
	t.Helper()
	e, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func fold(t testing.TB, e *Engine, h *history) {
	t.Helper()
	for _, c := range h.commits[e.Position().Stream:] {
		if err := e.Fold(c); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEngineKnowsWhatTheRulesKnow(t *testing.T) {
	h := newHistory()
	newChance(1, 5).write(h, 2000, 9)
	e := open(t, "/d", quiet(vfs.NewMem()))
	fold(t, e, h)
	checkStates(t, e, h)
	if err := e.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkStates(t, e, h)
	if p, err := e.Checkpoint(); err != nil || p != e.Position() {
		t.Fatal(p, err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestWaitReturnsWhenTheRecordIsFolded(t *testing.T) {
	h := newHistory()
	newChance(2, 3).write(h, 100, 5)
	e := open(t, "/d", quiet(vfs.NewMem()))
	last := h.commits[len(h.commits)-1].Last()
	waited := make(chan error, 1)
	go func() {
		err := e.Wait(t.Context(), last)
		waited <- errors.Join(err, compareStates(e, h))
	}()
	fold(t, e, h)
	if err := <-waited; err != nil {
		t.Fatal(err)
	}
	go func() { waited <- e.Wait(t.Context(), last+1) }()
	closeAll(t, e)
	if err := <-waited; !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
}

func checkStates(t *testing.T, e *Engine, h *history) {
	t.Helper()
	if err := compareStates(e, h); err != nil {
		t.Fatal(err)
	}
}

// compareStates asks an engine that has folded all of a history for every state
// and command of it.
func compareStates(e *Engine, h *history) error {
	for i := range h.records {
		r := &h.records[i]
		seq, content, found, err := e.Command(r.Command.Source, r.Command.ID)
		if seq != r.Seq || content != r.Content || !found || err != nil {
			return fmt.Errorf("command %s %s: record %d, %t, want %d: %w", r.Command.Source, r.Command.ID, seq, found, r.Seq, err)
		}
	}
	for _, c := range h.commits {
		for seq := c.First; seq <= c.Last(); seq++ {
			if stream, err := e.Locate(seq); stream != c.Stream || err != nil {
				return fmt.Errorf("record %d is at %d, want %d: %w", seq, stream, c.Stream, err)
			}
		}
	}
	for _, r := range h.records {
		for _, entity := range r.Entities {
			if err := compareEntity(e, h, entity); err != nil {
				return err
			}
		}
	}
	for name, want := range h.Users() {
		if u, err := e.User(name); !cmp.Equal(u, want, cmpopts.EquateEmpty()) || err != nil {
			return fmt.Errorf("user %s: %+v, want %+v: %w", name, u, want, err)
		}
	}
	if !reflect.DeepEqual(e.Policy(), h.Policy()) {
		return fmt.Errorf("policy %v, want %v", e.Policy(), h.Policy())
	}
	return nil
}

// compareEntity compares what has a clock, and an account.
func compareEntity(e *Engine, h *history, entity domain.Entity) error {
	want, _ := h.Clock(entity) // of a map: it has no error
	if clock, err := e.Clock(entity); !clock.Equal(want) || err != nil {
		return fmt.Errorf("clock of %s: %v, want %v: %w", entity, clock, want, err)
	}
	id, ok := entity.Account()
	if !ok {
		return nil
	}
	account, _ := h.Account(id)
	if a, err := e.Account(id); !cmp.Equal(a, account, cmpopts.EquateEmpty()) || err != nil {
		return fmt.Errorf("account %s: %+v, want %+v: %w", id, a, account, err)
	}
	return nil
}
