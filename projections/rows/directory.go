package rows

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// The directory holds generations of the rows, a small file that names the current
// generation, the newest quarantined generation, and a lock for one process.
//
//	CURRENT             contains generation-000002
//	LOCK
//	generation-000002/  the current generation, with the id of its ledger in LEDGER
//	generation-000003/  a generation that is being folded, or that a crash left
//	damaged-000001/     a quarantined generation, with the reason in DAMAGED
//
// Only the rename of CURRENT changes which generation is current. A crash before or after
// the rename leaves a generation that CURRENT does not name. The next Open removes it.
const (
	currentFile      = "CURRENT"
	lockFile         = "LOCK"
	markFile         = "DAMAGED"
	temporary        = ".tmp"
	generationPrefix = "generation-"
	damagedPrefix    = "damaged-"
	smallFileMax     = 4 << 10 // bytes of CURRENT, DAMAGED or LEDGER
)

var (
	errCurrent = errors.New("invalid " + currentFile + ": it does not name a generation")
	errMissing = errors.New("generation named by " + currentFile + " not found")
)

// directory is a directory of generations, shared by the stores that are open in it. It is
// safe for concurrent use.
type directory struct {
	options Options
	schema  Schema
	fs      vfs.FS
	dir     string

	mu      sync.Mutex
	current string // name of the current generation, "" before the first
	stores  int    // number of open stores
	lock    io.Closer
}

func openDirectory(dir string, schema Schema, o Options) (*directory, error) {
	d := &directory{options: o, schema: schema, fs: o.FS, dir: dir}
	if err := d.fs.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := d.sync(d.fs.PathDir(dir)); err != nil {
		return nil, err
	}
	lock, err := d.fs.Lock(d.path(lockFile))
	if err != nil {
		return nil, fmt.Errorf("lock %s, which another process may hold: %w", lockFile, err)
	}
	d.lock = lock
	if _, private := d.fs.(privateFS); private {
		if err := makePrivate(dir); err != nil {
			return nil, errors.Join(err, lock.Close())
		}
	}
	return d, nil
}

func (d *directory) path(names ...string) string {
	return d.fs.PathJoin(append([]string{d.dir}, names...)...)
}

func (d *directory) setCurrent(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.current = name
}

// readCurrent returns the name of the current generation, "" if CURRENT does not exist.
func (d *directory) readCurrent() (string, error) {
	f, err := d.fs.Open(d.path(currentFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, smallFileMax))
	if err != nil {
		return "", err
	}
	name, whole := strings.CutSuffix(string(b), "\n")
	if _, ok := number(name); !whole || !ok || !strings.HasPrefix(name, generationPrefix) {
		return "", errCurrent
	}
	return name, nil
}

// writeCurrent makes a generation the current one. It returns after fsync.
func (d *directory) writeCurrent(name string) error {
	if err := d.sync(d.dir); err != nil { // the generation is durable before CURRENT names it
		return err
	}
	if err := d.write(d.path(currentFile+temporary), name+"\n"); err != nil {
		return err
	}
	if err := d.fs.Rename(d.path(currentFile+temporary), d.path(currentFile)); err != nil {
		return err
	}
	d.setCurrent(name)
	return d.sync(d.dir)
}

func (d *directory) write(path, text string) error {
	f, err := d.fs.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write([]byte(text))
	return errors.Join(err, f.Sync(), f.Close())
}

func (d *directory) sync(dir string) error {
	f, err := d.fs.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// mark makes the next Open quarantine the generation. It logs an error and returns,
// because the next reader of the damaged rows calls mark again.
func (d *directory) mark(name, reason string) {
	reason = reason[:min(len(reason), smallFileMax)]
	if err := d.write(d.path(name, markFile), reason+"\n"); err != nil {
		d.options.Log.Error("mark generation as damaged", "generation", name, "error", err)
	}
}

// checkUnmarked returns the reason in DAMAGED if the generation is marked as damaged, and
// errMissing if the generation does not exist.
func (d *directory) checkUnmarked(name string) error {
	if _, err := d.fs.Stat(d.path(name)); err != nil {
		return fmt.Errorf("%w: %w", errMissing, err)
	}
	f, err := d.fs.Open(d.path(name, markFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	reason, err := io.ReadAll(io.LimitReader(f, smallFileMax))
	return errors.Join(errors.New(strings.TrimSpace(string(reason))), err)
}

// quarantine keeps a damaged generation for inspection, and removes the generation that
// was quarantined before. Nothing happens if the generation does not exist.
func (d *directory) quarantine(name, reason string) error {
	if _, err := d.fs.Stat(d.path(name)); name == "" || err != nil {
		return nil
	}
	d.mark(name, reason)
	if err := d.remove(damagedPrefix, ""); err != nil {
		return err
	}
	n, _ := number(name)
	if err := d.fs.Rename(d.path(name), d.path(numbered(damagedPrefix, n))); err != nil {
		return err
	}
	return d.sync(d.dir)
}

// removeOld removes all generations but the current one. A crash or Switch leaves them.
func (d *directory) removeOld() {
	d.mu.Lock()
	current := d.current
	d.mu.Unlock()
	if err := d.remove(generationPrefix, current); err != nil {
		d.options.Log.Warn("remove old generations", "error", err)
	}
}

// remove deletes all generations with the prefix, except the generation keep.
func (d *directory) remove(prefix, keep string) error {
	names, err := d.fs.List(d.dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, ok := number(name); !ok || !strings.HasPrefix(name, prefix) || name == keep {
			continue
		}
		if err := d.fs.RemoveAll(d.path(name)); err != nil {
			return err
		}
	}
	return nil
}

// nextName returns a name with a number above those of all generations in the directory.
func (d *directory) nextName() (string, error) {
	names, err := d.fs.List(d.dir)
	if err != nil {
		return "", err
	}
	most := 0
	for _, name := range names {
		if n, ok := number(name); ok {
			most = max(most, n)
		}
	}
	return numbered(generationPrefix, most+1), nil
}

func numbered(prefix string, n int) string { return fmt.Sprintf("%s%06d", prefix, n) }

// number returns the number of a generation, and whether name is the name of a generation.
func number(name string) (int, bool) {
	digits, ok := strings.CutPrefix(name, generationPrefix)
	if !ok {
		digits, ok = strings.CutPrefix(name, damagedPrefix)
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	return int(n), ok && err == nil
}

// attach counts an open store.
func (d *directory) attach() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stores++
}

// detach counts a closed store. It removes the generation of the store unless that
// generation is current, and releases the lock after the last store.
func (d *directory) detach(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var err error
	if name != d.current {
		err = d.fs.RemoveAll(d.path(name))
	}
	d.stores--
	return errors.Join(err, d.unlock())
}

// release releases the lock of the directory unless a store is open in it.
func (d *directory) release() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.unlock()
}

func (d *directory) unlock() error {
	if d.stores > 0 || d.lock == nil {
		return nil
	}
	lock := d.lock
	d.lock = nil
	return lock.Close()
}
