package rows

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"time"
)

// Key is the key of a row: the byte of the table, and the parts that its methods append.
// Keys of one table sort by their first part, then by their second part, and so on.
type Key []byte

// KeyBytesUsual is the initial capacity of a key, which is enough for most keys.
const KeyBytesUsual = 64

// instantBytes is the length of an instant in a key.
const instantBytes = 8 + 4

// keyEpoch is the zero [time.Time] in seconds since the Unix epoch. Instants are written
// relative to the zero time, so that the zero time has the shortest form.
const keyEpoch = -62135596800

var (
	// ErrKey reports a key without the parts that keys of its table have.
	ErrKey = errors.New("invalid key: parts are missing")

	// ErrText reports a name with a NUL byte, which ends a text in a key.
	ErrText = errors.New("invalid name: it contains a NUL byte")
)

// Text appends a name that more parts follow. A NUL byte ends the name.
func (k Key) Text(s string) Key { return append(append(k, s...), 0) }

// Tail appends a name as the last part.
func (k Key) Tail(s string) Key { return append(k, s...) }

// Number appends a number, big-endian.
func (k Key) Number(n uint64) Key { return binary.BigEndian.AppendUint64(k, n) }

// Instant appends a time. Keys sort in the order of the times, for all times that RFC 3339
// can express and for the zero time.
func (k Key) Instant(t time.Time) Key {
	seconds := uint64(t.Unix()-keyEpoch) ^ 1<<63
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(k, seconds), uint32(t.Nanosecond()))
}

// Byte appends one byte.
func (k Key) Byte(b byte) Key { return append(k, b) }

// Clone returns a copy of k that shares no memory with k.
func (k Key) Clone() Key { return append(Key(nil), k...) }

// After returns the first key that is greater than all keys with the prefix k. It is the
// end of a scan of that prefix; nil means the end of all rows.
func (k Key) After() Key {
	end := k.Clone()
	for i := len(end) - 1; i >= 0; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
	return nil
}

// CutNumber reads a number at the start of k and returns the rest of k, or ErrKey.
func (k Key) CutNumber() (uint64, Key, error) {
	if len(k) < 8 {
		return 0, nil, ErrKey
	}
	return binary.BigEndian.Uint64(k), k[8:], nil
}

// CutInstant reads an instant at the start of k and returns the rest of k, or ErrKey.
func (k Key) CutInstant() (time.Time, Key, error) {
	if len(k) < instantBytes {
		return time.Time{}, nil, ErrKey
	}
	seconds := int64(binary.BigEndian.Uint64(k) ^ 1<<63)
	return time.Unix(seconds+keyEpoch, int64(binary.BigEndian.Uint32(k[8:]))).UTC(), k[instantBytes:], nil
}

// CutText reads a text at the start of k and returns the rest of k, or ErrKey.
func (k Key) CutText() (string, Key, error) {
	text, rest, found := bytes.Cut(k, []byte{0})
	if !found {
		return "", nil, ErrKey
	}
	return string(text), rest, nil
}

// CheckNames returns ErrText if a name can't be a part of a key.
func CheckNames(names ...string) error {
	for _, s := range names {
		if strings.IndexByte(s, 0) >= 0 {
			return ErrText
		}
	}
	return nil
}
