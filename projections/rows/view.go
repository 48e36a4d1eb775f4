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

// View reads all rows at one position: the rows of Pebble, and the rows of at most two spans
// that were not in Pebble yet. The caller closes it. A View is not safe for concurrent use.
type View struct {
	store    *Store
	snapshot *pebble.Snapshot
	layers   []*layer // rows that the snapshot may lack, the newest layer first
	head     *Head    // that the view reflects; nil: the checkpoint in the snapshot
	err      error    // of the newest scan
}

// View returns a view of all rows published before the call. It neither writes rows nor waits
// for the writer. It returns the error of ctx if ctx has ended.
//
// If the writer wrote a span between the snapshot and the read of the layers, both may lack
// its rows, and View starts again. Writing a span takes longer, so View does not start again
// twice.
func (s *Store) View(ctx context.Context) (*View, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for {
		before := s.written()
		v, err := s.WrittenView()
		if err != nil {
			return nil, err
		}
		if s.addLayers(v) == before {
			return v, nil
		}
		v.Close()
	}
}

// written returns the number of written spans.
func (s *Store) written() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.spans
}

// addLayers adds the published rows that may not be in Pebble to v. It returns the number of
// written spans.
func (s *Store) addLayers(v *View) (written uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, span := range []*span{s.current, s.writing} {
		if l := span.freeze(); l != nil {
			v.layers = append(v.layers, l)
		}
	}
	v.head = s.head
	return s.spans
}

// StoredView returns a view of Pebble that has all rows published before the call. It waits
// until the writer has written them, without asking for an early write. The view holds no span
// in memory, so the caller may keep it for hours.
func (s *Store) StoredView(ctx context.Context) (*View, error) {
	target := s.Position().Seq
	if err := s.await(ctx, func() bool { return s.stored.Seq >= target }); err != nil {
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
func (v *View) Fork() *View {
	return &View{store: v.store, snapshot: v.snapshot, layers: v.layers, head: v.head}
}

// Position returns the end of the log that the view reflects, and the time of its newest
// commit. The row of the checkpoint in Pebble may be older.
func (v *View) Position() (domain.Position, time.Time, error) {
	if v.head != nil {
		return v.head.Position, v.head.Time, nil
	}
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
	c, err := v.cursor(from, to, back)
	if err != nil {
		v.err = err
		return
	}
	defer c.close()
	for c.next() {
		if !yield(c.key, c.row) {
			return
		}
	}
	v.err = v.failure(c, from)
}

// failure returns the error that ended the steps of a cursor from the key from, or nil.
func (v *View) failure(c *cursor, from Key) error {
	switch {
	case c.err == nil:
		return nil
	case c.key != nil:
		return v.Damage(c.key, c.err)
	}
	return v.Damage(from, c.err)
}

// Last reads the last row from key from to before key to into row, unless row is nil. The
// key that it returns is a copy.
func (v *View) Last(from, to Key, row domain.Data) (k Key, found bool, err error) {
	c, err := v.cursor(from, to, true)
	if err != nil {
		return nil, false, err
	}
	defer c.close()
	if !c.next() {
		return nil, false, v.failure(c, from)
	}
	if row != nil {
		if err := v.Decode(c.key, c.row, row); err != nil {
			return nil, false, err
		}
	}
	return c.key.Clone(), true, nil
}

// Read reads the row at k into row, and reports whether the row exists.
func (v *View) Read(k Key, row domain.Data) (found bool, err error) {
	for _, l := range v.layers {
		b, found, known := l.get(k)
		switch {
		case found:
			return true, v.Decode(k, b, row)
		case known:
			return false, nil
		}
	}
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
