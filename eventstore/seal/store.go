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
	disk disk

	subjects  *keyed
	addresses *keyed
	cache     cache

	renewing sync.Mutex // held during each step of a rotation

	// writing is held while the files are changed. Lock order: renewing, writing, mu.
	writing sync.Mutex
	marked  uint32 // the count of acknowledged slots in the key file

	// mu guards the fields below. It is locked for reading while a key is copied from a file to
	// the cache, and for writing while a key is overwritten, so that no destroyed key is added
	// to the cache.
	mu       sync.RWMutex
	file     *os.File // replaced only under writing and mu
	wrapping wrapping
	ring     ringKeys
	binding  Binding
	bound    bool // false: the file holds no binding
	closed   bool

	chunks     atomic.Uint32 // on disk
	written    atomic.Uint32 // end of the slots of older programs
	generating atomic.Bool   // a chunk is generated in the background, or its generation failed
	background sync.WaitGroup
	broken     atomic.Pointer[error]
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
	return open(dir, master, opts, disk{})
}

func open(dir string, master Master, opts Options, d disk) (*Store, error) {
	s := &Store{dir: dir, disk: d}
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

// inspect checks all keys, and then prepares the store for use. It changes no file before all
// checks have passed.
func (s *Store) inspect(dropDamaged bool) error {
	chunks, err := s.countChunks()
	if err != nil {
		return err
	}
	if err := s.readRingKeys(chunks); err != nil {
		return err
	}
	if err := s.inspectRing(chunks, dropDamaged); err != nil {
		return err
	}
	if err := s.inspectOlder(dropDamaged); err != nil {
		return err
	}
	if err := s.makeRingDir(); err != nil {
		return err
	}
	if s.ring.keys == nil {
		return s.makeRingKey()
	}
	if s.ring.isRotating() {
		s.goInBackground(s.renew)
	}
	return nil
}

func (s *Store) makeRingDir() error {
	path := filepath.Join(s.dir, ringName)
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return makeDir(path)
}

// create creates an empty store. A crash leaves the whole store or none.
func (s *Store) create() error {
	root, ringKey := make([]byte, keyBytes), make([]byte, keyBytes)
	rand.Read(root)
	rand.Read(ringKey)
	defer clear(root)
	defer clear(ringKey)
	head := slot{state: stateHead, tag: numberTag(formatVersion)}
	s.wrapping.wrap(headerSlot, &head, root)

	f, err := s.disk.stage(s.path(), func(f *os.File) error {
		if err := f.Truncate(offset(firstSlot)); err != nil {
			return err
		}
		if err := writeSlot(f, headerSlot, &head); err != nil {
			return err
		}
		return writeSlot(f, ringSlot, s.wrapping.ringKeySlot(ringSlot, 1, ringKey))
	})
	if err != nil {
		return err
	}
	return errors.Join(s.disk.install(s.path()), f.Close())
}

// Close waits for the work in the background and closes the store. Later calls return
// [ErrClosed], except Close and Bucket.
func (s *Store) Close() error {
	s.mu.Lock()
	already := s.closed
	s.closed = true
	s.cache.clear()
	s.mu.Unlock()
	s.background.Wait()
	if already {
		return nil
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.release(); err != nil {
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
