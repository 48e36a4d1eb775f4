package projections

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// kept is an engine's directory that holds a folded history.
func keptHistory(t *testing.T, fs vfs.FS) *history {
	h := newHistory()
	newChance(1, 5).write(h, 500, 9)
	e := open(t, "/d", quiet(fs))
	fold(t, e, h)
	closeAll(t, e)
	return h
}

func list(t *testing.T, fs vfs.FS) string {
	names, err := fs.List("/d")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, name := range names {
		if name != lockFile {
			all = append(all, name)
		}
	}
	return strings.Join(sortedNames(all), " ")
}

func TestOpenGoesOn(t *testing.T) {
	fs := vfs.NewMem()
	h := keptHistory(t, fs)
	e := open(t, "/d", quiet(fs))
	if p := h.commits[len(h.commits)-1].End(); e.Position() != p || e.Rebuilding() != "" || e.Damage() != nil {
		t.Fatal(e.Position(), e.Rebuilding(), e.Damage())
	}
	checkStates(t, e, h)
	closeAll(t, e)
	if err := e.Close(); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	if _, err := e.User("user1"); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	if err := e.Fold(h.commits[0]); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
}

func TestOneProcessHoldsTheDirectory(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir, Options{Log: slog.New(slog.DiscardHandler)})
	if _, err := Open(dir, Options{}); err == nil {
		t.Fatal("opened twice")
	}
	closeAll(t, e)
	closeAll(t, open(t, dir, Options{Log: slog.New(slog.DiscardHandler)}))
}

func TestAnotherVersionIsBuiltAnew(t *testing.T) {
	fs := vfs.NewMem()
	h := keptHistory(t, fs)
	timeline.Version++
	defer func() { timeline.Version-- }()
	e := open(t, "/d", quiet(fs))
	if e.Position().Seq != 0 || !strings.Contains(e.Rebuilding(), "timeline@2") || e.Damage() != nil {
		t.Fatal(e.Position(), e.Rebuilding(), e.Damage())
	}
	fold(t, e, h)
	checkRows(t, e, h)
	closeAll(t, e)
	if got, want := list(t, fs), "CURRENT generation-000002"; got != want {
		t.Fatalf("the directory holds %s, want %s", got, want)
	}
	e = open(t, "/d", quiet(fs))
	if e.Position().Seq == 0 || e.Rebuilding() != "" {
		t.Fatal(e.Position(), e.Rebuilding())
	}
	closeAll(t, e)
}

func TestDamageIsSetAside(t *testing.T) {
	fs := vfs.NewMem()
	h := keptHistory(t, fs)
	for _, want := range []string{
		"CURRENT damaged-000001 generation-000002",
		"CURRENT damaged-000002 generation-000003",
	} {
		e := open(t, "/d", quiet(fs))
		fold(t, e, h)
		if err := e.broke(errors.New("a test says so")); !errors.Is(err, ErrDamaged) {
			t.Fatal(err)
		}
		for what, err := range everyError(t.Context(), e, h) {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("%s of a damaged engine: %v", what, err)
			}
		}
		_ = e.Close()
		e = open(t, "/d", quiet(fs))
		if err := e.Damage(); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "a test says so") || e.Position().Seq != 0 {
			t.Fatal(err, e.Position())
		}
		fold(t, e, h)
		checkRows(t, e, h)
		closeAll(t, e)
		if got := list(t, fs); got != want {
			t.Fatalf("the directory holds %s, want %s", got, want)
		}
	}
}

// everyError asks an engine for everything.
func everyError(ctx context.Context, e *Engine, h *history) map[string]error {
	errs := map[string]error{}
	_, errs["User"] = e.User("user1")
	_, errs["Clock"] = e.Clock("source/0001")
	_, _, _, errs["Command"] = e.Command("gateway/portal", "e-1")
	_, errs["Locate"] = e.Locate(1)
	_, errs["Due"] = e.Due(epoch, 1)
	_, errs["Lockout"] = e.Lockout(ctx, h, "user1", epoch, nil)
	_, errs["Lockouts"] = e.Lockouts(ctx, h, epoch, nil, 1, "")
	_, _, errs["Timeline"] = e.Timeline(ctx, "user/user1", 0, 1)
	_, _, errs["Attempts"] = e.Attempts(ctx, false, "", 1)
	_, errs["SeqAt"] = e.SeqAt(ctx, epoch)
	_, errs["Checkpoint"] = e.Checkpoint()
	errs["Flush"] = e.Flush(ctx)
	errs["Wait"] = e.Wait(ctx, 1<<60)
	errs["Fold"] = e.Fold(h.commits[0])
	return errs
}

// TestSwitch rebuilds beside the old generation, with a crash at every step.
func TestSwitch(t *testing.T) {
	fs := vfs.NewCrashableMem()
	h := keptHistory(t, fs)
	old := open(t, "/d", quiet(fs))
	next, err := old.OpenNext()
	if err != nil {
		t.Fatal(err)
	}
	opensAs(t, fs, h, "generation-000001")
	fold(t, next, h)
	if d, err := Compare(t.Context(), old, next); d != nil || err != nil {
		t.Fatal(d, err)
	}
	opensAs(t, fs, h, "generation-000001")
	if err := next.Switch(t.Context()); err != nil {
		t.Fatal(err)
	}
	opensAs(t, fs, h, "generation-000002")
	checkStates(t, old, h)
	closeAll(t, old)
	opensAs(t, fs, h, "generation-000002")
	checkStates(t, next, h)
	closeAll(t, next)
	if got, want := list(t, fs), "CURRENT generation-000002"; got != want {
		t.Fatalf("the directory holds %s, want %s", got, want)
	}
}

// opensAs checks what a crash now would leave.
func opensAs(t *testing.T, fs *vfs.MemFS, h *history, generation string) {
	t.Helper()
	crashed := fs.CrashClone(vfs.CrashCloneCfg{})
	e := open(t, "/d", quiet(crashed))
	if e.generation != generation || e.Damage() != nil {
		t.Fatalf("a crash leaves %s, %v; want %s", e.generation, e.Damage(), generation)
	}
	checkStates(t, e, h)
	closeAll(t, e)
	if got, want := list(t, crashed), "CURRENT "+generation; got != want {
		t.Fatalf("the directory holds %s, want %s", got, want)
	}
}

func TestNextThatIsNotSwitchedToIsRemoved(t *testing.T) {
	fs := vfs.NewMem()
	h := keptHistory(t, fs)
	e := open(t, "/d", quiet(fs))
	next, err := e.OpenNext()
	if err != nil {
		t.Fatal(err)
	}
	closeAll(t, next)
	checkStates(t, e, h)
	closeAll(t, e)
	if got, want := list(t, fs), "CURRENT generation-000001"; got != want {
		t.Fatalf("the directory holds %s, want %s", got, want)
	}
}

func TestFatalMarksAndExits(t *testing.T) {
	for _, test := range []struct {
		err     error
		damaged bool
	}{{errors.New("MANIFEST sync failed"), true}, {syscall.ENOSPC, false}} {
		fs := vfs.NewMem()
		keptHistory(t, fs)
		o := quiet(fs)
		code := 0
		o.Exit = func(c int) { code = c }
		e := open(t, "/d", o)
		pebbleLog{e}.Fatalf("fatal commit error: %v", test.err)
		if code != ExitStorage {
			t.Fatalf("exit code %d", code)
		}
		closeAll(t, e)
		e = open(t, "/d", quiet(fs))
		if damaged := e.Damage() != nil; damaged != test.damaged {
			t.Fatalf("after %v: damage is %v", test.err, e.Damage())
		}
		closeAll(t, e)
	}
}
