package seal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// Options of Open. The zero value opens a sound store that exists.
type Options struct {
	// Create allows to begin a new store where none is. Only a new ledger may:
	// for an old one, a missing key file is a loss.
	Create bool

	// DropDamaged gives up damaged keys instead of refusing to open. Personal
	// data under them answers ErrDamaged for ever, and their subjects get new
	// keys. Destroy again afterwards whoever the log says is forgotten.
	DropDamaged bool
}

// Store holds the keys of one ledger. It is safe for concurrent use. One
// process at a time can have it open.
type Store struct {
	dir  string
	lock *os.File

	subjects  *keyed
	addresses *keyed
	cache     *cache

	// mu guards what finds and changes slots. It is held exclusively whenever a
	// key comes or goes, and shared while one moves from the file to the cache:
	// so none can slip into the cache after it was destroyed. Before syncing.
	mu       sync.RWMutex
	file     *os.File // replaced only under mu and syncing
	wrapping wrapping
	index    index
	closed   bool

	syncing sync.Mutex // one fsync at a time; whoever waits shares the next
	marked  uint32     // the acknowledged count as written to the file

	written atomic.Uint32 // first free slot
	synced  atomic.Uint32 // first slot that may not be on disk
	broken  atomic.Pointer[error]
}

// Exists reports whether dir holds a store, whatever its condition.
func Exists(dir string) (bool, error) {
	_, err := os.Stat(filepath.Join(dir, keysName))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("seal: look for keys: %w", err)
	}
	return true, nil
}

// Open opens the store in dir and checks every slot. It refuses with
// [ErrNoStore], [ErrMasterMissing] (the zero Master), [ErrWrongMaster],
// [ErrLocked], or a *[DamageError].
func Open(dir string, master Master, opts Options) (*Store, error) {
	s := &Store{dir: dir, cache: newCache()}
	if err := s.open(master, opts); err != nil {
		return nil, errors.Join(wrapOpen(dir, err), s.letGo())
	}
	return s, nil
}

func wrapOpen(dir string, err error) error {
	if _, ok := errors.AsType[*DamageError](err); ok {
		return err
	}
	return fmt.Errorf("seal: open the keys in %s: %w", dir, err)
}

func (s *Store) open(master Master, opts Options) error {
	exists, err := Exists(s.dir)
	switch {
	case err != nil:
		return err
	case !exists && !opts.Create:
		return ErrNoStore
	case exists && master.none():
		return ErrMasterMissing
	case master.none():
		return errors.New("no master key: make one first")
	case !exists:
		if err := makeDir(s.dir); err != nil {
			return err
		}
	}
	if s.lock, err = lockDir(s.dir); err != nil {
		return err
	}
	if err := unstage(s.dir); err != nil {
		return err
	}
	if s.wrapping, err = newWrapping(master); err != nil {
		return err
	}
	// Asked again under the lock: a first opener may have made it meanwhile.
	if exists, err = Exists(s.dir); err != nil {
		return err
	}
	if !exists {
		if err := s.create(); err != nil {
			return err
		}
	}
	if s.file, err = os.OpenFile(s.path(), os.O_RDWR, 0); err != nil {
		return err
	}
	if err := s.readHeader(); err != nil {
		return err
	}
	return s.inspect(opts.DropDamaged)
}

// create brings a store without keys into being, whole or not at all.
func (s *Store) create() error {
	head := slot{state: stateHead, tag: numberTag(formatVersion)}
	root := make([]byte, keyBytes)
	rand.Read(root)
	s.wrapping.wrap(headerSlot, &head, root)
	clear(root)

	f, err := stage(s.dir, func(f *os.File) error {
		if err := f.Truncate(offset(firstSlot)); err != nil {
			return err
		}
		return writeSlot(f, headerSlot, &head)
	})
	if err != nil {
		return err
	}
	return errors.Join(install(s.dir), f.Close())
}

// readHeader proves the master and derives what hangs on the root.
func (s *Store) readHeader() error {
	root, err := s.root()
	if err != nil {
		return err
	}
	defer clear(root)
	if s.subjects, err = newKeyed(root, purposeSubjects); err != nil {
		return err
	}
	s.addresses, err = newKeyed(root, purposeAddresses)
	return err
}

func (s *Store) root() ([]byte, error) {
	b := make([]byte, slotBytes)
	if n, err := s.file.ReadAt(b, offset(headerSlot)); n < len(b) && !isShort(err) {
		return nil, err
	}
	head, cond := decode(headerSlot, b)
	if cond != whole || head.state != stateHead {
		return nil, damage(s.path(), []uint32{headerSlot})
	}
	if v := head.tag.number(); v != formatVersion {
		return nil, fmt.Errorf("format %d is not known, this program reads %d: use the program that wrote it", v, formatVersion)
	}
	root, err := s.wrapping.unwrap(headerSlot, &head)
	if err != nil {
		return nil, ErrWrongMaster
	}
	return root, nil
}

// Close makes all keys durable and lets go of the store. Later calls of
// anything but Close, Sync and Bucket fail with [ErrClosed].
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.cache.clear()

	s.syncing.Lock()
	defer s.syncing.Unlock()
	err := s.usable()
	if err == nil && s.synced.Load() < s.written.Load() {
		err = s.sync()
	}
	if err == nil {
		// The count on disk too: from here on a cut-off file is noticed.
		err = s.file.Sync()
	}
	if err := errors.Join(err, s.letGo()); err != nil {
		return fmt.Errorf("seal: close the keys in %s: %w", s.dir, err)
	}
	return nil
}

func (s *Store) letGo() error {
	var err error
	if s.file != nil {
		err = s.file.Close()
	}
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}

// path names the key file, which after a rotation isn't the name it was opened by.
func (s *Store) path() string { return filepath.Join(s.dir, keysName) }

func (s *Store) String() string   { return "seal.Store(" + s.dir + ")" }
func (s *Store) GoString() string { return s.String() }
