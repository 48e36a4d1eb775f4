package rows

import (
	"context"

	"authledger/domain"
)

// Stage holds the rows of one commit that is being folded. Only its caller sees them until
// [Store.Publish]. A Stage keeps no slice that it receives, and is not safe for concurrent
// use.
type Stage struct {
	store *Store
	rows  rowSet
}

// NewStage returns an empty stage, which [Store.Fold] reuses for each commit.
func (s *Store) NewStage() *Stage { return &Stage{store: s} }

// Get appends the row at k to dst: the staged row, else the published one.
func (t *Stage) Get(dst []byte, k Key) (row []byte, found bool, err error) {
	row, found, known := t.rows.get(dst, k, hashKey(k))
	if known {
		return row, found, nil
	}
	row, found, _, err = t.store.Row(dst, k)
	return row, found, err
}

// Put stages a row.
func (t *Stage) Put(k Key, row []byte) { t.rows.put(k, hashKey(k), row, false) }

// Remove stages the deletion of a row.
func (t *Stage) Remove(k Key) { t.rows.put(k, hashKey(k), nil, true) }

// Fold empties the stage and calls fold, which stages the rows of one commit and publishes
// them. Calls of Fold run one at a time. Fold waits while the current span is full and the
// span before it is being written. It returns the error of fold, or why the store is
// unusable.
func (s *Store) Fold(t *Stage, fold func() error) error {
	s.folding.Lock()
	defer s.folding.Unlock()
	if err := s.await(context.Background(), s.hasCapacity); err != nil {
		return err
	}
	t.rows.clear()
	return fold()
}

// hasCapacity reports whether the current span has capacity for another commit. The lock is
// held.
func (s *Store) hasCapacity() bool {
	if !s.isFull() {
		return true
	}
	notify(s.early)
	return false
}

// Publish makes the staged rows of a commit visible to reads, all at once. Only fold, which
// [Store.Fold] calls, may call it.
func (s *Store) Publish(t *Stage, c *domain.Commit, value any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current.rows.putAll(&t.rows)
	s.cachePublished(&t.rows)
	s.head = &Head{c.End(), c.Time, value}
	if s.current.records == 0 {
		notify(s.begun)
	}
	s.current.records += len(c.Records)
	s.current.commits = append(s.current.commits, commitStart{c.First, c.Stream})
	s.current.end = s.head
	if s.isFull() {
		notify(s.early)
	}
	s.changed.broadcast()
}

// cachePublished puts the rows of cached tables into the cache. The lock is held.
func (s *Store) cachePublished(staged *rowSet) {
	for i := range staged.rows {
		if r := &staged.rows[i]; s.cached[staged.memory[r.key]] {
			s.entities.put(staged.keyOf(r), r.hash, staged.rowOf(r))
		}
	}
}

// Locate returns the stream position of the commit with the record at seq, if that commit
// is published and may not be in Pebble yet. isAhead reports that the record is not
// published; there is no record 0.
func (s *Store) Locate(seq uint64) (stream uint64, found, isAhead bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if stream, found = s.current.locate(seq); !found {
		stream, found = s.writing.locate(seq)
	}
	return stream, found, seq == 0 || seq > s.head.Seq
}
