package node

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"authledger/adapters/intake"
	"authledger/eventstore"
	"authledger/eventstore/guard"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
	"authledger/projections"
)

// ExitFault is the exit code of a process that a fault of the log ended.
const ExitFault = 3

// intact returns a check of the newest block of the log, and of the directories of the keys, the
// intake and the dead letters. The check returns a *eventstore.Fault if one of them was deleted,
// replaced or truncated since the first call. It returns the error of the log's server or of the
// rows if they can't be written.
func (d *Directory) intact() func() error {
	files := d.intactFiles()
	d.files.Store(&files)
	return func() error {
		if err := errors.Join(d.LogServer.Err(), d.Rows.Err()); err != nil {
			return err
		}
		return files()
	}
}

// exit ends the process because Pebble can't continue. If files of the log or the keys are lost,
// too, the loss is a fault, and the exit code is ExitFault.
func (d *Directory) exit(code int) {
	if files := d.files.Load(); code == projections.ExitStorage && files != nil {
		if err := (*files)(); errors.As(err, new(*eventstore.Fault)) {
			d.Options.Log.Error("files of the data directory are lost, the process ends", "error", err)
			code = ExitFault
		}
	}
	d.end(code)
}

func (d *Directory) intactFiles() func() error {
	log := guard.NewWatch(filepath.Join(d.Options.Dir, LogDir), natsd.LogAccount, jetstream.StreamName(d.Options.Realm))
	dirs := []watchedDir{
		{path: filepath.Join(d.Options.Dir, KeysDir), isRequired: true},
		{path: d.intakeStreamDir(intake.StreamName(d.Options.Realm))},
		{path: d.intakeStreamDir(intake.DeadLetterStreamName(d.Options.Realm))},
	}
	var mu sync.Mutex // exit calls the check from a goroutine of Pebble
	return func() error {
		mu.Lock()
		defer mu.Unlock()
		for i := range dirs {
			if err := dirs[i].check(); err != nil {
				return err
			}
		}
		return d.blame(log.Check())
	}
}

func (d *Directory) intakeStreamDir(stream string) string {
	return natsd.StreamDir(filepath.Join(d.Options.Dir, LogDir), natsd.NodeAccount, stream)
}

// watchedDir is a directory that MUST NOT be deleted or replaced while the node runs. The files in the
// directory of an intake stream are not watched, because the server replaces them when the node removes
// messages.
type watchedDir struct {
	path       string
	isRequired bool        // false: the directory may be missing until it exists
	first      os.FileInfo // of the first check that found the directory
}

func (w *watchedDir) check() error {
	now, err := os.Stat(w.path)
	isMissing := errors.Is(err, os.ErrNotExist)
	switch {
	case isMissing && w.first == nil && !w.isRequired:
		return nil
	case err != nil && !isMissing:
		return fmt.Errorf("check a directory of the node: %w", err)
	case isMissing || w.first != nil && !os.SameFile(w.first, now):
		return eventstore.Faultf(0, "%s was deleted or replaced while the node ran: restore the directory from a backup, then start again", w.path)
	case w.first == nil:
		w.first = now
	}
	return nil
}

// blame replaces a fault of the newest block by the error of the server, if the server failed.
// After a failed write the server removes the incomplete record, which it never acknowledged.
// The next start checks whether the log is intact.
func (d *Directory) blame(err error) error {
	if !errors.As(err, new(*eventstore.Fault)) {
		return err
	}
	if failed := d.LogServer.Examine(); failed != nil {
		return failed
	}
	return err
}
