package guard

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"authledger/eventstore/durable"
)

const (
	private   = 0o700
	listName  = "files.json" // the guard's description of the files
	filesName = "files"      // the guard's directory of links and copies
	version   = 1            // of files.json
)

// guard is the guard of one account.
type guard struct {
	root string // the account's directory
	at   string // the guard's directory while it is valid
	list list
	made bool
}

// list describes the files of an account when its guard was made.
type list struct {
	Version int      `json:"version"`
	Dirs    []string `json:"dirs"`  // below root, parents first
	Files   []file   `json:"files"` // below root
}

// file describes one file of the account. If Linked is set, the guard holds a hard link to the
// server's file, and otherwise a copy.
type file struct {
	Path   string      `json:"path"`
	Size   int64       `json:"size"`
	Mode   os.FileMode `json:"mode"`
	Linked bool        `json:"linked"`

	changed time.Time // of its bytes
}

// make writes the guard. An error leaves an incomplete guard, which the next Begin deletes.
func (g *guard) make() error {
	g.list.Version = version
	building := g.at + incomplete
	if err := os.RemoveAll(building); err != nil {
		return err
	}
	files := filepath.Join(building, filesName)
	if err := makeDirs(files, g.root); err != nil {
		return err
	}
	for _, dir := range g.list.Dirs {
		if err := makeDirs(filepath.Join(files, dir), g.root); err != nil {
			return err
		}
	}
	for i := range g.list.Files {
		if err := g.keep(&g.list.Files[i], files); err != nil {
			return err
		}
	}
	text, err := json.Marshal(&g.list)
	if err != nil {
		return err
	}
	if err := durable.Replace(filepath.Join(building, listName), text); err != nil {
		return err
	}
	for _, dir := range g.list.Dirs {
		if err := durable.SyncDir(filepath.Join(files, dir)); err != nil {
			return err
		}
	}
	if err := errors.Join(durable.SyncDir(files), durable.SyncDir(building)); err != nil {
		return err
	}
	if err := os.Rename(building, g.at); err != nil {
		return err
	}
	g.made = true
	return errors.Join(durable.SyncDir(filepath.Dir(g.at)), durable.SyncDir(filepath.Dir(filepath.Dir(g.at))))
}

// keep links or copies one file into the guard.
func (g *guard) keep(f *file, files string) error {
	from, to := filepath.Join(g.root, f.Path), filepath.Join(files, f.Path)
	if f.Linked {
		err := os.Link(from, to)
		if err == nil || !isWithoutLinks(err) {
			return err
		}
		f.Linked = false
	}
	return copyFile(from, to, f.Size, f.Mode)
}

// load reads the description of a valid guard.
func (g *guard) load() error {
	text, err := durable.ReadFile(filepath.Join(g.at, listName))
	if err == nil {
		err = json.Unmarshal(text, &g.list)
	}
	if err == nil && g.list.Version != version {
		err = fmt.Errorf("version %d is not supported: use the program that made it", g.list.Version)
	}
	if err != nil {
		return fmt.Errorf("read the guard %s: %w", g.at, err)
	}
	g.made = true
	return nil
}

// release makes the guard invalid and deletes it.
func (g *guard) release() error {
	if !g.made {
		return os.RemoveAll(g.at + incomplete)
	}
	done := g.at + released
	if err := os.RemoveAll(done); err != nil {
		return err
	}
	if err := os.Rename(g.at, done); err != nil {
		return err
	}
	g.made = false
	if err := durable.SyncDir(filepath.Dir(g.at)); err != nil {
		return err
	}
	return os.RemoveAll(done)
}

// streams returns the names of the directories of streams.
func (g *guard) streams() (all []string) {
	for _, dir := range g.list.Dirs {
		if parent, name := filepath.Split(dir); filepath.Clean(parent) == streamsDir && !strings.HasPrefix(name, ".") {
			all = append(all, name)
		}
	}
	return all
}
