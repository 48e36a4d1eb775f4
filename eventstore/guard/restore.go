package guard

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"authledger/eventstore/durable"
)

// staged is the suffix of a file that restore renames into its place.
const staged = ".guard"

// restore puts every file back, deletes the files that the server has added, and
// releases the guard. It may be interrupted between any two steps and run again, because
// the guard's own files stay until all files are back.
func (g *guard) restore() error {
	if !g.made {
		return nil
	}
	files := filepath.Join(g.at, filesName)
	for _, dir := range append([]string{"."}, g.list.Dirs...) {
		if err := makeDirs(filepath.Join(g.root, dir), g.at); err != nil {
			return err
		}
	}
	if err := g.removeAdded(); err != nil {
		return err
	}
	for i := range g.list.Files {
		if err := putBack(files, g.root, &g.list.Files[i]); err != nil {
			return err
		}
	}
	for _, dir := range append([]string{"."}, g.list.Dirs...) {
		if err := durable.SyncDir(filepath.Join(g.root, dir)); err != nil {
			return err
		}
	}
	return g.release()
}

// removeAdded deletes the files and directories that are not in the list.
func (g *guard) removeAdded() error {
	known := map[string]bool{".": true}
	for _, dir := range g.list.Dirs {
		known[dir] = true
	}
	for i := range g.list.Files {
		known[g.list.Files[i].Path] = true
	}
	return filepath.WalkDir(g.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(g.root, path)
		switch {
		case err != nil || known[rel]:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir // a stream that the server was deleting
		case d.IsDir():
			if err := os.RemoveAll(path); err != nil {
				return err
			}
			return fs.SkipDir
		}
		return os.Remove(path)
	})
}

// putBack gives a file the bytes that it had when the guard was made.
func putBack(files, root string, f *file) error {
	from, to := filepath.Join(files, f.Path), filepath.Join(root, f.Path)
	same, err := isSame(from, to, f)
	if err != nil || same {
		return err
	}
	if f.Linked {
		err = os.Link(from, to+staged)
	} else {
		err = copyFile(from, to+staged, f.Size, f.Mode)
	}
	if err != nil {
		return err
	}
	return os.Rename(to+staged, to)
}

// isSame reports whether a file still has the guard's bytes.
func isSame(from, to string, f *file) (bool, error) {
	kept, err := os.Lstat(from)
	if err != nil {
		return false, err
	}
	now, err := os.Lstat(to)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if f.Linked || now.Size() != kept.Size() || !now.Mode().IsRegular() {
		return os.SameFile(kept, now), nil
	}
	was, err := durable.ReadFile(from)
	if err != nil {
		return false, err
	}
	is, err := durable.ReadFile(to)
	return bytes.Equal(was, is), err
}

// copyFile copies the first size bytes of a file and syncs the copy.
func copyFile(from, to string, size int64, mode os.FileMode) error {
	in, err := os.OpenFile(from, openFlags, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := durable.Create(to)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, io.LimitReader(in, size))
	if err == nil && n != size {
		err = fmt.Errorf("copy %s: it has %d bytes, want %d", from, n, size)
	}
	return errors.Join(err, out.Chmod(mode), out.Sync(), out.Close())
}
