package rows

import (
	"bytes"
	"hash/maphash"
)

// rowSet holds rows in memory. It is a hash table over one slice of bytes, so that a million
// rows take a few allocations and the garbage collector has no pointers to follow. It is not
// safe for concurrent use.
//
// The set has each key once, except that a frozen row never changes: a later put of its key
// appends a newer row.
type rowSet struct {
	memory []byte // keys and rows, one after the other
	rows   []setRow
	slots  []uint64 // a slot contains the upper 32 bits of a hash, and 1 + the index into rows of the newest row of a key; 0 is a free slot. The number of slots is a power of two
	frozen int      // number of the first rows, which are frozen

	hasOlder bool // reports whether a key has an older row
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
	_, i := s.find(k, hash)
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
	r := &s.rows[s.changeable(k, hash)]
	r.gone, r.rowLen = gone, uint32(len(row))
	if len(row) > int(r.space) {
		r.row, r.space = uint32(len(s.memory)), uint32(len(row))
		s.memory = append(s.memory, row...)
		return
	}
	copy(s.memory[r.row:], row)
}

// changeable returns the index of a row at k that is not frozen.
func (s *rowSet) changeable(k Key, hash uint64) int {
	slot, i := s.find(k, hash)
	if i < 0 {
		return s.add(k, hash)
	}
	if i >= s.frozen {
		return i
	}
	s.rows = append(s.rows, setRow{hash: hash, key: s.rows[i].key, keyLen: s.rows[i].keyLen})
	s.slots[slot] = slotOf(hash, len(s.rows)-1)
	s.hasOlder = true
	return len(s.rows) - 1
}

// freeze returns a copy of the set for sorted reads, without the hash table. The copy shares
// the memory of s, and later changes of s do not change the copy. It is safe for concurrent
// use until s is cleared.
func (s *rowSet) freeze() rowSet {
	n, size := len(s.rows), len(s.memory)
	s.frozen = n
	return rowSet{memory: s.memory[:size:size], rows: s.rows[:n:n], frozen: n, hasOlder: s.hasOlder}
}

// putAll stores all rows and deletions of another set.
func (s *rowSet) putAll(from *rowSet) {
	for i := range from.rows {
		r := &from.rows[i]
		s.put(from.keyOf(r), r.hash, from.rowOf(r), r.gone)
	}
}

// keyOf and rowOf return slices without spare capacity, so that an append copies them.
func (s *rowSet) keyOf(r *setRow) Key {
	end := r.key + r.keyLen
	return Key(s.memory[r.key:end:end])
}

func (s *rowSet) rowOf(r *setRow) []byte {
	end := r.row + r.rowLen
	return s.memory[r.row:end:end]
}

// clear removes all rows and keeps the memory for later rows.
func (s *rowSet) clear() {
	s.memory, s.rows, s.frozen, s.hasOlder = s.memory[:0], s.rows[:0], 0, false
	clear(s.slots)
}

// find returns the slot and the index of the newest row at k, and the index -1 if there is no
// such row.
func (s *rowSet) find(k Key, hash uint64) (slot, i int) {
	if len(s.slots) == 0 {
		return 0, -1
	}
	mask := uint64(len(s.slots) - 1)
	for at := hash & mask; s.slots[at] != 0; at = (at + 1) & mask {
		slot := s.slots[at]
		if slot>>32 != hash>>32 {
			continue
		}
		if i := int(uint32(slot) - 1); bytes.Equal(s.keyOf(&s.rows[i]), k) {
			return int(at), i
		}
	}
	return 0, -1
}

func slotOf(hash uint64, row int) uint64 { return hash>>32<<32 | uint64(row+1) }

func (s *rowSet) add(k Key, hash uint64) int {
	if 2*len(s.rows) >= len(s.slots) {
		s.grow()
	}
	s.rows = append(s.rows, setRow{hash: hash, key: uint32(len(s.memory)), keyLen: uint32(len(k))})
	s.memory = append(s.memory, k...)
	s.place(len(s.rows) - 1)
	return len(s.rows) - 1
}

// grow doubles the number of slots. Without older rows, the order of the rows saves reading
// the former slots in the order of the hashes.
func (s *rowSet) grow() {
	former := s.slots
	s.slots = make([]uint64, max(slotsMin, 2*len(former)))
	if !s.hasOlder {
		for i := range s.rows {
			s.place(i)
		}
		return
	}
	for _, slot := range former {
		if slot != 0 {
			s.place(int(uint32(slot) - 1))
		}
	}
}

func (s *rowSet) place(i int) {
	mask := uint64(len(s.slots) - 1)
	at := s.rows[i].hash & mask
	for s.slots[at] != 0 {
		at = (at + 1) & mask
	}
	s.slots[at] = slotOf(s.rows[i].hash, i)
}
