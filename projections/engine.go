package projections

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

// ErrClosed reports a use of an engine after Close.
var ErrClosed = errors.New("the projections are closed")

// Limits of an [Engine] that [Options] leaves zero.
const (
	liveSpanRecords = 20_000
	liveSpanAge     = 50 * time.Millisecond
	bulkSpanRecords = 100_000
	bulkSpanAge     = time.Second
	userCacheBytes  = 96 << 20 // of keys and rows; with their index, twice that
	blockCacheBytes = 64 << 20 // of Pebble
)

// Options tune an [Engine]. The zero Options are right for a node.
type Options struct {
	Log         *slog.Logger   // nil: slog.Default()
	SpanRecords int            // records that a span holds at most before it is written; 0: 20,000
	SpanAge     time.Duration  // after which a span is written; 0: 50 ms
	UserCache   int            // bytes of users and accounts kept in memory; 0: 96 MiB
	BlockCache  int64          // bytes of Pebble's cache; 0: 64 MiB
	Exit        func(code int) // ends the process with [ExitStorage]; nil: os.Exit

	fs    vfs.FS                           // nil: the operating system's
	tune  func(*pebble.Options)            // nil: as they are
	apply func(*pebble.DB, *written) error // nil: in one batch
}

// Engine folds the log into rows and answers from them. It is one generation:
// one Pebble directory with one checkpoint.
//
// All methods may be called from many goroutines. A read sees every commit
// whose Fold has returned. After an error that is [ErrDamaged], every read and
// Fold fails so, and the next Open begins a new generation.
type Engine struct {
	options    Options
	home       *home
	generation string
	db         *pebble.DB
	rebuilding string                // why the generation began without rows
	aside      error                 // what Open found damaged
	broken     atomic.Pointer[error] // ErrDamaged

	folding sync.Mutex // held by Fold, which owns fold
	fold    *folding

	begun   chan struct{} // the current span has got its first commit
	hurry   chan struct{} // somebody waits for the current span to be written
	stop    chan struct{} // closed: write what there is, and stop
	stopped chan struct{} // closed: nothing more will be written

	readers sync.WaitGroup // of Pebble; Close waits for them

	mu       sync.RWMutex // held for lookups in memory, never over I/O. It guards:
	head     *head
	entities *cache
	current  *span
	writing  *span           // nil when none is
	spare    *span           // memory for the next
	spans    uint64          // that were written
	stored   domain.Position // that Pebble has, if not yet on disk
	bulk     bool
	closed   bool
	changed  signal // of head, stored, closed or broken
}

// head is where the folded log ends. It never changes; the next takes its place.
type head struct {
	domain.Position
	Time   time.Time // of the commit that ends there
	Policy *domain.Policy
}

// Open opens the generation that dir holds, or begins one. It sets a damaged
// generation aside, and replaces one that other projections made: the engine
// then starts at the zero position, and Rebuilding says why. An error is one of
// the directory itself: another process holds it, or it can't be written.
//
// The caller folds the log from Position on.
func Open(dir string, o Options) (*Engine, error) {
	h, err := openHome(dir, o.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("open projections in %s: %w", dir, err)
	}
	e, err := h.open()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open projections in %s: %w", dir, err), h.release())
	}
	return e, nil
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
	if o.UserCache == 0 {
		o.UserCache = userCacheBytes
	}
	if o.BlockCache == 0 {
		o.BlockCache = blockCacheBytes
	}
	if o.fs == nil {
		o.fs = vfs.Default
	}
	if o.apply == nil {
		o.apply = applyTogether
	}
	return o
}

// Position is the end of the newest commit folded.
func (e *Engine) Position() domain.Position { return e.now().Position }

// Stored is the end of the newest commit whose rows are in Pebble.
func (e *Engine) Stored() domain.Position {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.stored
}

// Rebuilding is why this engine began without rows though there were some
// before, "" if it did not.
func (e *Engine) Rebuilding() string { return e.rebuilding }

// Damage is what was found damaged, by Open or since: an [ErrDamaged], or nil.
// What Open found is set aside and does not keep the engine from its work.
func (e *Engine) Damage() error {
	if err := e.broken.Load(); err != nil {
		return *err
	}
	return e.aside
}

// Bulk makes spans large while a long log is folded, and small again.
func (e *Engine) Bulk(on bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.bulk = on
}

// Wait returns once the record at seq is folded, or ctx ends.
func (e *Engine) Wait(ctx context.Context, seq uint64) error {
	return e.await(ctx, func() bool { return e.head.Seq >= seq })
}

// Flush brings all that is folded to disk: Checkpoint is then at Position as it
// was at the call, or later.
func (e *Engine) Flush(ctx context.Context) error {
	if err := e.settle(ctx); err != nil {
		return err
	}
	if err := e.enter(); err != nil {
		return err
	}
	defer e.readers.Done()
	if err := e.db.Flush(); err != nil {
		return e.broke(fmt.Errorf("flush projections: %w", err))
	}
	return nil
}

// Checkpoint is the position that a crash now would take the engine back to.
func (e *Engine) Checkpoint() (domain.Position, error) {
	if err := e.enter(); err != nil {
		return domain.Position{}, err
	}
	defer e.readers.Done()
	c, err := readCheckpoint(e.db, &pebble.IterOptions{OnlyReadGuaranteedDurable: true})
	if err != nil {
		return domain.Position{}, e.broke(err)
	}
	return c.position(), nil
}

// Close writes what is folded to disk and gives the directory up. A generation
// that another has replaced is removed.
func (e *Engine) Close() error {
	e.folding.Lock()
	defer e.folding.Unlock()
	e.mu.Lock()
	was := e.closed
	e.closed = true
	e.changed.wake()
	e.mu.Unlock()
	if was {
		return ErrClosed
	}
	close(e.stop)
	<-e.stopped
	e.readers.Wait()
	return errors.Join(e.closeStore(), e.home.leave(e.generation))
}

func (e *Engine) closeStore() error {
	var flush error
	if e.broken.Load() == nil {
		flush = e.db.Flush()
	}
	if err := errors.Join(flush, e.db.Close()); err != nil {
		return fmt.Errorf("close projections: %w", err)
	}
	return nil
}
