package rows

import (
	"bytes"
	"slices"
	"sync"
)

// layer is the rows that a span had when a view was made. All views of the same rows share
// one layer. A layer never changes, and is safe for concurrent use.
type layer struct {
	rows  rowSet // frozen
	index *index // of the span

	mu     sync.Mutex
	tables map[byte][]run // of the tables that were read
}

// index is the runs of the newest layers of a span that were read. Layers share runs, so the
// runs of a span take memory for each row and each doubling of the rows, however many views
// are open. It is safe for concurrent use.
type index struct {
	mu     sync.Mutex
	tables map[byte]indexed
}

// indexed is the runs of a table, and the number of the first rows of the set that they hold.
type indexed struct {
	runs []run
	upTo int
}

// run is sorted rows of one table, one row for each key. It never changes. The runs of a
// table are in the order of their rows in the set, so a later run has newer rows.
type run struct {
	rows []sortedRow
	upTo int // number of the first rows of the set up to the newest row of the run
}

// freeze returns the rows of the span as they are now, nil if the span has no rows. The lock
// of the store is held. The cost does not depend on the number of rows.
func (s *span) freeze() *layer {
	if s == nil || len(s.rows.rows) == 0 {
		return nil
	}
	if s.layer == nil || s.layer.rows.frozen < len(s.rows.rows) {
		if s.index == nil {
			s.index = &index{tables: make(map[byte]indexed)}
		}
		s.layer = &layer{rows: s.rows.freeze(), index: s.index, tables: make(map[byte][]run)}
	}
	return s.layer
}

// table returns the runs of one table.
func (l *layer) table(table byte) []run {
	l.mu.Lock()
	defer l.mu.Unlock()
	runs, known := l.tables[table]
	if !known {
		runs = l.index.table(table, &l.rows)
		l.tables[table] = runs
	}
	return runs
}

// table returns the runs of one table of a frozen set. It sorts only the rows after the known
// runs. If a later layer was read before, the known runs that have later rows are of no use.
func (x *index) table(table byte, set *rowSet) []run {
	x.mu.Lock()
	defer x.mu.Unlock()
	known := x.tables[table]
	if known.upTo > set.frozen {
		return set.older(table, known.runs)
	}
	if known.upTo < set.frozen {
		known = indexed{set.merged(known.runs, set.run(table, known.upTo)), set.frozen}
		x.tables[table] = known
	}
	return known.runs
}

// older returns the runs of a set that does not have all rows of the known runs.
func (s *rowSet) older(table byte, known []run) []run {
	n, upTo := 0, 0
	for n < len(known) && known[n].upTo <= s.frozen {
		upTo = known[n].upTo
		n++
	}
	last := s.run(table, upTo)
	if len(last.rows) == 0 {
		return known[:n]
	}
	return append(slices.Clone(known[:n]), last)
}

// run sorts the rows of one table from index from on.
func (s *rowSet) run(table byte, from int) run {
	rows := s.sortedTable(table, from)
	upTo := from
	for _, r := range rows {
		upTo = max(upTo, int(r.row)+1)
	}
	return run{rows, upTo}
}

// merged returns the runs with one more run. It merges the last two runs while the last run
// has at least half the rows of the run before it, so the number of runs is logarithmic.
func (s *rowSet) merged(runs []run, last run) []run {
	if len(last.rows) == 0 {
		return runs
	}
	n := len(runs)
	for n > 0 && 2*len(last.rows) >= len(runs[n-1].rows) {
		n--
		last = run{s.merge(runs[n].rows, last.rows), last.upTo}
	}
	return append(slices.Clone(runs[:n]), last)
}

// within returns the rows from key from to before key to, the newest run first. Each element
// is in the order of the keys, and not empty.
func (l *layer) within(from, to Key) (all [][]sortedRow) {
	if !isOneTable(from, to) {
		return l.between(all, l.rows.sorted(), from, to)
	}
	for _, r := range slices.Backward(l.table(from[0])) {
		all = l.between(all, r.rows, from, to)
	}
	return all
}

// between appends the sorted rows from key from to before key to, if there are any.
func (l *layer) between(all [][]sortedRow, rows []sortedRow, from, to Key) [][]sortedRow {
	begin, end := l.rows.search(rows, from), len(rows)
	if to != nil {
		end = l.rows.search(rows, to)
	}
	if begin >= end {
		return all
	}
	return append(all, rows[begin:end])
}

// isOneTable reports whether all keys from key from to before key to are of one table.
func isOneTable(from, to Key) bool {
	switch {
	case len(from) == 0 || len(to) == 0:
		return false
	case len(to) == 1:
		return to[0] == from[0] || to[0] == from[0]+1
	}
	return to[0] == from[0]
}

// get returns the row at k. For a deleted row, known is true and found is false. For a key
// that the layer does not have, both are false.
func (l *layer) get(k Key) (row []byte, found, known bool) {
	for _, run := range slices.Backward(l.table(k[0])) {
		i := l.rows.search(run.rows, k)
		if i == len(run.rows) || !bytes.Equal(l.rows.keyAt(run.rows[i]), k) {
			continue
		}
		r := &l.rows.rows[run.rows[i].row]
		return l.rows.rowOf(r), !r.gone, true
	}
	return nil, false, false
}
