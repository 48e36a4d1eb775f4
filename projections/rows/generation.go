package rows

import (
	"context"
	"errors"
	"fmt"

	"authledger/eventstore/durable"
)

// openCurrent opens the current generation. It begins a new generation if the
// directory has none, or if the current generation is damaged or has rows of other versions.
func (d *directory) openCurrent() (*Store, error) {
	name, err := d.readCurrent()
	switch {
	case durable.IsShortage(err):
		return nil, durable.Remedied(err)
	case err != nil:
		return d.beginAfterDamage("", err)
	case name == "":
		return d.begin()
	}
	s, mismatch, err := d.openExisting(name)
	switch {
	case errors.Is(err, ErrOtherLedger) && d.options.Replace:
		return d.replaceRows(err.Error())
	case errors.Is(err, ErrOtherLedger):
		return nil, err
	case durable.IsShortage(err):
		return nil, durable.Remedied(err)
	case err != nil:
		return d.beginAfterDamage(name, err)
	case mismatch != "":
		return d.replaceRows(mismatch)
	}
	d.removeOld()
	return s, nil
}

// openExisting opens a generation. If this build can't read the rows, because their format
// or versions differ, it returns no store and the difference in mismatch.
func (d *directory) openExisting(name string) (s *Store, mismatch string, err error) {
	d.setCurrent(name)
	if err := d.checkUnmarked(name); err != nil {
		return nil, "", err
	}
	if err := d.checkLedger(name); err != nil {
		return nil, "", err
	}
	return openGeneration(d, d.options, name, false)
}

// openNew opens an empty generation that is not current.
func (d *directory) openNew(o Options) (*Store, error) {
	name, err := d.nextName()
	if err != nil {
		return nil, err
	}
	s, _, err := openGeneration(d, o, name, true)
	if err != nil {
		return nil, err
	}
	if err := d.bind(name); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// begin opens an empty generation and makes it the current one.
func (d *directory) begin() (*Store, error) {
	s, err := d.openNew(d.options)
	if err != nil {
		return nil, err
	}
	if err := d.writeCurrent(s.generation); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	d.removeOld()
	return s, nil
}

// replaceRows replaces undamaged rows that this store can't use by an empty generation.
func (d *directory) replaceRows(reason string) (*Store, error) {
	s, err := d.begin()
	if err != nil {
		return nil, err
	}
	s.rebuilding = reason
	d.options.Log.Info("projections are rebuilt from the log", "generation", s.generation, "reason", reason)
	return s, nil
}

// beginAfterDamage quarantines the current generation, whose name is "" if CURRENT is
// damaged, and begins a new one.
func (d *directory) beginAfterDamage(name string, cause error) (*Store, error) {
	d.options.Log.Error("projections are damaged: they are quarantined and rebuilt from the log", "generation", name, "error", cause)
	if err := d.quarantine(name, cause.Error()); err != nil {
		return nil, err
	}
	s, err := d.begin()
	if err != nil {
		return nil, err
	}
	s.quarantined, s.rebuilding = AsDamage(cause), cause.Error()
	return s, nil
}

// OpenNext begins an empty generation beside s, for a rebuild while s answers reads. The
// new store starts at the zero position and is not current. If it is closed before Switch,
// or if the process ends, its generation is removed. The caller closes both stores.
func (s *Store) OpenNext() (*Store, error) {
	next, err := s.dir.openNew(s.dir.options)
	if err != nil {
		return nil, fmt.Errorf("begin a generation beside %s: %w", s.generation, err)
	}
	return next, nil
}

// OpenSmall is OpenNext with caches of the given sizes in bytes, for a store whose rows are
// only compared.
func (s *Store) OpenSmall(entityCache int, blockCache int64) (*Store, error) {
	small := s.dir.options
	small.EntityCache, small.BlockCache = entityCache, blockCache
	next, err := s.dir.openNew(small)
	if err != nil {
		return nil, fmt.Errorf("begin a generation beside %s: %w", s.generation, err)
	}
	return next, nil
}

// Switch makes the generation of s the one that the next Open opens. The rows of s are
// durable before the switch, and the switch is atomic under a crash. The store of the
// former generation continues to answer reads until its Close removes that generation.
func (s *Store) Switch(ctx context.Context) error {
	if err := s.Flush(ctx); err != nil {
		return fmt.Errorf("switch to %s: %w", s.generation, err)
	}
	if err := s.dir.writeCurrent(s.generation); err != nil {
		return fmt.Errorf("switch to %s: %w", s.generation, err)
	}
	return nil
}
