package node

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"authledger/eventstore"
	"authledger/eventstore/backup"
	"authledger/eventstore/durable"
)

// backupOf is a backup with a copy of the keys, and a directory for its restore.
type backupOf struct {
	*rotating
	to       string // directory of the backup
	keys     string // path of the copy of the keys
	restored Options
}

func newBackupOf(t *testing.T, r *rotating) *backupOf {
	root := t.TempDir()
	b := &backupOf{r, filepath.Join(root, "backup"), filepath.Join(root, "keys"), r.o}
	b.restored.Dir = filepath.Join(root, "new", "restored")
	o := r.o
	o.Now = time.Now
	run := Backup{Options: o, Dir: b.to, Keys: b.keys,
		To: func(ctx context.Context, o backup.Options) (backup.Result, error) {
			return backup.ToDirectory(ctx, b.to, o)
		}}
	_, err := run.Run(t.Context())
	check(t, err)
	return b
}

// restore runs a restore without its completion.
func (b *backupOf) restore(ctx context.Context) error {
	b.t.Helper()
	from, err := backup.OpenDirectory(b.to)
	check(b.t, err)
	return (&Restore{Options: b.restored, From: from, Keys: b.keys}).Run(ctx)
}

// open opens the directory whose restore is not complete.
func (b *backupOf) open() *Directory {
	b.t.Helper()
	o := b.restored
	o.Restoring = true
	d, err := OpenReadOnly(b.t.Context(), o)
	check(b.t, err)
	return d
}

// put writes a file into the directory of the restore.
func (b *backupOf) put(name, text string) {
	b.t.Helper()
	check(b.t, os.MkdirAll(b.restored.Dir, 0o700))
	check(b.t, os.WriteFile(filepath.Join(b.restored.Dir, name), []byte(text), 0o600))
}

func (b *backupOf) wantText(name, want string) {
	b.t.Helper()
	if got := b.read(filepath.Join(b.restored.Dir, name)); got != strings.TrimSpace(want) {
		b.t.Errorf("%s: got %q, want %q", name, got, want)
	}
}

// TestRestore_KeepsOtherFiles checks that a restore that begins anew deletes the files of the
// incomplete restore, keeps every master key, and refuses a directory with any other file before it
// deletes a file.
func TestRestore_KeepsOtherFiles(t *testing.T) {
	r := newRotating(t)
	b := newBackupOf(t, r)
	b.put(MasterKeyName, r.read(r.master))
	b.put(MasterKeyName+formerSuffix, "former")
	b.put(MasterKeyName+nextSuffix, "next")
	check(t, b.restore(t.Context()))
	b.put("head.new", "staged")
	check(t, os.Mkdir(filepath.Join(b.restored.Dir, ScratchPrefix+"1"), 0o700))
	b.put("copy.keys", "the only copy")

	err := b.restore(t.Context())
	if err == nil || !strings.Contains(err.Error(), "copy.keys, which no restore") {
		t.Errorf("restore beside copy.keys: got %v, want an error that names the file", err)
	}
	b.wantText("copy.keys", "the only copy")
	b.wantText("head.new", "staged")
	check(t, os.Remove(filepath.Join(b.restored.Dir, "copy.keys")))
	check(t, b.restore(t.Context()))
	b.wantText(MasterKeyName+formerSuffix, "former")
	b.wantText(MasterKeyName+nextSuffix, "next")
	for _, name := range []string{"head.new", ScratchPrefix + "1"} {
		if _, err := os.Stat(filepath.Join(b.restored.Dir, name)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s after the second restore: got %v, want not found", name, err)
		}
	}
}

// TestCompleteRestore_UnderLock checks that only the process that has the directory open removes
// the mark of a restore, so that it can't remove the mark of a later restore.
func TestCompleteRestore_UnderLock(t *testing.T) {
	r := newRotating(t)
	b := newBackupOf(t, r)
	b.restored.MasterKeyFile = r.master
	check(t, b.restore(t.Context()))
	d := b.open()
	if err := b.restore(t.Context()); !errors.Is(err, ErrInUse) {
		t.Errorf("second restore meanwhile: got %v, want %v", err, ErrInUse)
	}
	check(t, d.Close())
	if err := d.CompleteRestore(); err == nil {
		t.Error("CompleteRestore of a closed directory: got nil, want an error")
	}
	if err := wantRestored(b.restored.Dir); !errors.Is(err, ErrRestoring) {
		t.Errorf("mark of the restore: got %v, want %v", err, ErrRestoring)
	}
	d = b.open()
	check(t, d.CompleteRestore())
	check(t, d.Close())
	check(t, wantRestored(b.restored.Dir))
}

// TestRestore_NextMasterKey checks that the next master key opens a copy of the keys that was made
// after a rotation.
func TestRestore_NextMasterKey(t *testing.T) {
	r := newRotating(t)
	former := r.read(r.master)
	if _, err := r.rotate(); err != nil {
		t.Fatal(err)
	}
	b := newBackupOf(t, r)
	b.restored.MasterKeyHex, b.restored.NextMasterKeyHex = former, r.read(r.master)
	check(t, b.restore(t.Context()))
	check(t, b.open().Close())

	b.restored.MasterKeyHex, b.restored.NextMasterKeyHex = "", ""
	b.put(MasterKeyName, former)
	b.put(MasterKeyName+nextSuffix, r.read(r.master))
	check(t, b.restore(t.Context()))
	d := b.open()
	check(t, d.CompleteRestore())
	check(t, d.Close())
	b.wantText(MasterKeyName, r.read(r.master))
	b.wantText(MasterKeyName+formerSuffix, former)
}

// TestRestore_FullDiskAdvice checks that a restore advises to free space only if the disk is nearly
// full.
func TestRestore_FullDiskAdvice(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := &Restore{Options: Options{Dir: t.TempDir()}}
	if free, err := durable.Free(r.Options.Dir); err != nil || free < eventstore.DiskFreeMin {
		t.Skipf("the disk of the test has %d bytes free, %v", free, err)
	}
	for _, ctx := range []context.Context{ctx, t.Context()} {
		if err := r.explainFull(ctx, errors.New("failed")); strings.Contains(err.Error(), "free space") {
			t.Errorf("got %v, want no advice about the disk", err)
		}
	}
}
