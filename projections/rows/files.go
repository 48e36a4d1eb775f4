package rows

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2/vfs"

	"authledger/eventstore/durable"
)

// Modes of files and directories, whatever the umask is. They are private because rows
// contain names of users.
const (
	privateFile = 0o600
	privateDir  = 0o700
)

// privateFS creates files of the operating system with private modes.
type privateFS struct{ vfs.FS }

func (p privateFS) Unwrap() vfs.FS { return p.FS }

func (p privateFS) MkdirAll(dir string, _ os.FileMode) error {
	if err := p.FS.MkdirAll(dir, privateDir); err != nil {
		return err
	}
	return os.Chmod(dir, privateDir)
}

func (p privateFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := p.FS.Create(name, c)
	return withPrivateMode(f, err, name)
}

func (p privateFS) OpenReadWrite(name string, c vfs.DiskWriteCategory, o ...vfs.OpenOption) (vfs.File, error) {
	f, err := p.FS.OpenReadWrite(name, c, o...)
	return withPrivateMode(f, err, name)
}

func (p privateFS) ReuseForWrite(old, name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := p.FS.ReuseForWrite(old, name, c)
	return withPrivateMode(f, err, name)
}

func (p privateFS) Lock(name string) (io.Closer, error) {
	lock, err := p.FS.Lock(name)
	if err == nil {
		if err = os.Chmod(name, privateFile); err != nil {
			err = errors.Join(err, lock.Close())
		}
	}
	return lock, err
}

// withPrivateMode makes the mode of a new file private. It closes the file and returns the
// error if that fails.
func withPrivateMode(f vfs.File, err error, name string) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(name, privateFile); err != nil {
		_ = f.Close() // the mode is the error to report
		return nil, err
	}
	return f, nil
}

// makePrivate makes the modes of existing files and directories private, because older
// builds wrote others. It returns [durable.ErrNotRegular] for a named pipe or a device: if
// Pebble opened a pipe, it would block until another process opened the other end.
func makePrivate(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		want := os.FileMode(privateFile)
		if d.IsDir() {
			want = privateDir
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() && !d.IsDir() {
			return durable.CheckRegular(path)
		}
		if info.Mode().Perm() == want {
			return nil
		}
		return os.Chmod(path, want)
	})
}
