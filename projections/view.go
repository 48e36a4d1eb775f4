package projections

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"authledger/domain"
)

// AsOf is the position that an answer reflects: the whole log up to a record,
// and when its commit was made.
type AsOf struct {
	Seq  uint64
	Time time.Time
}

func (a *AsOf) Members(v domain.Visitor) {
	seq := int64(a.Seq)
	v.Count("seq", &seq, domain.Need)
	v.Instant("time", &a.Time, domain.Free)
}

// view is all rows at one position. It must be closed.
type view struct {
	engine *Engine
	rows   *pebble.Snapshot
	err    error // that ended the newest scan, an ErrDamaged
}

// view shows all that is folded now.
func (e *Engine) view(ctx context.Context) (*view, error) {
	if err := e.settle(ctx); err != nil {
		return nil, err
	}
	return e.look()
}

// look shows what Pebble has: it lags behind Position by up to one span.
func (e *Engine) look() (*view, error) {
	if err := e.enter(); err != nil {
		return nil, err
	}
	return &view{engine: e, rows: e.db.NewSnapshot()}, nil
}

func (v *view) close() {
	if err := v.rows.Close(); err != nil {
		v.engine.broke(fmt.Errorf("close snapshot: %w", err))
	}
	v.engine.readers.Done()
}

// position is where the view was taken.
func (v *view) position() (AsOf, error) {
	c, err := readCheckpoint(v.rows, nil)
	if err != nil {
		return AsOf{}, v.engine.broke(err)
	}
	return AsOf{uint64(c.seq), c.time}, nil
}

// scan yields the rows from key from to before key to, in order. They are good
// until the next. An error ends the scan and stands in v.err.
func (v *view) scan(from, to key) iter.Seq2[key, []byte] {
	return func(yield func(key, []byte) bool) {
		v.err = v.each(from, to, yield)
	}
}

func (v *view) each(from, to key, yield func(key, []byte) bool) error {
	it, err := v.rows.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	if err != nil {
		return v.damage(from, err)
	}
	defer it.Close()
	for ok := it.First(); ok; ok = it.Next() {
		row, err := it.ValueAndErr()
		if err != nil {
			return v.damage(it.Key(), err)
		}
		if !yield(it.Key(), row) {
			return nil
		}
	}
	if err := it.Error(); err != nil {
		return v.damage(from, err)
	}
	return nil
}

// back yields the rows from key from to before key to, the last first, as scan
// does.
func (v *view) back(from, to key) iter.Seq2[key, []byte] {
	return func(yield func(key, []byte) bool) {
		v.err = nil
		it, err := v.rows.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
		if err != nil {
			v.err = v.damage(from, err)
			return
		}
		defer it.Close()
		for ok := it.Last(); ok; ok = it.Prev() {
			row, err := it.ValueAndErr()
			if err != nil {
				v.err = v.damage(it.Key(), err)
				return
			}
			if !yield(it.Key(), row) {
				return
			}
		}
		if err := it.Error(); err != nil {
			v.err = v.damage(from, err)
		}
	}
}

// last reads the last row from key from to before key to into row.
func (v *view) last(from, to key, row domain.Data) (k key, found bool, err error) {
	it, err := v.rows.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	if err != nil {
		return nil, false, v.damage(from, err)
	}
	defer it.Close()
	if !it.Last() {
		if err := it.Error(); err != nil {
			return nil, false, v.damage(from, err)
		}
		return nil, false, nil
	}
	b, err := it.ValueAndErr()
	if err == nil {
		err = decodeRow(b, row)
	}
	if err != nil {
		return nil, false, v.damage(it.Key(), err)
	}
	return append(key(nil), it.Key()...), true, nil
}

// read reads the row at k into row, if there is one.
func (v *view) read(k key, row domain.Data) (found bool, err error) {
	b, closer, err := v.rows.Get(k)
	if errors.Is(err, pebble.ErrNotFound) {
		return false, nil
	}
	if err == nil {
		err = errors.Join(decodeRow(b, row), closer.Close())
	}
	if err != nil {
		return false, v.damage(k, err)
	}
	return true, nil
}

func (v *view) decode(k key, b []byte, row domain.Data) error {
	if err := decodeRow(b, row); err != nil {
		return v.damage(k, err)
	}
	return nil
}

func (v *view) damage(k key, err error) error {
	return v.engine.broke(fmt.Errorf("read row %q: %w", k, err))
}

// commitOf finds the commit that holds the record at seq, by its first record.
func (v *view) commitOf(seq uint64) (first uint64, row commitRow, err error) {
	k, found, err := v.last(commits.key(), commits.key().number(seq+1), &row)
	if err != nil {
		return 0, row, err
	}
	if !found {
		return 0, row, v.damage(commits.key().number(seq), errKey)
	}
	first, _, err = k[1:].cutNumber()
	return first, row, err
}

// policy is the newest that was adopted up to the record at seq.
func (v *view) policy(seq uint64) (*domain.Policy, error) {
	p := new(domain.Policy)
	_, found, err := v.last(policies.key(), policies.key().number(seq+1), p)
	switch {
	case err != nil:
		return nil, err
	case !found:
		return domain.IBKRSLS(), nil
	}
	return p.Compiled(), nil
}
