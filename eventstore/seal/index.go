package seal

import "encoding/binary"

// index finds the slot that may hold a subject. It remembers 8 of 16 bytes, so
// its answer is a candidate: the slot on disk has the last word. Not safe for
// concurrent use.
type index struct {
	first map[uint64]uint32  // by the first 8 bytes
	more  map[subject]uint32 // those that found their first 8 bytes taken
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

// put adds a subject that isn't in the index yet. If another begins alike, it
// returns that one's slot.
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
