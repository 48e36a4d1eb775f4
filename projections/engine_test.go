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
	"authledger/projections/logtest"
)

// quiet returns the options of an engine with small caches and without a log.
func quiet(fs vfs.FS) Options {
	return Options{FS: fs, Log: slog.New(slog.DiscardHandler), EntityCache: 1 << 10, BlockCache: 1 << 20}
}

func open(t testing.TB, dir string, o Options) *Engine {
	t.Helper()
	e, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// fold folds the commits of a history that follow the position of the engine.
func fold(t testing.TB, e *Engine, h *logtest.History) {
	t.Helper()
	for _, c := range h.Commits[e.Position().Stream:] {
		if err := e.Fold(c); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEngineStatesEqualDecidedStates(t *testing.T) {
	h := logtest.NewHistory()
	logtest.NewGenerator(1, 5).Write(h, 2000, 9)
	e := open(t, "/d", quiet(vfs.NewMem()))
	fold(t, e, h)
	checkStates(t, e, h)
	if err := e.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkStates(t, e, h)
	if p, err := e.Checkpoint(); err != nil || p != e.Position() {
		t.Fatalf("Checkpoint after Flush: got %+v, %v, want %+v", p, err, e.Position())
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestWaitReturnsAfterFold(t *testing.T) {
	h := logtest.NewHistory()
	logtest.NewGenerator(2, 3).Write(h, 100, 5)
	e := open(t, "/d", quiet(vfs.NewMem()))
	last := h.Commits[len(h.Commits)-1].Last()
	waited := make(chan error, 1)
	go func() {
		err := e.Wait(t.Context(), last)
		waited <- errors.Join(err, compareStates(e, h))
	}()
	fold(t, e, h)
	if err := <-waited; err != nil {
		t.Fatalf("Wait(%d): %v", last, err)
	}
	go func() { waited <- e.Wait(t.Context(), last+1) }()
	closeAll(t, e)
	if err := <-waited; !errors.Is(err, ErrClosed) {
		t.Fatalf("Wait(%d) after Close: got %v, want %v", last+1, err, ErrClosed)
	}
}

func checkStates(t *testing.T, e *Engine, h *logtest.History) {
	t.Helper()
	if err := compareStates(e, h); err != nil {
		t.Fatal(err)
	}
}

// compareStates compares every state and command of an engine with those of the history
// that the engine has folded.
func compareStates(e *Engine, h *logtest.History) error {
	for i := range h.Records {
		r := &h.Records[i]
		seq, content, found, err := e.Command(r.Command.Source, r.Command.ID)
		if seq != r.Seq || content != r.Content || !found || err != nil {
			return fmt.Errorf("command %s %s: got record %d, found %t, want %d: %w", r.Command.Source, r.Command.ID,
				seq, found, r.Seq, err)
		}
	}
	for _, c := range h.Commits {
		for seq := c.First; seq <= c.Last(); seq++ {
			if stream, err := e.Locate(seq); stream != c.Stream || err != nil {
				return fmt.Errorf("record %d: got stream position %d, want %d: %w", seq, stream, c.Stream, err)
			}
		}
	}
	for _, r := range h.Records {
		for _, entity := range r.Entities {
			if err := compareEntity(e, h, entity); err != nil {
				return err
			}
		}
	}
	for name, want := range h.Users() {
		if u, err := e.User(name); !cmp.Equal(u, want, cmpopts.EquateEmpty()) || err != nil {
			return fmt.Errorf("user %s: got %+v, want %+v: %w", name, u, want, err)
		}
	}
	if !reflect.DeepEqual(e.Policy(), h.Policy()) {
		return fmt.Errorf("policy: got %v, want %v", e.Policy(), h.Policy())
	}
	return nil
}

// compareEntity compares the clock of an entity, and the state of an account.
func compareEntity(e *Engine, h *logtest.History, entity domain.Entity) error {
	want, _ := h.Clock(entity) // a state in memory has no error
	if clock, err := e.Clock(entity); !clock.Equal(want) || err != nil {
		return fmt.Errorf("clock of %s: got %v, want %v: %w", entity, clock, want, err)
	}
	id, ok := entity.Account()
	if !ok {
		return nil
	}
	account, _ := h.Account(id)
	if a, err := e.Account(id); !cmp.Equal(a, account, cmpopts.EquateEmpty()) || err != nil {
		return fmt.Errorf("account %s: got %+v, want %+v: %w", id, a, account, err)
	}
	return nil
}

func closeAll(t *testing.T, engines ...*Engine) {
	t.Helper()
	for _, e := range engines {
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// openHistory opens rows in memory into which a history of random commands is folded.
func openHistory(t *testing.T, seed uint64) (*Engine, *logtest.History) {
	h := logtest.NewHistory()
	logtest.NewGenerator(seed, 40).Write(h, 1500, 9)
	e := open(t, "/d", quiet(vfs.NewMem()))
	fold(t, e, h)
	t.Cleanup(func() { closeAll(t, e) })
	return e, h
}
