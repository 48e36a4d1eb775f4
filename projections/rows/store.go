package rows

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"authledger/domain"
)

// ErrClosed reports a call of a store after Close.
var ErrClosed = errors.New("the projections are closed")

// Defaults of [Options], and the sizes of spans in bulk mode.
const (
	liveSpanRecords  = 20_000
	liveSpanAge      = 50 * time.Millisecond
	bulkSpanRecords  = 100_000
	bulkSpanAge      = time.Second
	entityCacheBytes = 96 << 20 // keys and rows in the cache; the cache with its index takes twice as much memory
	blockCacheBytes  = 64 << 20
)

// Options configure a [Store]. The zero value has the defaults of a node.
type Options struct {
	Ledger      string         // id of the ledger; "": the rows are not bound to a ledger
	Replace     bool           // replace rows of another ledger, instead of ErrOtherLedger
	Log         *slog.Logger   // nil: slog.Default()
	SpanRecords int            // maximum number of records in a span; 0: 20,000
	SpanAge     time.Duration  // maximum age of a span before it is written; 0: 50 ms
	EntityCache int            // bytes of rows of cached tables in memory; 0: 96 MiB
	BlockCache  int64          // bytes of Pebble's block cache; 0: 64 MiB
	Exit        func(code int) // ends the process with [ExitStorage]; nil: os.Exit

	// Tests replace the following.

	FS    vfs.FS                         // nil: files of the operating system with private modes
	Tune  func(*pebble.Options)          // changes the options of Pebble; nil: no change
	Write func(*pebble.DB, *Write) error // writes a span; nil: in one batch with the checkpoint
}

// Schema describes the rows that the caller of a store writes.
type Schema struct {
	Versions string          // of the code that writes the rows; rows of other versions are replaced
	Tables   map[byte]string // name of each table, by the first byte of its keys
	Cached   []byte          // tables whose recently used rows are kept in memory
	Filtered []byte          // tables in which many reads search for keys without a row

	// Restore returns [Head.Value] from the rows of the generation that Open opens, which
	// reflect the log up to the record at seq.
	Restore func(v *View, seq uint64) (any, error)
}

// Store keeps rows in Pebble, together with the position of the log that they reflect. It
// is one generation: one Pebble directory with one checkpoint.
//
// All methods are safe for concurrent use. A read reflects every commit whose Publish has
// returned. After damage, every read and Fold returns [ErrDamaged], and the next Open
// begins a new generation.
type Store struct {
	options     Options
	schema      Schema
	cached      [1 << 8]bool // by table
	filtered    [1 << 8]bool // by table
	filter      keyFilter    // of the keys of filtered tables
	dir         *directory
	generation  string
	db          *pebble.DB
	rebuilding  string                // reason why Open began without rows, or ""
	quarantined error                 // damage that Open found, or nil
	broken      atomic.Pointer[error] // reason why the store is unusable
	flushes     flushState

	folding sync.Mutex // held by Fold and Close

	begun   chan struct{} // signals the first commit of the current span
	early   chan struct{} // signals that the writer should not wait for the age of the span
	stop    chan struct{} // closed by Close: write the current span and stop
	stopped chan struct{} // closed by the writer: all spans are written

	readers sync.WaitGroup // running reads of Pebble; Close waits for them

	mu       sync.RWMutex // held for lookups in memory, never during I/O. It guards:
	head     *Head
	entities *cache
	current  *span
	writing  *span           // nil unless the writer is writing a span
	spare    *span           // empty span whose memory is reused
	spans    uint64          // number of written spans
	stored   domain.Position // end of the rows in Pebble, which may not be durable yet
	bulk     bool
	closed   bool
	changed  signal // of head, stored, closed or broken
}

// Head is the end of the published commits. It is immutable: each commit has a new Head.
type Head struct {
	domain.Position
	Time  time.Time // of the newest commit
	Value any       // of the caller, given to Publish with the commit
}

// Open opens the current generation in dir, or begins one. It quarantines a damaged
// generation, and replaces a generation of other versions. The store then starts at the
// zero position and Rebuilding returns the reason. The caller folds the log from Position
// on.
//
// Open returns ErrOtherLedger for rows of another ledger, and an error if the directory
// can't be written or another process holds its lock.
func Open(dir string, schema Schema, o Options) (*Store, error) {
	d, err := openDirectory(dir, schema, o.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("open projections in %s: %w", dir, err)
	}
	s, err := d.openCurrent()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open projections in %s: %w", dir, err), d.release())
	}
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.SpanRecords == 0 {
		o.SpanRecords = liveSpanRecords
	}
	if o.SpanAge == 0 {
		o.SpanAge = liveSpanAge
	}
	if o.EntityCache == 0 {
		o.EntityCache = entityCacheBytes
	}
	if o.BlockCache == 0 {
		o.BlockCache = blockCacheBytes
	}
	if o.FS == nil {
		o.FS = privateFS{vfs.Default}
	}
	if o.Write == nil {
		o.Write = writeTogether
	}
	return o
}

// Head returns the end of the published commits.
func (s *Store) Head() *Head {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.head
}

// Position returns the end of the newest published commit.
func (s *Store) Position() domain.Position { return s.Head().Position }

// Stored returns the end of the newest commit whose rows are in Pebble. The rows may not be
// durable yet.
func (s *Store) Stored() domain.Position {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.stored
}

// Generation returns the name of the generation.
func (s *Store) Generation() string { return s.generation }

// Rebuilding returns why Open began without rows although the directory had some. It
// returns "" if Open used the rows, or if the directory was empty.
func (s *Store) Rebuilding() string { return s.rebuilding }

// Damage returns the damage that Open or a later read found, which wraps [ErrDamaged], or
// nil. After damage that Open found, the store is usable.
func (s *Store) Damage() error {
	if err := s.Err(); errors.Is(err, ErrDamaged) {
		return err
	}
	return s.quarantined
}

// Err returns why the store is unusable, or nil.
func (s *Store) Err() error {
	if err := s.broken.Load(); err != nil {
		return *err
	}
	return nil
}

// Bulk sets whether spans are large, which makes folding a long log faster.
func (s *Store) Bulk(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bulk = on
}

// Wait returns once the record at seq is published, or the error of ctx.
func (s *Store) Wait(ctx context.Context, seq uint64) error {
	return s.await(ctx, func() bool { return s.head.Seq >= seq })
}
