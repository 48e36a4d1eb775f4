package rows

import (
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// addToFilter adds the keys of a span that is about to be written. Only the writer calls it.
func (s *Store) addToFilter(set *rowSet) {
	for i := range set.rows {
		if r := &set.rows[i]; !r.gone && s.filtered[set.memory[r.key]] {
			s.filter.add(r.hash)
		}
	}
}

// fillFilter makes the filter complete: at once for a new generation, otherwise after a scan
// in a goroutine, which works half of the time and ends at Close.
func (s *Store) fillFilter(isNew bool) {
	if isNew || s.stored.Seq == 0 {
		s.filter.complete.Store(true)
		return
	}
	if s.enter() == nil {
		go func() {
			defer s.readers.Done()
			s.scanFiltered()
		}()
	}
}

// scanFiltered adds the keys that Pebble has. The writer adds the keys that come later. The
// filter stays unused if Pebble has more keys than the filter can hold.
func (s *Store) scanFiltered() {
	keys := 0
	for _, table := range s.schema.Filtered {
		n, whole, err := s.scanTable(table, filterKeysMax-keys)
		if err != nil {
			err = s.MarkDamaged(fmt.Errorf("read the keys of %s: %w", s.schema.Tables[table], err))
			s.options.Log.Warn("searches for absent rows read Pebble, because the filter is incomplete", "cause", err)
			return
		}
		if !whole {
			return
		}
		keys += n
	}
	s.filter.complete.Store(true)
}

// scanTable adds at most most keys of a table. It reports whether these are all.
func (s *Store) scanTable(table byte, most int) (n int, whole bool, err error) {
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: Key{table}, UpperBound: Key{table}.After()})
	if err != nil {
		return 0, false, err
	}
	begun := time.Now()
	for ok := it.First(); ok; ok = it.Next() {
		if n == most {
			return n, false, it.Close()
		}
		s.filter.add(hashKey(it.Key()))
		if n++; n%CheckEvery == 0 {
			if !s.rest(time.Since(begun)) {
				return n, false, it.Close()
			}
			begun = time.Now()
		}
	}
	return n, true, errors.Join(it.Error(), it.Close())
}

// rest waits for d. It reports false if Close began meanwhile.
func (s *Store) rest(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.stop:
		return false
	}
}
