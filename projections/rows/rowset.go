package rows

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"slices"
)

// rowSet holds rows in memory, each key once. It is a hash table over one slice of bytes,
// so that a million rows take a few allocations and the garbage collector has no pointers
// to follow. It is not safe for concurrent use.
type rowSet struct {
	memory []byte // keys and rows, one after the other
	rows   []setRow
	slots  []uint64 // a slot contains the upper 32 bits of a hash, and 1 + an index into rows; 0 is a free slot. The number of slots is a power of two
}

// setRow is the position of a key and its row in the memory of a set.
type setRow struct {
	hash          uint64
	key, row      uint32 // offsets
	keyLen, space uint32 // space is the number of bytes at row that a new value may take
	rowLen        uint32
	gone          bool // the key is deleted
}

// rowSetBytesMax is the maximum size of one set in bytes, so that 32 bits hold every
// offset.
const rowSetBytesMax = 1 << 30

// slotsMin is the initial number of slots of the hash table.
const slotsMin = 1 << 10

// keySeed is the seed of all sets, so that the hash of a key is computed once.
var keySeed = maphash.MakeSeed()

func hashKey(k Key) uint64 { return maphash.Bytes(keySeed, k) }

// get appends the row at k to dst. For a deleted row, known is true and found is false. For a
// key that is not in the set, both are false.
func (s *rowSet) get(dst []byte, k Key, hash uint64) (row []byte, found, known bool) {
	i := s.find(k, hash)
	if i < 0 {
		return dst, false, false
	}
	r := &s.rows[i]
	if r.gone {
		return dst, false, true
	}
	return append(dst, s.memory[r.row:r.row+r.rowLen]...), true, true
}

// put stores row at k. If gone is true, it marks the key as deleted.
func (s *rowSet) put(k Key, hash uint64, row []byte, gone bool) {
	i := s.find(k, hash)
	if i < 0 {
		i = s.add(k, hash)
	}
	r := &s.rows[i]
	r.gone, r.rowLen = gone, uint32(len(row))
	if len(row) > int(r.space) {
		r.row, r.space = uint32(len(s.memory)), uint32(len(row))
		s.memory = append(s.memory, row...)
		return
	}
	copy(s.memory[r.row:], row)
}

// putAll stores all rows and deletions of another set.
func (s *rowSet) putAll(from *rowSet) {
	for i := range from.rows {
		r := &from.rows[i]
		s.put(from.keyOf(r), r.hash, from.rowOf(r), r.gone)
	}
}

func (s *rowSet) keyOf(r *setRow) Key    { return Key(s.memory[r.key : r.key+r.keyLen]) }
func (s *rowSet) rowOf(r *setRow) []byte { return s.memory[r.row : r.row+r.rowLen] }

// clear removes all rows and keeps the memory for later rows.
func (s *rowSet) clear() {
	s.memory, s.rows = s.memory[:0], s.rows[:0]
	clear(s.slots)
}

func (s *rowSet) find(k Key, hash uint64) int {
	if len(s.slots) == 0 {
		return -1
	}
	mask := uint64(len(s.slots) - 1)
	for at := hash & mask; s.slots[at] != 0; at = (at + 1) & mask {
		slot := s.slots[at]
		if slot>>32 != hash>>32 {
			continue
		}
		if i := int(uint32(slot) - 1); bytes.Equal(s.keyOf(&s.rows[i]), k) {
			return i
		}
	}
	return -1
}

func (s *rowSet) add(k Key, hash uint64) int {
	if 2*len(s.rows) >= len(s.slots) {
		s.grow()
	}
	s.rows = append(s.rows, setRow{hash: hash, key: uint32(len(s.memory)), keyLen: uint32(len(k))})
	s.memory = append(s.memory, k...)
	s.place(len(s.rows) - 1)
	return len(s.rows) - 1
}

func (s *rowSet) grow() {
	s.slots = make([]uint64, max(slotsMin, 2*len(s.slots)))
	for i := range s.rows {
		s.place(i)
	}
}

func (s *rowSet) place(i int) {
	mask := uint64(len(s.slots) - 1)
	at := s.rows[i].hash & mask
	for s.slots[at] != 0 {
		at = (at + 1) & mask
	}
	s.slots[at] = s.rows[i].hash>>32<<32 | uint64(i+1)
}

// sorted returns the rows in the order of their keys. Within a table it compares the first
// eight bytes after the common prefix, then the rest of the keys.
func (s *rowSet) sorted() []sortedRow {
	var tables [1 << 8][]sortedRow
	for i := range s.rows {
		r := &s.rows[i]
		t := s.memory[r.key]
		tables[t] = append(tables[t], sortedRow{row: uint32(i)})
	}
	all := make([]sortedRow, 0, len(s.rows))
	for _, rows := range tables {
		s.sort(rows)
		all = append(all, rows...)
	}
	return all
}

// sortedRow is an index into the rows of a set, and the eight bytes of the key after the
// common prefix, which differ for most keys.
type sortedRow struct {
	part uint64
	row  uint32
}

func (s *rowSet) sort(rows []sortedRow) {
	same := s.common(rows)
	for i := range rows {
		var part [8]byte
		copy(part[:], s.keyOf(&s.rows[rows[i].row])[same:])
		rows[i].part = binary.BigEndian.Uint64(part[:])
	}
	slices.SortFunc(rows, func(a, b sortedRow) int {
		switch {
		case a.part < b.part:
			return -1
		case a.part > b.part:
			return 1
		}
		return bytes.Compare(s.keyOf(&s.rows[a.row])[same:], s.keyOf(&s.rows[b.row])[same:])
	})
}

// common returns the length of the prefix that all keys share.
func (s *rowSet) common(rows []sortedRow) int {
	if len(rows) == 0 {
		return 0
	}
	first := s.keyOf(&s.rows[rows[0].row])
	for i := range rows {
		k := s.keyOf(&s.rows[rows[i].row])
		n := 0
		for n < len(first) && n < len(k) && first[n] == k[n] {
			n++
		}
		first = first[:n]
	}
	return len(first)
}
