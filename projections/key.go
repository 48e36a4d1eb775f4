package projections

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"time"
)

// A key is made front to back of the table's byte and the parts below, and
// sorts as its parts do, one after the other.
type key []byte

// keyBytesUsual is what most keys fit into; longer ones grow.
const keyBytesUsual = 64

// instantBytes is the length of an instant in a key.
const instantBytes = 8 + 4

// keyEpoch is the zero time's distance to the Unix epoch, in seconds. Counting
// from the zero time makes it the shortest to write.
const keyEpoch = -62135596800

var (
	errKey  = errors.New("the key is no key of its table")
	errText = errors.New("a name holds a NUL, which no checked command can")
)

// text is a name that more parts follow: it ends at a NUL.
func (k key) text(s string) key { return append(append(k, s...), 0) }

// tail is a name that nothing follows.
func (k key) tail(s string) key { return append(k, s...) }

func (k key) number(n uint64) key { return binary.BigEndian.AppendUint64(k, n) }

// instant sorts every time that RFC 3339 can say, the zero time included.
func (k key) instant(t time.Time) key {
	seconds := uint64(t.Unix()-keyEpoch) ^ 1<<63
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(k, seconds), uint32(t.Nanosecond()))
}

// after is the first key behind all that begin with k, for the end of a scan.
func (k key) after() key {
	end := append(key(nil), k...)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
	return nil
}

func (k key) cutNumber() (uint64, key, error) {
	if len(k) < 8 {
		return 0, nil, errKey
	}
	return binary.BigEndian.Uint64(k), k[8:], nil
}

func (k key) cutInstant() (time.Time, key, error) {
	if len(k) < instantBytes {
		return time.Time{}, nil, errKey
	}
	seconds := int64(binary.BigEndian.Uint64(k) ^ 1<<63)
	return time.Unix(seconds+keyEpoch, int64(binary.BigEndian.Uint32(k[8:]))).UTC(), k[instantBytes:], nil
}

func (k key) cutText() (string, key, error) {
	text, rest, found := bytes.Cut(k, []byte{0})
	if !found {
		return "", nil, errKey
	}
	return string(text), rest, nil
}

// fits reports whether names may be parts of keys.
func fits(names ...string) error {
	for _, s := range names {
		if strings.IndexByte(s, 0) >= 0 {
			return errText
		}
	}
	return nil
}
