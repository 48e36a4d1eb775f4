//go:build unix

package rows

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"authledger/eventstore/childtest"
)

func TestOpenWithoutDescriptorsKeepsGeneration(t *testing.T) {
	childtest.Run(t, openWithoutDescriptorsKeepsGeneration)
}

// Open without a free descriptor returns the error and leaves the generation on disk.
func openWithoutDescriptorsKeepsGeneration(t *testing.T) {
	dir := t.TempDir()
	o := quiet(vfs.Default)
	closeAll(t, open(t, dir, o))
	var err error
	childtest.LimitDescriptors(t, 0, func() { _, err = Open(dir, testSchema, o) })
	if !errors.Is(err, syscall.EMFILE) || errors.Is(err, ErrDamaged) {
		t.Errorf("Open: got %v, want EMFILE", err)
	}
	if aside, err := filepath.Glob(filepath.Join(dir, damagedPrefix+"*")); err != nil || len(aside) > 0 {
		t.Errorf("quarantined generations after a shortage: got %v, %v, want none", aside, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "generation-000001")); err != nil {
		t.Error(err)
	}
	e := open(t, dir, o)
	if err := e.Damage(); err != nil {
		t.Errorf("damage after a shortage: got %v, want nil", err)
	}
	closeAll(t, e)
}

func TestShortageWhileReadingIsNotDamage(t *testing.T) {
	fs := vfs.NewMem()
	foldAndClose(t, fs)
	e := open(t, "/d", quiet(fs))
	for _, cause := range []error{
		syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EACCES, syscall.EPERM, syscall.ENOSPC,
		syscall.EDQUOT,
		syscall.EINTR, syscall.EROFS,
	} {
		err := e.MarkDamaged(&os.PathError{Op: "open", Path: "000005.sst", Err: cause})
		if !errors.Is(err, cause) || errors.Is(err, ErrDamaged) || e.Damage() != nil {
			t.Errorf("MarkDamaged(%v): got %v, damage %v, want the cause and no damage", cause, err, e.Damage())
		}
	}
	closeAll(t, e)
}
