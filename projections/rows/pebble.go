package rows

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
)

// Options of Pebble: sizes in bytes, and numbers of files and bits.
const (
	memTableBytes   = 16 << 20 // Pebble writes a span above half of this size directly to a table file
	memTablesMax    = 4
	blockBytes      = 8 << 10
	openFilesMax    = 512
	bloomBitsPerKey = 10
	l0Compact       = 12 // sorted runs of level 0 that start a compaction; with 6, a rebuild spends 10 % of its time on compactions
	l0Stop          = 40 // sorted runs of level 0 at which Pebble blocks writes
)

// openGeneration opens the Pebble directory of a generation, or creates it if isNew is true.
// If this build can't read the rows, it returns no store and the difference in mismatch. A
// panic of Pebble is returned as an error.
func openGeneration(d *directory, o Options, name string, isNew bool) (s *Store, mismatch string, err error) {
	s = &Store{
		options: o, schema: d.schema, dir: d, generation: name,
		entities: newCache(o.EntityCache), current: new(span),
		begun: make(chan struct{}, 1), early: make(chan struct{}, 1),
		stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	for _, table := range d.schema.Cached {
		s.cached[table] = true
	}
	for _, table := range d.schema.Filtered {
		s.filtered[table] = true
	}
	if err := s.openPebble(isNew); err != nil {
		return nil, "", err
	}
	mismatch, err = s.readHead()
	if err != nil || mismatch != "" {
		return nil, mismatch, errors.Join(err, s.db.Close())
	}
	d.attach()
	s.fillFilter(isNew)
	go s.writeSpans()
	return s, "", nil
}

func (s *Store) openPebble(isNew bool) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("open Pebble: panic: %v", r)
		}
	}()
	cache := pebble.NewCache(s.options.BlockCache)
	defer cache.Unref() // the database holds its own reference
	o := &pebble.Options{
		FS:                          delayFS{s.options.FS, &s.flushes},
		Cache:                       cache,
		Logger:                      pebbleLog{s},
		EventListener:               s.listener(),
		ErrorIfExists:               isNew,
		ErrorIfNotExists:            !isNew,
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
	if s.options.Tune != nil {
		s.options.Tune(o)
	}
	s.db, err = pebble.Open(s.dir.path(s.generation), o)
	return err
}

// errNewerTable reports a truncated manifest.
var errNewerTable = errors.New("invalid manifest: a table has a newer write than the manifest records")

// probeKey is a key that no row has.
var probeKey = Key{0, 0}

// checkSequence returns an error if the next write would have an older sequence number than
// rows in a table. Pebble reads a damaged manifest as if it ended at the damage. Pebble may
// then know newer tables, but continue with older sequence numbers. Reads would not return
// the rows of these tables at first, and these rows would later hide newer ones.
func (s *Store) checkSequence() error {
	levels, err := s.db.SSTables()
	if err != nil {
		return err
	}
	probe := s.db.NewBatch()
	defer probe.Close()
	if err := probe.Delete(probeKey, nil); err != nil {
		return err
	}
	if err := s.db.Apply(probe, pebble.NoSync); err != nil {
		return err
	}
	for _, tables := range levels {
		for _, t := range tables {
			if t.LargestSeqNum >= probe.SeqNum() {
				return fmt.Errorf("%w: %s", errNewerTable, t.FileNum)
			}
		}
	}
	return nil
}

// readHead sets the head to the checkpoint of the rows. If this build can't read the rows,
// it returns the difference in mismatch.
func (s *Store) readHead() (mismatch string, err error) {
	if err := s.checkSequence(); err != nil {
		return "", err
	}
	c, err := readCheckpoint(s.db, s.schema.Versions, nil)
	if err != nil {
		return "", err
	}
	if mismatch := c.mismatch(s.schema.Versions); mismatch != "" {
		return mismatch, nil
	}
	s.stored = c.position()
	s.head = &Head{Position: s.stored, Time: c.time}
	if s.schema.Restore == nil {
		return "", nil
	}
	v := View{store: s, snapshot: s.db.NewSnapshot()}
	s.head.Value, err = s.schema.Restore(&v, s.stored.Seq)
	return "", errors.Join(err, v.snapshot.Close())
}
