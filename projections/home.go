package projections

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

// What lies in the directory: generations, of which a small file names the one
// that counts; the newest that was set aside; and a lock, so that one process
// holds it all.
//
//	CURRENT             generation-000002
//	LOCK
//	generation-000002/  what counts
//	generation-000003/  being built beside it, or left over
//	damaged-000001/     set aside, with the reason in DAMAGED
//
// The one step that changes which generation counts is the renaming of CURRENT.
// A crash before or after it leaves a generation that nothing names; the next
// Open removes it.
const (
	currentFile      = "CURRENT"
	lockFile         = "LOCK"
	markFile         = "DAMAGED"
	temporary        = ".tmp"
	generationPrefix = "generation-"
	damagedPrefix    = "damaged-"
	smallFileMax     = 4 << 10 // bytes of CURRENT, or of DAMAGED
)

var (
	errCurrent = errors.New(currentFile + " names no generation")
	errMissing = errors.New("the generation that " + currentFile + " names is missing")
)

// home is the directory, shared by the engines that are open in it. It is safe
// for concurrent use.
type home struct {
	options Options
	fs      vfs.FS
	dir     string

	mu      sync.Mutex
	current string // generation that counts, "" if none does yet
	engines int    // that are open
	lock    io.Closer
}

func openHome(dir string, o Options) (*home, error) {
	h := &home{options: o, fs: o.fs, dir: dir}
	if err := h.fs.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := h.sync(h.fs.PathDir(dir)); err != nil {
		return nil, err
	}
	lock, err := h.fs.Lock(h.path(lockFile))
	if err != nil {
		return nil, fmt.Errorf("lock it, another process may hold it: %w", err)
	}
	h.lock = lock
	return h, nil
}

func (h *home) path(names ...string) string {
	return h.fs.PathJoin(append([]string{h.dir}, names...)...)
}

func (h *home) setCurrent(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.current = name
}

// readCurrent returns the name of the generation that counts, "" if there was
// never one.
func (h *home) readCurrent() (string, error) {
	f, err := h.fs.Open(h.path(currentFile))
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

// writeCurrent makes a generation the one that counts, for good.
func (h *home) writeCurrent(name string) error {
	if err := h.sync(h.dir); err != nil { // the generation is there before its name
		return err
	}
	if err := h.write(h.path(currentFile+temporary), name+"\n"); err != nil {
		return err
	}
	if err := h.fs.Rename(h.path(currentFile+temporary), h.path(currentFile)); err != nil {
		return err
	}
	h.setCurrent(name)
	return h.sync(h.dir)
}

func (h *home) write(path, text string) error {
	f, err := h.fs.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write([]byte(text))
	return errors.Join(err, f.Sync(), f.Close())
}

func (h *home) sync(dir string) error {
	d, err := h.fs.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// mark makes the next Open set the generation aside. It does what it can: the
// damage will be met again.
func (h *home) mark(name, reason string) {
	reason = reason[:min(len(reason), smallFileMax)]
	if err := h.write(h.path(name, markFile), reason+"\n"); err != nil {
		h.options.Log.Error("mark a generation as damaged", "generation", name, "error", err)
	}
}

// unharmed reports why a generation is not to be opened.
func (h *home) unharmed(name string) error {
	if _, err := h.fs.Stat(h.path(name)); err != nil {
		return fmt.Errorf("%w: %w", errMissing, err)
	}
	f, err := h.fs.Open(h.path(name, markFile))
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

// setAside keeps a damaged generation for whoever wants to look at it, and none
// that was set aside before.
func (h *home) setAside(name, reason string) error {
	if _, err := h.fs.Stat(h.path(name)); name == "" || err != nil {
		return nil
	}
	h.mark(name, reason)
	if err := h.remove(damagedPrefix, ""); err != nil {
		return err
	}
	n, _ := number(name)
	if err := h.fs.Rename(h.path(name), h.path(numbered(damagedPrefix, n))); err != nil {
		return err
	}
	return h.sync(h.dir)
}

// sweep removes what a crash, or a switch, left over.
func (h *home) sweep() {
	h.mu.Lock()
	current := h.current
	h.mu.Unlock()
	if err := h.remove(generationPrefix, current); err != nil {
		h.options.Log.Warn("remove old generations of projections", "error", err)
	}
}

// remove deletes the directories of a kind, all but keep.
func (h *home) remove(prefix, keep string) error {
	names, err := h.fs.List(h.dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, ok := number(name); !ok || !strings.HasPrefix(name, prefix) || name == keep {
			continue
		}
		if err := h.fs.RemoveAll(h.path(name)); err != nil {
			return err
		}
	}
	return nil
}

// nextName is a name that no generation has had, as far as can be seen.
func (h *home) nextName() (string, error) {
	names, err := h.fs.List(h.dir)
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

// number is the number of a generation, and whether name is one's.
func number(name string) (int, bool) {
	digits, ok := strings.CutPrefix(name, generationPrefix)
	if !ok {
		digits, ok = strings.CutPrefix(name, damagedPrefix)
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	return int(n), ok && err == nil
}

// join counts an engine that is open.
func (h *home) join() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.engines++
}

// leave counts an engine out, and removes its generation if it doesn't count.
func (h *home) leave(name string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var err error
	if name != h.current {
		err = h.fs.RemoveAll(h.path(name))
	}
	h.engines--
	return errors.Join(err, h.unlock())
}

// release gives the directory up unless an engine is open in it.
func (h *home) release() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.unlock()
}

func (h *home) unlock() error {
	if h.engines > 0 || h.lock == nil {
		return nil
	}
	lock := h.lock
	h.lock = nil
	return lock.Close()
}
