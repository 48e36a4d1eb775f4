package backup

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"iter"
	"strings"

	"authledger/domain"
	"authledger/eventstore"
)

// A segment is a line with the version of its format, and one frame for each commit. The numbers are
// big-endian:
//
//	position(8) length(4) commit checksum(4)
//
// The checksum is the CRC-32C of the bytes of the frame before it.
const (
	segmentHeader = "authledger commits 1\n"
	frameHead     = 8 + 4
	frameBytes    = frameHead + 4 // without the commit

	// segmentBytesMax is the size at which a segment is complete.
	segmentBytesMax = 16 << 20

	// segmentFileMax is the maximum size of a segment: the commit that completes it may exceed
	// segmentBytesMax.
	segmentFileMax = segmentBytesMax + frameBytes + eventstore.MessageBytesMax

	segmentSuffix = ".commits"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func segmentName(first, last uint64) string {
	return fmt.Sprintf("%012d-%012d%s", first, last, segmentSuffix)
}

// isSegmentName reports whether a file has the name of a segment.
func isSegmentName(name string) bool {
	var first, last uint64
	n, err := fmt.Sscanf(strings.TrimSuffix(name, segmentSuffix), "%d-%d", &first, &last)
	return n == 2 && err == nil && segmentName(first, last) == name
}

// segmentBuffer is a segment that is being filled.
type segmentBuffer struct {
	first uint64 // stream position of the first commit; 0 while the segment is empty
	data  []byte
}

func (b *segmentBuffer) add(m eventstore.Message) {
	if b.first == 0 {
		b.first = m.Stream
		b.data = append(b.data[:0], segmentHeader...)
	}
	begin := len(b.data)
	b.data = binary.BigEndian.AppendUint64(b.data, m.Stream)
	b.data = binary.BigEndian.AppendUint32(b.data, uint32(len(m.Data)))
	b.data = append(b.data, m.Data...)
	b.data = binary.BigEndian.AppendUint32(b.data, crc32.Checksum(b.data[begin:], castagnoli))
}

// describe returns the description of the segment, which ends at a position.
func (b *segmentBuffer) describe(end domain.Position) Segment {
	return Segment{
		File: segmentName(b.first, end.Stream), First: b.first, Last: end.Stream, Seq: end.Seq,
		Hash: fmt.Sprintf("%x", end.Hash), Bytes: len(b.data), SHA256: hexSum(b.data),
	}
}

// frames yields the commits of a segment that begins at stream position next. It ends with a *DamageError
// at the first commit that is not intact.
func frames(path string, next uint64, data []byte) iter.Seq2[eventstore.Message, error] {
	return func(yield func(eventstore.Message, error) bool) {
		if !bytes.HasPrefix(data, []byte(segmentHeader)) {
			yield(eventstore.Message{}, damaged(path, next, "the file is no segment of a backup"))
			return
		}
		for data = data[len(segmentHeader):]; len(data) > 0; next++ {
			m, size := decodeFrame(data)
			if size == 0 || m.Stream != next {
				yield(eventstore.Message{}, damaged(path, next, "the commit is damaged"))
				return
			}
			if !yield(m, nil) {
				return
			}
			data = data[size:]
		}
	}
}

// decodeFrame decodes the first frame of data. It returns a size of 0 if the frame is not intact.
func decodeFrame(data []byte) (m eventstore.Message, size int) {
	if len(data) < frameBytes {
		return m, 0
	}
	length := int64(binary.BigEndian.Uint32(data[8:]))
	if length > eventstore.MessageBytesMax || int64(len(data)) < frameBytes+length {
		return m, 0
	}
	end := frameHead + int(length)
	if binary.BigEndian.Uint32(data[end:]) != crc32.Checksum(data[:end], castagnoli) {
		return m, 0
	}
	return eventstore.Message{Stream: binary.BigEndian.Uint64(data), Data: data[frameHead:end]}, end + 4
}
