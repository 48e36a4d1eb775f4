package blocks

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"authledger/eventstore"
)

// ChecksumBytes is the size of the checksum at the end of each record and of index.db.
const ChecksumBytes = checksumBytes

// storedBytesMax bounds one record of any stream: the server treats a larger length as damage.
const storedBytesMax = 32 << 20

// CheckFile reads block number n of a stream as the server does when it can't use index.db,
// and returns the position of the last record. The stream may have any retention policy. For a
// record at which the server would truncate the block, CheckFile returns a *eventstore.Fault.
// The Stream of the fault is 0 if the block's first record is damaged. An incomplete write at
// the end of the newest block is no damage, because the server did not acknowledge it.
func CheckFile(path, stream string, n uint32, newest bool) (last uint64, err error) {
	f, size, err := openFile(path)
	if err != nil {
		return 0, err
	}
	data := make([]byte, size)
	_, err = io.ReadFull(f, data)
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, fmt.Errorf("read %s: %w", path, err)
	}
	sum, err := digest(stream, n)
	if err != nil {
		return 0, err
	}
	all := records{digest: sum}
	for at := 0; at < len(data); {
		r, err := all.frame(data[at:])
		if err != nil {
			if newest && all.isLastWrite(data[at:], err) {
				return last, nil
			}
			return last, damagedAt(path, at, last, err)
		}
		last = max(last, r.position)
		at += r.bytes
	}
	return last, nil
}

func damagedAt(path string, at int, last uint64, err error) error {
	position := uint64(0)
	if last > 0 {
		position = last + 1
	}
	if errors.Is(err, errTorn) {
		return eventstore.Faultf(position, "%s ends within the record at offset %d: restore it from a backup", path, at)
	}
	return eventstore.Faultf(position, "%s holds %w at offset %d: restore it from a backup", path, err, at)
}

// frame returns the record at the beginning of data.
func (r *records) frame(data []byte) (record, error) {
	if len(data) < headBytes {
		return record{}, errTorn
	}
	length := binary.LittleEndian.Uint32(data)
	size := int(length &^ hasHeader)
	switch {
	case size < headBytes+checksumBytes || size > storedBytesMax:
		return record{}, damaged("a record of %d bytes; the valid sizes are %d to %d", size, headBytes+checksumBytes, storedBytesMax)
	case size > len(data):
		return record{}, errTorn
	}
	return r.parse(data[:size], length&hasHeader != 0)
}

// isLastWrite reports whether rest is one incomplete write: the beginning of a record, or
// zeros. A record with a damaged length also seems to be cut, but then an intact record
// follows it.
func (r *records) isLastWrite(rest []byte, err error) bool {
	if !errors.Is(err, errTorn) {
		return isZero(rest)
	}
	for at := 1; at+headBytes+checksumBytes <= len(rest); at++ {
		if rest[at+headBytes-1] > subjectBytesHighMax || rest[at+3]&^(hasHeader>>24) > storedBytesMax>>24 {
			continue // the cheap test first: most offsets fail it
		}
		if _, err := r.frame(rest[at:]); err == nil {
			return false
		}
	}
	return true
}

// subjectBytesHighMax bounds the high byte of a subject's length: subjects of streams
// have at most 4 KiB, as the server's protocol lines do.
const subjectBytesHighMax = 4 << 10 >> 8

// IndexEndsWith reports whether index.db of a stream has a valid checksum, and names block n as
// the newest block and last as the checksum of the last record of that block. If not, the
// server reads all blocks at its start.
func IndexEndsWith(index []byte, stream string, n uint32, last []byte) bool {
	if len(index) < checksumBytes {
		return false
	}
	hash, err := streamDigest(stream)
	if err != nil {
		return false
	}
	body, sum := index[:len(index)-checksumBytes], index[len(index)-checksumBytes:]
	hash.Write(body)
	if !bytes.Equal(hash.Sum(nil), sum) {
		return false
	}
	return bytes.HasSuffix(body, append(binary.AppendUvarint(nil, uint64(n)), last...))
}
