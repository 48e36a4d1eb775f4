package seal

import (
	"errors"
	"os"
	"path/filepath"

	"authledger/eventstore/durable"
)

const (
	keysName = "keys"
	ringName = "ring" // directory of the chunks

	// stageSuffix marks a file that is being written. The next Open after a crash removes it.
	stageSuffix = ".new"

	privateFile = 0o600
	privateDir  = 0o700
)

// disk changes the files of a store.
type disk struct {
	// did is called after each change, before its error is returned; nil for no call. Tests count
	// the syncs with it, and copy the files as a crash at that point leaves them.
	did func(op operation, path string)
}

// operation is the kind of a change of the disk.
type operation string

const (
	wrote   operation = "write"
	synced  operation = "sync"    // of a file
	renamed operation = "rename"  // of a staged file; path is the new name
	settled operation = "syncdir" // of a directory
)

func (d disk) note(op operation, path string) {
	if d.did != nil {
		d.did(op, path)
	}
}

func (d disk) sync(f *os.File, path string) error {
	err := f.Sync()
	d.note(synced, path)
	return err
}

func (d disk) writeSlot(f *os.File, path string, at int64, encoded []byte) error {
	_, err := f.WriteAt(encoded, at)
	d.note(wrote, path)
	return err
}

// stage writes a new file beside the file at path and syncs it.
func (d disk) stage(path string, write func(*os.File) error) (*os.File, error) {
	staged := path + stageSuffix
	if err := os.Remove(staged); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	f, err := os.OpenFile(staged, os.O_RDWR|os.O_CREATE|os.O_EXCL, privateFile)
	if err != nil {
		return nil, err
	}
	if err = write(f); err == nil {
		d.note(wrote, staged)
		err = d.sync(f, staged)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(staged))
	}
	return f, nil
}

// install replaces the file at path by the staged file. If install returns an error, either
// file may be at path after a crash.
func (d disk) install(path string) error {
	if err := os.Rename(path+stageSuffix, path); err != nil {
		return err
	}
	d.note(renamed, path)
	err := durable.SyncDir(filepath.Dir(path))
	d.note(settled, filepath.Dir(path))
	return err
}

// unstage removes the staged files of a crashed process. They hold keys, and a key that is
// destroyed later must not stay there.
func unstage(dir string) error {
	staged, err := filepath.Glob(filepath.Join(dir, ringName, "*"+stageSuffix))
	if err != nil {
		return err
	}
	for _, path := range append(staged, filepath.Join(dir, keysName+stageSuffix)) {
		err := os.Remove(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err := errors.Join(err, durable.SyncDir(filepath.Dir(path))); err != nil {
			return err
		}
	}
	return nil
}

func makeDir(dir string) error {
	if err := os.MkdirAll(dir, privateDir); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(filepath.Clean(dir)))
}
