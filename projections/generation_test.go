package projections

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"authledger/projections/logtest"
)

// foldedHistory folds a history into rows in the directory /d, and closes them.
func foldedHistory(t *testing.T, fs vfs.FS) *logtest.History {
	h := logtest.NewHistory()
	logtest.NewGenerator(1, 5).Write(h, 500, 9)
	e := open(t, "/d", quiet(fs))
	fold(t, e, h)
	closeAll(t, e)
	return h
}

// list returns the names in the directory /d, without the lock.
func list(t *testing.T, fs vfs.FS) string {
	names, err := fs.List("/d")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, name := range names {
		if name != "LOCK" {
			all = append(all, name)
		}
	}
	return strings.Join(sortedNames(all), " ")
}

func wantList(t *testing.T, fs vfs.FS, want string) {
	t.Helper()
	if got := list(t, fs); got != want {
		t.Fatalf("files: got %s, want %s", got, want)
	}
}

func TestOpenContinuesAtPosition(t *testing.T) {
	fs := vfs.NewMem()
	h := foldedHistory(t, fs)
	e := open(t, "/d", quiet(fs))
	if p := h.Commits[len(h.Commits)-1].End(); e.Position() != p || e.Rebuilding() != "" || e.Damage() != nil {
		t.Fatalf("Open: got %+v, rebuilding %q, damage %v, want %+v", e.Position(), e.Rebuilding(), e.Damage(), p)
	}
	checkStates(t, e, h)
	closeAll(t, e)
	errs := map[string]error{"Close": e.Close(), "Fold": e.Fold(h.Commits[0])}
	_, errs["User"] = e.User("user1")
	for call, err := range errs {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s after Close: got %v, want %v", call, err, ErrClosed)
		}
	}
}

func TestOpenRebuildsRowsOfOtherVersion(t *testing.T) {
	fs := vfs.NewMem()
	h := foldedHistory(t, fs)
	timeline.Version++
	defer func() { timeline.Version-- }()
	e := open(t, "/d", quiet(fs))
	if e.Position().Seq != 0 || !strings.Contains(e.Rebuilding(), "timeline@2") || e.Damage() != nil {
		t.Fatalf("Open: got %+v, rebuilding %q, damage %v, want record 0 and timeline@2", e.Position(),
			e.Rebuilding(), e.Damage())
	}
	fold(t, e, h)
	checkRows(t, e, h)
	closeAll(t, e)
	wantList(t, fs, "CURRENT generation-000002")
	e = open(t, "/d", quiet(fs))
	if e.Position().Seq == 0 || e.Rebuilding() != "" {
		t.Fatalf("second Open: got record %d, rebuilding %q, want the rows", e.Position().Seq, e.Rebuilding())
	}
	closeAll(t, e)
}

func TestDamagedRowsAreQuarantined(t *testing.T) {
	const cause = "error of the test"
	fs := vfs.NewMem()
	h := foldedHistory(t, fs)
	for _, want := range []string{
		"CURRENT damaged-000001 generation-000002",
		"CURRENT damaged-000002 generation-000003",
	} {
		e := open(t, "/d", quiet(fs))
		fold(t, e, h)
		if err := e.MarkDamaged(errors.New(cause)); !errors.Is(err, ErrDamaged) {
			t.Fatalf("MarkDamaged: got %v, want %v", err, ErrDamaged)
		}
		for call, err := range callAll(t.Context(), e, h) {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("%s of a damaged engine: got %v, want %v", call, err, ErrDamaged)
			}
		}
		_ = e.Close() // after damage any error is right
		e = open(t, "/d", quiet(fs))
		err := e.Damage()
		if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), cause) || e.Position().Seq != 0 {
			t.Fatalf("Open after damage: got %v at record %d, want %q at record 0", err, e.Position().Seq, cause)
		}
		fold(t, e, h)
		checkRows(t, e, h)
		closeAll(t, e)
		wantList(t, fs, want)
	}
}

// callAll returns the error of each method that reads or folds.
func callAll(ctx context.Context, e *Engine, h *logtest.History) map[string]error {
	errs := map[string]error{}
	_, errs["User"] = e.User("user1")
	_, errs["Clock"] = e.Clock("source/0001")
	_, _, _, errs["Command"] = e.Command("gateway/portal", "e-1")
	_, errs["Locate"] = e.Locate(1)
	_, errs["Due"] = e.Due(logtest.Epoch, 1)
	_, errs["View"] = e.View(ctx)
	_, _, errs["CurrentUser"] = e.CurrentUser("user1")
	_, _, errs["EntityRecords"] = e.EntityRecords(ctx, "user/user1", 0, 1)
	_, errs["Checkpoint"] = e.Checkpoint()
	errs["Flush"] = e.Flush(ctx)
	errs["Wait"] = e.Wait(ctx, 1<<60)
	errs["Fold"] = e.Fold(h.Commits[0])
	return errs
}

// TestSwitchSurvivesCrash checks which generation Open opens after a crash, before and after
// each step of a rebuild beside the current generation.
func TestSwitchSurvivesCrash(t *testing.T) {
	fs := vfs.NewCrashableMem()
	h := foldedHistory(t, fs)
	old := open(t, "/d", quiet(fs))
	next, err := old.OpenNext()
	if err != nil {
		t.Fatal(err)
	}
	checkCrash(t, fs, h, "generation-000001")
	fold(t, next, h)
	if d, err := Compare(t.Context(), old, next); d != nil || err != nil {
		t.Fatalf("Compare: got %v, %v, want no difference", d, err)
	}
	checkCrash(t, fs, h, "generation-000001")
	if err := next.Switch(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkCrash(t, fs, h, "generation-000002")
	checkStates(t, old, h)
	closeAll(t, old)
	checkCrash(t, fs, h, "generation-000002")
	checkStates(t, next, h)
	closeAll(t, next)
	wantList(t, fs, "CURRENT generation-000002")
}

// checkCrash checks which generation Open opens after a crash now, and its states.
func checkCrash(t *testing.T, fs *vfs.MemFS, h *logtest.History, generation string) {
	t.Helper()
	crashed := fs.CrashClone(vfs.CrashCloneCfg{})
	e := open(t, "/d", quiet(crashed))
	if e.Generation() != generation || e.Damage() != nil {
		t.Fatalf("Open after a crash: got %s, damage %v, want %s", e.Generation(), e.Damage(), generation)
	}
	checkStates(t, e, h)
	closeAll(t, e)
	wantList(t, crashed, "CURRENT "+generation)
}

func TestCloseBeforeSwitchRemovesGeneration(t *testing.T) {
	fs := vfs.NewMem()
	h := foldedHistory(t, fs)
	e := open(t, "/d", quiet(fs))
	next, err := e.OpenNext()
	if err != nil {
		t.Fatal(err)
	}
	closeAll(t, next)
	checkStates(t, e, h)
	closeAll(t, e)
	wantList(t, fs, "CURRENT generation-000001")
}
