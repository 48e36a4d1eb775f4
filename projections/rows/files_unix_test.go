//go:build unix

package rows

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// The modes are private, also after another program changed them.
func TestFilesArePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "projections")
	for range 2 {
		e := open(t, dir, Options{})
		if e.Position().Seq == 0 {
			fold(t, e, 50)
		}
		closeAll(t, e)
		wantPrivate(t, dir)
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil {
				err = os.Chmod(path, 0o755)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	closeAll(t, open(t, dir, Options{}))
	wantPrivate(t, dir)
}

func wantPrivate(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: got mode %v, want no permissions of group and others", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
