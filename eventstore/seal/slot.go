package seal

import (
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
)

// The key file and the chunks of the ring are arrays of slots, all of one form:
//
//	  0   4  state
//	  4   8  tag
//	 12  16  subject index
//	 28  12  nonce
//	 40  48  wrapped key
//	 88  32  zero
//	120   4  CRC-32C of the slot's number and the bytes before
//	124   4  end mark
//
// The header and the count of acknowledged slots are in separate sectors, so that writing
// the count cannot damage the header.
const (
	slotBytes  = 128
	checkStart = 120
	endStart   = 124

	headerSlot = 0 // tag: format version; wrapped key: the root secret
	markSlot   = 4 // tag: the first slot that is not acknowledged
	ledgerSlot = 5 // tag: position up to which keys are given up; wrapped key: SHA-256 of the ledger's id
	firstSlot  = 8 // of the keys of older programs

	ringSlot       = 6 // tag: generation; wrapped key: the ring key
	formerRingSlot = 7 // the previous ring key during a rotation, otherwise zero

	formatVersion = 1
)

type (
	state   [4]byte
	keyTag  [8]byte
	subject [16]byte
)

var (
	stateHead    = state{'h', 'e', 'a', 'd'}
	stateMark    = state{'m', 'a', 'r', 'k'}
	stateBinding = state{'b', 'o', 'o', 'k'} // the ledger that the keys belong to
	stateRing    = state{'r', 'i', 'n', 'g'} // a key that wraps the keys of the ring
	stateLive    = state{'l', 'i', 'v', 'e'}
	stateGone    = state{'g', 'o', 'n', 'e'} // destroyed on purpose; tag and subject stay
	stateLost    = state{'l', 'o', 's', 't'} // given up after damage, or unfinished

	endMark = [4]byte{0x5e, 0xa1, 0x0f, 0xf5}

	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

type slot struct {
	state   state
	tag     keyTag
	subject subject
	nonce   [nonceBytes]byte
	wrapped [keyBytes + tagBytes]byte
}

func (s *slot) encode(n uint32) []byte {
	b := make([]byte, 0, slotBytes)
	b = append(b, s.state[:]...)
	b = append(b, s.tag[:]...)
	b = append(b, s.subject[:]...)
	b = append(b, s.nonce[:]...)
	b = append(b, s.wrapped[:]...)
	b = b[:checkStart]
	b = binary.BigEndian.AppendUint32(b, checksum(n, b))
	return append(b, endMark[:]...)
}

type condition int

const (
	damaged condition = iota
	torn              // unfinished
	whole
)

func decode(n uint32, b []byte) (slot, condition) {
	if [4]byte(b[endStart:]) == ([4]byte{}) {
		return slot{}, torn
	}
	if [4]byte(b[endStart:]) != endMark || binary.BigEndian.Uint32(b[checkStart:]) != checksum(n, b[:checkStart]) {
		return slot{}, damaged
	}
	var s slot
	b = b[copy(s.state[:], b):]
	b = b[copy(s.tag[:], b):]
	b = b[copy(s.subject[:], b):]
	b = b[copy(s.nonce[:], b):]
	copy(s.wrapped[:], b)
	return s, whole
}

// checksum also covers the number, so that a slot at a wrong place is damage.
func checksum(n uint32, b []byte) uint32 {
	var number [4]byte
	binary.BigEndian.PutUint32(number[:], n)
	return crc32.Update(crc32.Checksum(number[:], castagnoli), castagnoli, b)
}

func offset(n uint32) int64 { return int64(n) * slotBytes }

func numberTag(v uint64) keyTag {
	var t keyTag
	binary.BigEndian.PutUint64(t[:], v)
	return t
}

func (t keyTag) number() uint64 { return binary.BigEndian.Uint64(t[:]) }

// The id of a key of an older program is the number of its slot and its tag. The tag distinguishes keys with one slot
// number: a key that was lost in a crash and its successor, or the keys of two stores.
const kidDigits = 2 * (4 + 8)

func parseKID(kid string) (n uint32, tag keyTag, ok bool) {
	if len(kid) != kidDigits {
		return 0, keyTag{}, false
	}
	b, err := hex.DecodeString(kid)
	if err != nil || hex.EncodeToString(b) != kid {
		return 0, keyTag{}, false
	}
	return binary.BigEndian.Uint32(b), keyTag(b[4:]), true
}
