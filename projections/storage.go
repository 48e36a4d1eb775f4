package projections

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
)

// Sizes of Pebble, in bytes, files and bits.
const (
	memTableBytes   = 16 << 20 // a span of half of it becomes a table file by itself
	memTablesMax    = 4
	blockBytes      = 8 << 10
	openFilesMax    = 512
	bloomBitsPerKey = 10
	l0Compact       = 12 // runs that a read passes; with 6 a rebuild spent a tenth of its time on merging them
	l0Stop          = 40
)

// openGeneration opens the Pebble directory of a generation: one that is there,
// or a fresh one. If another build made its rows it returns no engine and says
// so in other. Whatever Pebble meets in it is an error, never a panic.
func openGeneration(h *home, name string, fresh bool) (e *Engine, other string, err error) {
	o := h.options
	e = &Engine{
		options: o, home: h, generation: name,
		entities: newCache(o.UserCache), current: new(span),
		begun: make(chan struct{}, 1), hurry: make(chan struct{}, 1),
		stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	if err := e.openStore(fresh); err != nil {
		return nil, "", err
	}
	other, err = e.begin()
	if err != nil || other != "" {
		return nil, other, errors.Join(err, e.db.Close())
	}
	h.join()
	e.fold = newFolding(e)
	go e.writeSpans()
	return e, "", nil
}

func (e *Engine) openStore(fresh bool) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("pebble panics: %v", r)
		}
	}()
	cache := pebble.NewCache(e.options.BlockCache)
	defer cache.Unref() // the database holds its own
	o := &pebble.Options{
		FS:                          e.options.fs,
		Cache:                       cache,
		Logger:                      pebbleLog{e},
		EventListener:               e.listener(),
		ErrorIfExists:               fresh,
		ErrorIfNotExists:            !fresh,
		FormatMajorVersion:          pebble.FormatTableFormatV6,
		DisableWAL:                  true,
		MemTableSize:                memTableBytes,
		MemTableStopWritesThreshold: memTablesMax,
		MaxOpenFiles:                openFilesMax,
		L0CompactionThreshold:       l0Compact,
		L0StopWritesThreshold:       l0Stop,
	}
	for i := range o.Levels {
		o.Levels[i].BlockSize = blockBytes
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(bloomBitsPerKey)
	}
	if e.options.tune != nil {
		e.options.tune(o)
	}
	e.db, err = pebble.Open(e.home.path(e.generation), o)
	return err
}

// errFuture reports tables that are newer than the database knows itself to be.
var errFuture = errors.New("the manifest is cut: there are tables newer than it says")

// probeKey is a key that no row has.
var probeKey = key{0, 0}

// checkTime refuses a database that would write its next rows under older ones.
// Pebble takes a manifest that is damaged for one that ends there; it may then
// know of tables and not of how far its own numbering of writes had come. What
// is in those tables is not to be seen at first, and later hides newer rows.
func (e *Engine) checkTime() error {
	levels, err := e.db.SSTables()
	if err != nil {
		return err
	}
	probe := e.db.NewBatch()
	defer probe.Close()
	if err := probe.Delete(probeKey, nil); err != nil {
		return err
	}
	if err := e.db.Apply(probe, pebble.NoSync); err != nil {
		return err
	}
	for _, tables := range levels {
		for _, t := range tables {
			if t.LargestSeqNum >= probe.SeqNum() {
				return fmt.Errorf("%w: %s", errFuture, t.FileNum)
			}
		}
	}
	return nil
}

// begin reads where the rows end, or why they are not this build's.
func (e *Engine) begin() (other string, err error) {
	if err := e.checkTime(); err != nil {
		return "", err
	}
	made, err := readCheckpoint(e.db, nil)
	if err != nil {
		return "", err
	}
	if other := made.ours(); other != "" {
		return other, nil
	}
	v := view{engine: e, rows: e.db.NewSnapshot()}
	policy, err := v.policy(uint64(made.seq))
	if err := errors.Join(err, v.rows.Close()); err != nil {
		return "", err
	}
	e.stored = made.position()
	e.head = &head{e.stored, made.time, policy}
	return "", nil
}
