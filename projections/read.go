package projections

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// row appends the row at k to dst, as of the head that it returns.
//
// It looks into the spans in memory, then into Pebble, and once more into the
// spans: if one was written meanwhile it may have carried the row past both
// looks, and the search begins again. A write takes longer than a search, so
// that is rare, and twice in a row does not happen.
func (e *Engine) row(dst []byte, k key) (row []byte, found bool, at *head, err error) {
	hash := hashKey(k)
	for {
		row, found, known, spans, at := e.recent(dst, k, hash)
		if known {
			return row, found, at, nil
		}
		row, found, err := e.settled(dst, k)
		if err != nil {
			return nil, false, nil, err
		}
		_, _, known, again, at := e.recent(nil, k, hash)
		if !known && again == spans {
			return row, found, at, nil
		}
	}
}

// recent looks among the rows that Pebble may not have yet. It also returns how
// many spans were written, and the head.
func (e *Engine) recent(dst []byte, k key, hash uint64) (row []byte, found, known bool, spans uint64, at *head) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	row, found, known = e.current.rows.get(dst, k, hash)
	if !known && e.writing != nil {
		row, found, known = e.writing.rows.get(dst, k, hash)
	}
	return row, found, known, e.spans, e.head
}

// settled looks into Pebble.
func (e *Engine) settled(dst []byte, k key) (row []byte, found bool, err error) {
	if err := e.enter(); err != nil {
		return nil, false, err
	}
	defer e.readers.Done()
	value, closer, err := e.db.Get(k)
	switch {
	case errors.Is(err, pebble.ErrNotFound):
		return dst, false, nil
	case err != nil:
		return nil, false, e.broke(fmt.Errorf("read row %q: %w", k, err))
	}
	dst = append(dst, value...)
	if err := closer.Close(); err != nil {
		return nil, false, e.broke(fmt.Errorf("read row %q: %w", k, err))
	}
	return dst, true, nil
}

// rowBytesUsual is what most rows fit into.
const rowBytesUsual = 512

// userRow is a user's row, as of the head that it returns. It is not to be
// changed.
func (e *Engine) userRow(name string) (*userRow, *head, error) {
	e.mu.RLock()
	cached, at, err := e.users.get(name), e.head, e.usable()
	e.mu.RUnlock()
	if cached != nil || err != nil {
		return cached, at, err
	}
	var memory [rowBytesUsual]byte
	b, found, at, err := e.row(memory[:0], users.key().tail(name))
	if err != nil || !found {
		return &noUser, at, err
	}
	row := new(userRow)
	if err := decodeRow(b, row); err != nil {
		return nil, nil, e.broke(fmt.Errorf("read user %q: %w", name, err))
	}
	e.remember(name, row, at)
	return row, at, nil
}

// remember caches a row unless it may have changed since it was read.
func (e *Engine) remember(name string, row *userRow, at *head) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.head == at {
		e.users.put(name, row)
	}
}
