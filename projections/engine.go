package projections

import (
	"context"
	"sync/atomic"
	"time"

	"authledger/domain"
	"authledger/projections/rows"
)

// Errors and exit codes of [rows], for callers that do not import that package.
var (
	ErrClosed      = rows.ErrClosed
	ErrDamaged     = rows.ErrDamaged
	ErrOtherLedger = rows.ErrOtherLedger
)

// ExitStorage is the exit code of a process that Pebble ends.
const ExitStorage = rows.ExitStorage

// Options configure an [Engine].
type Options = rows.Options

// Difference is the first row in which two engines differ.
type Difference = rows.Difference

type store = rows.Store

// Engine folds the log into the rows of all projections, and reads them. It is one
// generation of [rows.Store].
//
// All methods are safe for concurrent use. A read reflects every commit whose Fold has
// returned. After damage, every read and Fold returns [ErrDamaged], and the next Open
// begins a new generation.
type Engine struct {
	*store
	fold   *folding
	opened time.Time
	folded atomic.Int64 // nanoseconds from opened to the newest Fold; 0 before the first
}

// Open opens the rows in dir, or begins without rows: see [rows.Open]. The caller folds the
// log from Position on.
func Open(dir string, o Options) (*Engine, error) {
	s, err := rows.Open(dir, schema(), o)
	if err != nil {
		return nil, err
	}
	return newEngine(s), nil
}

func newEngine(s *rows.Store) *Engine {
	e := &Engine{store: s, opened: time.Now()}
	e.fold = newFolding(e)
	return e
}

// schema describes the rows of the catalog.
func schema() rows.Schema {
	tables := make(map[byte]string, len(catalog))
	for _, p := range catalog {
		tables[p.Table] = p.Name
	}
	return rows.Schema{
		Versions: versions(), Tables: tables, Cached: []byte{users.Table, accounts.Table},
		Filtered: []byte{commands.Table, users.Table, accounts.Table, items.Table},
		Restore:  func(v *rows.View, seq uint64) (any, error) { return View{v}.Policy(seq) },
	}
}

// OpenNext begins an empty generation beside e, for a rebuild while e answers reads: see
// [rows.Store.OpenNext].
func (e *Engine) OpenNext() (*Engine, error) {
	next, err := e.store.OpenNext()
	if err != nil {
		return nil, err
	}
	return newEngine(next), nil
}

// Compare compares all rows of two engines and returns the first difference, or nil.
func Compare(ctx context.Context, a, b *Engine) (*Difference, error) {
	return rows.Compare(ctx, a.store, b.store)
}

// IsFolding reports whether a commit was folded at most d ago.
func (e *Engine) IsFolding(d time.Duration) bool {
	return time.Since(e.opened) < time.Duration(e.folded.Load())+d
}

// Policy returns the newest adopted policy, or the built-in policy. It is compiled.
func (e *Engine) Policy() *domain.Policy { return policyOf(e.Head()) }

// policyOf returns the policy that is in force after a commit.
func policyOf(h *rows.Head) *domain.Policy { return h.Value.(*domain.Policy) }

// Current is the end of the folded log.
type Current struct {
	Seq    uint64    // record number of the newest record
	Time   time.Time // time of the newest commit
	Policy *domain.Policy
}
