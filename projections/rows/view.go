package rows

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"authledger/domain"
)

// View reads all rows at one position. The caller closes it. A View is not safe for
// concurrent use.
type View struct {
	store    *Store
	snapshot *pebble.Snapshot
	err      error // of the newest scan
}

// View returns a view of all rows published before the call. It waits until the writer has
// written them to Pebble.
func (s *Store) View(ctx context.Context) (*View, error) {
	if err := s.awaitWritten(ctx); err != nil {
		return nil, err
	}
	return s.WrittenView()
}

// WrittenView returns a view of the rows in Pebble. It lacks the rows of at most one span
// that is being written, and of the current span.
func (s *Store) WrittenView() (*View, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	return &View{store: s, snapshot: s.db.NewSnapshot()}, nil
}

// Close releases the view.
func (v *View) Close() {
	if err := v.snapshot.Close(); err != nil {
		v.store.MarkDamaged(fmt.Errorf("close snapshot: %w", err))
	}
	v.store.readers.Done()
}

// Fork returns a reader of the same rows with its own scan and its own Err. The caller
// closes v only.
func (v *View) Fork() *View { return &View{store: v.store, snapshot: v.snapshot} }

// Position returns the end of the log that the view reflects, and the time of its newest
// commit.
func (v *View) Position() (domain.Position, time.Time, error) {
	c, err := readCheckpoint(v.snapshot, v.store.schema.Versions, nil)
	if err != nil {
		return domain.Position{}, time.Time{}, v.store.MarkDamaged(err)
	}
	return c.position(), c.time, nil
}

// Err returns the error that ended the newest scan, or nil.
func (v *View) Err() error { return v.err }

// Fail sets the error that Err returns. The loop over a scan calls it before it ends the
// scan because of an error of its own.
func (v *View) Fail(err error) { v.err = err }

// Scan yields the rows from key from to before key to, in ascending order. A key and a row
// are valid until the next step. After an error the scan ends, and Err returns the error.
func (v *View) Scan(from, to Key) iter.Seq2[Key, []byte] {
	return func(yield func(Key, []byte) bool) { v.scan(from, to, false, yield) }
}

// ScanBack yields the same rows as Scan, in descending order.
func (v *View) ScanBack(from, to Key) iter.Seq2[Key, []byte] {
	return func(yield func(Key, []byte) bool) { v.scan(from, to, true, yield) }
}

// scan sets the error of the scan. It keeps an error that yield has set with Fail.
func (v *View) scan(from, to Key, back bool, yield func(Key, []byte) bool) {
	v.err = nil
	it, err := v.snapshot.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	if err != nil {
		v.err = v.Damage(from, err)
		return
	}
	defer it.Close()
	first, next := it.First, it.Next
	if back {
		first, next = it.Last, it.Prev
	}
	for ok := first(); ok; ok = next() {
		row, err := it.ValueAndErr()
		if err != nil {
			v.err = v.Damage(it.Key(), err)
			return
		}
		if !yield(it.Key(), row) {
			return
		}
	}
	if err := it.Error(); err != nil {
		v.err = v.Damage(from, err)
	}
}

// Last reads the last row from key from to before key to into row, unless row is nil. The
// key that it returns is a copy.
func (v *View) Last(from, to Key, row domain.Data) (k Key, found bool, err error) {
	it, err := v.snapshot.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	if err != nil {
		return nil, false, v.Damage(from, err)
	}
	defer it.Close()
	if !it.Last() {
		if err := it.Error(); err != nil {
			return nil, false, v.Damage(from, err)
		}
		return nil, false, nil
	}
	b, err := it.ValueAndErr()
	if err == nil && row != nil {
		err = Decode(b, row)
	}
	if err != nil {
		return nil, false, v.Damage(it.Key(), err)
	}
	return Key(it.Key()).Clone(), true, nil
}

// Read reads the row at k into row, and reports whether the row exists.
func (v *View) Read(k Key, row domain.Data) (found bool, err error) {
	b, closer, err := v.snapshot.Get(k)
	if errors.Is(err, pebble.ErrNotFound) {
		return false, nil
	}
	if err == nil {
		err = errors.Join(Decode(b, row), closer.Close())
	}
	if err != nil {
		return false, v.Damage(k, err)
	}
	return true, nil
}

// Decode decodes the row b at k into row. It marks the store as damaged if b does not
// decode.
func (v *View) Decode(k Key, b []byte, row domain.Data) error {
	if err := Decode(b, row); err != nil {
		return v.Damage(k, err)
	}
	return nil
}

// Damage marks the store as damaged because of the row at k, and returns the error.
func (v *View) Damage(k Key, err error) error {
	return v.store.MarkDamaged(fmt.Errorf("read row %q: %w", k, err))
}
