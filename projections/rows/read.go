package rows

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// Row appends the row at k to dst. It also returns the head that the row reflects.
//
// Row searches the spans in memory, then Pebble, then the spans again. If the writer wrote a
// span meanwhile, both searches may have missed the row, and Row starts again. Writing a
// span takes longer than a search, so Row does not start again twice.
func (s *Store) Row(dst []byte, k Key) (row []byte, found bool, at *Head, err error) {
	hash := hashKey(k)
	for {
		row, found, known, spans, at := s.inSpans(dst, k, hash)
		if known {
			return row, found, at, nil
		}
		row, found, err := s.inPebble(dst, k, hash)
		if err != nil {
			return nil, false, nil, err
		}
		_, _, known, later, at := s.inSpans(nil, k, hash)
		if !known && later == spans {
			return row, found, at, nil
		}
	}
}

// inSpans searches the rows that may not be in Pebble yet. If known is true, a span has the
// row or its deletion. inSpans also returns the number of written spans, and the head.
func (s *Store) inSpans(dst []byte, k Key, hash uint64) (row []byte, found, known bool, spans uint64, at *Head) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	row, found, known = s.current.rows.get(dst, k, hash)
	if !known && s.writing != nil {
		row, found, known = s.writing.rows.get(dst, k, hash)
	}
	return row, found, known, s.spans, s.head
}

// inPebble searches Pebble with an iterator. Pebble's Get does not use the Bloom filters of
// the last level, which holds most rows.
func (s *Store) inPebble(dst []byte, k Key, hash uint64) (row []byte, found bool, err error) {
	if err := s.enter(); err != nil {
		return nil, false, err
	}
	defer s.readers.Done()
	if s.filtered[k[0]] && s.filter.lacks(hash) {
		return dst, false, nil
	}
	it, err := s.db.NewIter(withFilters)
	if err != nil {
		return nil, false, s.MarkDamaged(fmt.Errorf("read row %q: %w", k, err))
	}
	if found = it.SeekPrefixGE(k); found {
		row, err = it.ValueAndErr()
		dst = append(dst, row...)
	}
	if err := errors.Join(err, it.Close()); err != nil {
		return nil, false, s.MarkDamaged(fmt.Errorf("read row %q: %w", k, err))
	}
	return dst, found, nil
}

var withFilters = &pebble.IterOptions{UseL6Filters: true}

// CachedRow returns the row of a cached table whose key is the name, and the head that the
// row reflects. The row is nil if it does not exist.
func (s *Store) CachedRow(table byte, name string) ([]byte, *Head, error) {
	var memory [KeyBytesUsual]byte // stays on the stack
	k := append(Key(memory[:0]), table).Tail(name)
	b, at, err := s.inCache(k)
	if err != nil || b != nil {
		return b, at, err
	}
	return s.fillCache(k.Clone())
}

// inCache returns a row from the cache, nil if the cache does not have it.
func (s *Store) inCache(k Key) ([]byte, *Head, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, _ := s.entities.get(nil, k, hashKey(k))
	return b, s.head, s.usable()
}

// fillCache reads a row, nil if it does not exist. It caches the row unless a commit was
// published since the read.
func (s *Store) fillCache(k Key) ([]byte, *Head, error) {
	b, found, at, err := s.Row(nil, k)
	if err != nil || !found {
		return nil, at, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.head == at {
		s.entities.put(k, hashKey(k), b)
	}
	return b, at, nil
}
