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

// settled looks into Pebble. Its Get does not ask the Bloom filters of the last
// level, where most rows lie; an iterator can be told to, and most looks are for
// command ids that are not there.
func (e *Engine) settled(dst []byte, k key) (row []byte, found bool, err error) {
	if err := e.enter(); err != nil {
		return nil, false, err
	}
	defer e.readers.Done()
	it, err := e.db.NewIter(filtered)
	if err != nil {
		return nil, false, e.broke(fmt.Errorf("read row %q: %w", k, err))
	}
	if found = it.SeekPrefixGE(k); found {
		row, err = it.ValueAndErr()
		dst = append(dst, row...)
	}
	if err := errors.Join(err, it.Close()); err != nil {
		return nil, false, e.broke(fmt.Errorf("read row %q: %w", k, err))
	}
	return dst, found, nil
}

var filtered = &pebble.IterOptions{UseL6Filters: true}

// userRow is a user's row, as of the head that it returns. It is not to be
// changed.
func (e *Engine) userRow(name string) (*userRow, *head, error) {
	b, at, err := e.entity(users.Table, name)
	if err != nil || b == nil {
		return &noUser, at, err
	}
	row := new(userRow)
	if err := decodeRow(b, row); err != nil {
		return nil, nil, e.broke(fmt.Errorf("read user %q: %w", name, err))
	}
	return row, at, nil
}

// accountRow is an account's row, likewise.
func (e *Engine) accountRow(id string) (*accountRow, *head, error) {
	b, at, err := e.entity(accounts.Table, id)
	if err != nil || b == nil {
		return &noAccount, at, err
	}
	row := new(accountRow)
	if err := decodeRow(b, row); err != nil {
		return nil, nil, e.broke(fmt.Errorf("read account %q: %w", id, err))
	}
	return row, at, nil
}

// noAccount stands for every account that no record names.
var noAccount accountRow

// entity is the row of a user or an account, nil if there is none.
func (e *Engine) entity(table byte, name string) ([]byte, *head, error) {
	var memory [keyBytesUsual]byte // stays on the stack
	k := append(key(memory[:0]), table).tail(name)
	b, at, err := e.cachedRow(k)
	if err != nil || b != nil {
		return b, at, err
	}
	return e.entityBytes(append(key(nil), k...))
}

// cachedRow is a row if it is in memory, else nil.
func (e *Engine) cachedRow(k key) ([]byte, *head, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	b, _ := e.entities.get(nil, k, hashKey(k))
	return b, e.head, e.usable()
}

// entityBytes is a row, nil if there is none. It is cached unless it may have
// changed since it was read.
func (e *Engine) entityBytes(k key) ([]byte, *head, error) {
	b, found, at, err := e.row(nil, k)
	if err != nil || !found {
		return nil, at, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.head == at {
		e.entities.put(k, hashKey(k), b)
	}
	return b, at, nil
}
