package rows

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// ofLedger returns the options of a ledger.
func ofLedger(fs vfs.FS, id string) Options {
	o := quiet(fs)
	o.Ledger = id
	return o
}

// Open for another ledger returns an error, and with Replace begins new rows.
func TestOpenForOtherLedger(t *testing.T) {
	fs := vfs.NewMem()
	e := open(t, "/d", ofLedger(fs, "LEDGERONE"))
	fold(t, e, 20)
	end := e.Position()
	closeAll(t, e)
	for range 2 {
		if e, err := Open("/d", testSchema, ofLedger(fs, "LEDGERTWO")); !errors.Is(err, ErrOtherLedger) ||
			!strings.Contains(err.Error(), "LEDGERONE") {
			closeAll(t, e)
			t.Fatalf("Open for another ledger: got %v, want %v", err, ErrOtherLedger)
		}
	}
	e = open(t, "/d", ofLedger(fs, "LEDGERONE"))
	if e.Position() != end || e.Rebuilding() != "" {
		t.Errorf("Open for the same ledger: got %+v, rebuilding %q", e.Position(), e.Rebuilding())
	}
	closeAll(t, e)

	o := ofLedger(fs, "LEDGERTWO")
	o.Replace = true
	e = open(t, "/d", o)
	if e.Position().Seq != 0 || !strings.Contains(e.Rebuilding(), "another ledger") {
		t.Errorf("Open with Replace: got %+v, rebuilding %q, want another ledger", e.Position(), e.Rebuilding())
	}
	closeAll(t, e)
	closeAll(t, open(t, "/d", ofLedger(fs, "LEDGERTWO")))
	if e, err := Open("/d", testSchema, ofLedger(fs, "LEDGERONE")); !errors.Is(err, ErrOtherLedger) {
		closeAll(t, e)
		t.Fatalf("Open for the replaced ledger: got %v, want %v", err, ErrOtherLedger)
	}
}

// Bind writes the id of the ledger into rows of an older build, which have no id.
func TestBindWritesLedger(t *testing.T) {
	fs := vfs.NewMem()
	end := foldAndClose(t, fs)
	e := open(t, "/d", ofLedger(fs, "LEDGERONE"))
	if e.Position() != end {
		t.Fatalf("position of rows without a ledger: got %+v, want %+v", e.Position(), end)
	}
	closeAll(t, e)
	closeAll(t, open(t, "/d", ofLedger(fs, "LEDGERTWO"))) // no call of Bind yet
	e = open(t, "/d", ofLedger(fs, "LEDGERONE"))
	for range 2 {
		if err := e.Bind(); err != nil {
			t.Fatal(err)
		}
	}
	closeAll(t, e)
	if e, err := Open("/d", testSchema, ofLedger(fs, "LEDGERTWO")); !errors.Is(err, ErrOtherLedger) {
		closeAll(t, e)
		t.Fatalf("Open for another ledger: got %v, want %v", err, ErrOtherLedger)
	}
	closeAll(t, open(t, "/d", quiet(fs))) // a caller without a ledger
}

// A damaged LEDGER file is damage, and not another ledger.
func TestDamagedLedgerFile(t *testing.T) {
	dir := t.TempDir()
	o := quiet(nil)
	o.Ledger = "LEDGERONE"
	closeAll(t, open(t, dir, o))
	for round := 1; round <= 3; round++ {
		path := filepath.Join(dir, numbered(generationPrefix, round), ledgerFile)
		name, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name[round*4] ^= 1
		if err := os.WriteFile(path, name, fs.FileMode(0o600)); err != nil {
			t.Fatal(err)
		}
		e := open(t, dir, o)
		if !errors.Is(e.Damage(), ErrDamaged) || !strings.Contains(e.Damage().Error(), ledgerFile) {
			t.Errorf("flip in byte %d: got %v, want ErrDamaged", round*4, e.Damage())
		}
		closeAll(t, e)
	}
}
