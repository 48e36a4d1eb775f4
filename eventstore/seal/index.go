package seal

import "encoding/binary"

// index returns the slot that may hold a subject. It holds 8 of the 16 bytes of a subject, so
// the caller MUST compare the subject in the slot. It is not safe for concurrent use.
type index struct {
	first map[uint64]uint32  // by the first 8 bytes
	more  map[subject]uint32 // subjects whose first 8 bytes were already in first
}

func newIndex(size int) index {
	return index{first: make(map[uint64]uint32, size), more: map[subject]uint32{}}
}

func (x index) candidate(of subject) (n uint32, ok bool) {
	if n, ok = x.more[of]; ok {
		return n, true
	}
	n, ok = x.first[of.short()]
	return n, ok
}

// put adds a subject that is not in the index. If another subject has the same first 8
// bytes, it returns the slot of that subject.
func (x index) put(of subject, n uint32) (alike uint32) {
	alike, taken := x.first[of.short()]
	if taken {
		x.more[of] = n
		return alike
	}
	x.first[of.short()] = n
	return 0
}

func (s subject) short() uint64 { return binary.BigEndian.Uint64(s[:]) }
