package seal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"authledger/eventstore/durable"
)

// Options are the options of Open. The zero value opens an existing, intact store.
type Options struct {
	// Create creates a store unless the directory holds one. It is only for new ledgers: an existing
	// ledger without its key file has lost its keys.
	Create bool

	// DropDamaged gives up damaged keys. Without it, Open returns an error for a damaged key.
	// Unseal then returns ErrDamaged for the personal data under these keys, and their
	// subjects get new keys. The caller MUST then call Destroy again for each erased subject,
	// because a tombstone may have been damaged too.
	DropDamaged bool
}

// Store holds the keys of one ledger. It is safe for concurrent use. Only one process at a
// time can open it.
type Store struct {
	dir  string
	lock *os.File

	subjects  *keyed
	addresses *keyed
	cache     *cache

	// mu guards the fields below. It is locked for writing while a key is created or
	// destroyed, and for reading while a key is copied from the file to the cache, so that
	// no destroyed key is added to the cache. Lock order: mu before syncing.
	mu       sync.RWMutex
	file     *os.File // replaced only under mu and syncing
	wrapping wrapping
	index    index
	binding  Binding
	bound    bool // false: the file holds no binding
	closed   bool

	syncing sync.Mutex // one fsync at a time; waiting callers share the next
	marked  uint32     // the count of acknowledged slots in the file

	written atomic.Uint32 // first free slot
	synced  atomic.Uint32 // first slot that may not be on disk
	broken  atomic.Pointer[error]
}

// Exists reports whether dir holds a store, intact or damaged.
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

// Open opens the store in dir and checks every slot. It returns
// [ErrNoStore], [ErrMasterMissing] (the zero Master), [ErrWrongMaster],
// [ErrLocked], or a *[DamageError].
func Open(dir string, master Master, opts Options) (*Store, error) {
	s := &Store{dir: dir, cache: newCache()}
	if err := s.open(master, opts); err != nil {
		return nil, errors.Join(wrapOpen(dir, err), s.release())
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
		return errors.New("no master key: create one first")
	case !exists:
		if err := makeDir(s.dir); err != nil {
			return err
		}
	}
	// The directory is locked and not the key file, because a rename replaces the key file.
	if s.lock, err = durable.LockDir(s.dir); errors.Is(err, durable.ErrLocked) {
		return ErrLocked
	}
	if err != nil {
		return err
	}
	if err := unstage(s.dir); err != nil {
		return err
	}
	if s.wrapping, err = newWrapping(master); err != nil {
		return err
	}
	// Check again under the lock, because another process may have created the store.
	if exists, err = Exists(s.dir); err != nil {
		return err
	}
	if !exists {
		if err := s.create(); err != nil {
			return err
		}
	}
	if s.file, err = durable.Open(s.path(), os.O_RDWR); err != nil {
		return err
	}
	if err := s.readHeader(); err != nil {
		return err
	}
	if err := s.readBinding(); err != nil {
		return err
	}
	return s.inspect(opts.DropDamaged)
}

// create creates an empty store. A crash leaves the whole store or none.
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

// readHeader checks the master key and derives the keyed hashes from the root secret.
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
		return nil, fmt.Errorf("unknown format %d, this program reads %d: use the program that wrote it", v, formatVersion)
	}
	root, err := s.wrapping.unwrap(headerSlot, &head)
	if err != nil {
		return nil, ErrWrongMaster
	}
	return root, nil
}

// Close syncs all keys and closes the store. Later calls return [ErrClosed], except Close,
// Sync and Bucket.
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
		// Sync the count too, so that a file that is cut off later is detected.
		err = s.file.Sync()
	}
	if err := errors.Join(err, s.release()); err != nil {
		return fmt.Errorf("seal: close the keys in %s: %w", s.dir, err)
	}
	return nil
}

func (s *Store) release() error {
	var err error
	if s.file != nil {
		err = s.file.Close()
	}
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}

// path returns the path of the key file. It does not use the name of the open file, which after
// a rotation is the name of the staged file.
func (s *Store) path() string { return filepath.Join(s.dir, keysName) }

func (s *Store) String() string   { return "seal.Store(" + s.dir + ")" }
func (s *Store) GoString() string { return s.String() }
