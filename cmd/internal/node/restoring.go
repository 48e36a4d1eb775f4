package node

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"authledger/eventstore"
	"authledger/eventstore/durable"
)

// restoringName is the file that marks a directory whose restore is not complete. It is written
// first and removed last.
const restoringName = "restoring"

// ScratchPrefix begins the names of the temporary directories of verifications in a data directory.
const ScratchPrefix = "verify-"

// ErrRestoring reports a directory whose restore is not complete.
var ErrRestoring = errors.New("the restore of the directory is not complete")

// wantRestored returns a *eventstore.Fault if the restore of a directory is not complete.
func wantRestored(dir string) error {
	_, err := os.Lstat(filepath.Join(dir, restoringName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for an incomplete restore: %w", err)
	}
	return &eventstore.Fault{
		Err: fmt.Errorf("%s: %w: run the same `authledger restore` again, which begins anew", dir, ErrRestoring),
	}
}

// CompleteRestore removes the mark of an incomplete restore. The directory is open, so that no
// other restore writes into it meanwhile.
func (d *Directory) CompleteRestore() error {
	if len(d.opened) == 0 {
		return errors.New("complete the restore: the directory is closed")
	}
	if err := os.Remove(filepath.Join(d.Options.Dir, restoringName)); err != nil {
		return fmt.Errorf("complete the restore: %w", err)
	}
	return durable.SyncDir(d.Options.Dir)
}

// isKept reports whether a restore keeps a file that it finds in the directory. It keeps every
// master key, because the file may be the only copy.
func isKept(name string) bool {
	switch name {
	case MasterKeyName, MasterKeyName + nextSuffix, MasterKeyName + formerSuffix, lockName, "lost+found":
		return true
	}
	return false
}

// isRestored reports whether a restore, or a node that refused its incomplete directory, writes a
// file or a directory of this name, possibly under a temporary name.
func isRestored(name string) bool {
	switch strings.TrimSuffix(strings.TrimSuffix(name, ".new"), ".lock") {
	case restoringName, LogDir, KeysDir, "head", "ledger.json", ProjectionsDir, MasterKeyName, RunDir:
		return true
	}
	return strings.HasPrefix(name, ScratchPrefix)
}

// remains returns the names in the directory that a restore deletes before it begins. It returns an
// error unless a backup can be restored into the directory: the directory holds only files that a
// restore keeps and, if the restore of the directory is not complete, files that a restore writes.
func remains(dir string) (names []string, err error) {
	err = wantRestored(dir)
	isMarked := errors.Is(err, ErrRestoring)
	if err != nil && !isMarked {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the data directory: %w", err)
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case isKept(name):
		case !isMarked:
			return nil, fmt.Errorf("%s is not empty, it contains %s: name an empty directory with --data", dir, name)
		case !isRestored(name):
			return nil, fmt.Errorf("%s contains %s, which no restore has written: "+
				"move it to another directory, then run the same command again", dir, name)
		case name != restoringName:
			names = append(names, name)
		}
	}
	return names, nil
}

// begin marks the directory, and deletes the remains of an incomplete restore.
func begin(dir string) error {
	names, err := remains(dir) // again, under the lock
	if err != nil {
		return err
	}
	if err := durable.Replace(filepath.Join(dir, restoringName), nil); err != nil {
		return err
	}
	for _, name := range names {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return durable.SyncDir(dir)
}
