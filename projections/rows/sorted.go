package rows

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"sort"
)

// sorted returns the newest row of each key, in the order of the keys.
func (s *rowSet) sorted() []sortedRow {
	var tables [1 << 8][]sortedRow
	for i := range s.rows {
		r := &s.rows[i]
		t := s.memory[r.key]
		tables[t] = append(tables[t], sortedRow{row: uint32(i)})
	}
	all := make([]sortedRow, 0, len(s.rows))
	for _, rows := range tables {
		all = append(all, s.sort(rows)...)
	}
	return all
}

// sortedTable returns the newest row of each key of one table among the rows from index from
// on, in the order of the keys.
func (s *rowSet) sortedTable(table byte, from int) []sortedRow {
	var rows []sortedRow
	for i := from; i < len(s.rows); i++ {
		if s.memory[s.rows[i].key] == table {
			rows = append(rows, sortedRow{row: uint32(i)})
		}
	}
	return s.sort(rows)
}

// sortedRow is an index into the rows of a set, and the eight bytes of the key after the
// common prefix, which differ for most keys.
type sortedRow struct {
	part uint64
	row  uint32
}

// sort sorts rows of one table, and drops the row of a key that has a newer row. It compares
// the first eight bytes after the common prefix, then the rest of the keys.
func (s *rowSet) sort(rows []sortedRow) []sortedRow {
	same := s.common(rows)
	for i := range rows {
		var part [8]byte
		copy(part[:], s.keyAt(rows[i])[same:])
		rows[i].part = binary.BigEndian.Uint64(part[:])
	}
	slices.SortFunc(rows, func(a, b sortedRow) int {
		switch {
		case a.part < b.part:
			return -1
		case a.part > b.part:
			return 1
		}
		order := bytes.Compare(s.keyAt(a)[same:], s.keyAt(b)[same:])
		return cmp.Or(order, cmp.Compare(b.row, a.row)) // the newest row first
	})
	if !s.hasOlder {
		return rows
	}
	return slices.CompactFunc(rows, func(a, b sortedRow) bool { return bytes.Equal(s.keyAt(a), s.keyAt(b)) })
}

// merge returns the rows of two sorted lists as a new list. A newer row hides an older row at
// the same key.
func (s *rowSet) merge(older, newer []sortedRow) []sortedRow {
	if len(newer) == 0 {
		return older
	}
	all := make([]sortedRow, 0, len(older)+len(newer))
	for _, r := range newer {
		k := s.keyAt(r)
		n := s.search(older, k)
		all = append(append(all, older[:n]...), r)
		if older = older[n:]; len(older) > 0 && bytes.Equal(s.keyAt(older[0]), k) {
			older = older[1:]
		}
	}
	return append(all, older...)
}

// search returns the index of the first of the sorted rows at or after k.
func (s *rowSet) search(rows []sortedRow, k Key) int {
	return sort.Search(len(rows), func(i int) bool { return bytes.Compare(s.keyAt(rows[i]), k) >= 0 })
}

func (s *rowSet) keyAt(r sortedRow) Key { return s.keyOf(&s.rows[r.row]) }

// common returns the length of the prefix that all keys share.
func (s *rowSet) common(rows []sortedRow) int {
	if len(rows) == 0 {
		return 0
	}
	first := s.keyAt(rows[0])
	for i := range rows {
		k := s.keyAt(rows[i])
		n := 0
		for n < len(first) && n < len(k) && first[n] == k[n] {
			n++
		}
		first = first[:n]
	}
	return len(first)
}
