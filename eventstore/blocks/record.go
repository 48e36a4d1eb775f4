package blocks

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/minio/highwayhash"

	"authledger/eventstore"
)

const (
	headBytes     = 22 // length, position, time and subjectLength
	checksumBytes = 8

	// recordBytesMax bounds one record: a message with its headers and subject.
	recordBytesMax = eventstore.MessageBytesMax + 64<<10

	hasHeader    = 1 << 31 // in length
	isErased     = 1 << 63 // in position
	isTombstone  = 1 << 62 // in position
	headerPrefix = "NATS/1.0"
	headerSuffix = "\r\n\r\n"

	// readBytes is the size of the read buffer of one scan.
	readBytes = 256 << 10
)

// errTorn reports that the file ends before the record does.
var errTorn = errors.New("the file ends within a record")

// record is one record of a block, with its checksum verified. It owns its bytes.
type record struct {
	position  uint64
	erased    bool
	tombstone bool
	subject   []byte
	message   []byte
	bytes     int // length in the file
}

// digest returns the checksum's hash for block number n of a stream.
func digest(stream string, n uint32) (hash.Hash64, error) {
	key := sha256.Sum256(fmt.Appendf(nil, "%s-%d", stream, n))
	return highwayhash.New64(key[:])
}

// streamDigest returns the checksum's hash for index.db of a stream.
func streamDigest(stream string) (hash.Hash64, error) {
	key := sha256.Sum256([]byte(stream))
	return highwayhash.New64(key[:])
}

// records reads the records of one block in order.
type records struct {
	from   *bufio.Reader
	left   int64 // bytes of the file after the last record returned
	digest hash.Hash64
}

// next returns the next record. It returns io.EOF after the last one, errTorn if the
// file ends within the record, an errDamaged if its bytes are wrong, and otherwise the
// error of the read.
func (r *records) next() (record, error) {
	if r.left == 0 {
		return record{}, io.EOF
	}
	head, err := r.from.Peek(int(min(headBytes, r.left)))
	if err != nil {
		return record{}, shortRead(err)
	}
	if len(head) < headBytes {
		return record{}, errTorn
	}
	length := binary.LittleEndian.Uint32(head)
	size := int(length &^ hasHeader)
	switch {
	case size < headBytes+checksumBytes || size > recordBytesMax:
		return record{}, damaged("a record of %d bytes; the valid sizes are %d to %d", size, headBytes+checksumBytes, recordBytesMax)
	case int64(size) > r.left:
		return record{}, errTorn
	}
	all := make([]byte, size)
	if _, err := io.ReadFull(r.from, all); err != nil {
		return record{}, shortRead(err)
	}
	r.left -= int64(size)
	return r.parse(all, length&hasHeader != 0)
}

// rest returns the unread bytes of the file, at most recordBytesMax.
func (r *records) rest() ([]byte, error) {
	all := make([]byte, min(r.left, recordBytesMax))
	_, err := io.ReadFull(r.from, all)
	return all, shortRead(err)
}

// shortRead returns damage for a read that ended before the size of the file, and any other
// error unchanged.
func shortRead(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return damaged("the file became shorter while it was read")
	}
	return err
}

func (r *records) parse(all []byte, header bool) (record, error) {
	subjectEnd := headBytes + int(binary.LittleEndian.Uint16(all[headBytes-2:]))
	end := len(all) - checksumBytes
	body := subjectEnd // of header and message, after the header's length
	if header {
		body += 4
	}
	if body > end {
		return record{}, damaged("a record of %d bytes with a subject of %d bytes", len(all), subjectEnd-headBytes)
	}
	r.digest.Reset()
	r.digest.Write(all[4:20])
	r.digest.Write(all[headBytes:subjectEnd])
	r.digest.Write(all[body:end])
	var sum [checksumBytes]byte
	if !bytes.Equal(r.digest.Sum(sum[:0]), all[end:]) {
		return record{}, damaged("a record with a wrong checksum")
	}
	message, err := messageOf(all[body:end], all[subjectEnd:body])
	position := binary.LittleEndian.Uint64(all[4:])
	return record{
		position:  position &^ (isErased | isTombstone),
		erased:    position&isErased != 0,
		tombstone: position&isTombstone != 0,
		subject:   all[headBytes:subjectEnd],
		message:   message,
		bytes:     len(all),
	}, err
}

// messageOf returns body without its header. The checksum does not cover the header's
// length, so the header's own marks are compared.
func messageOf(body, headerLength []byte) ([]byte, error) {
	if len(headerLength) == 0 {
		return body, nil
	}
	n := uint64(binary.LittleEndian.Uint32(headerLength))
	if n > uint64(len(body)) || !bytes.HasPrefix(body[:n], []byte(headerPrefix)) || !bytes.HasSuffix(body[:n], []byte(headerSuffix)) {
		return nil, damaged("a record with an invalid header of %d bytes", n)
	}
	return body[n:], nil
}

// errDamaged reports wrong bytes. Its text completes "N.blk holds …".
type errDamaged string

func (e errDamaged) Error() string { return string(e) }

func damaged(format string, args ...any) error { return errDamaged(fmt.Sprintf(format, args...)) }
