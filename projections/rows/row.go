package rows

import (
	"encoding/binary"
	"errors"
	"time"

	"authledger/domain"
)

// A row is the members of a [domain.Data] by position, without names. A text and a list
// begin with their length. A number is a varint. An instant is the seconds since the zero
// time, and the nanoseconds. Equal values have equal bytes.

var errRow = errors.New("invalid row: it does not decode")

// Encode appends row to dst.
func Encode(dst []byte, row domain.Data) []byte {
	w := rowWriter{dst}
	row.Members(&w)
	return w.b
}

// Decode reads all of b into row, which must be the zero value. It returns an error if b
// is too short or too long.
func Decode(b []byte, row domain.Data) error {
	r := rowReader{b: b}
	row.Members(&r)
	if r.bad || len(r.b) > 0 {
		return errRow
	}
	return nil
}

type rowWriter struct{ b []byte }

func (w *rowWriter) Text(_ string, at *string, _ domain.Form) {
	w.b = append(binary.AppendUvarint(w.b, uint64(len(*at))), *at...)
}

func (w *rowWriter) Count(_ string, at *int64, _ domain.Form) {
	w.b = binary.AppendVarint(w.b, *at)
}

func (w *rowWriter) Flag(_ string, at *bool, _ domain.Form) {
	var b byte
	if *at {
		b = 1
	}
	w.b = append(w.b, b)
}

func (w *rowWriter) Instant(_ string, at *time.Time, _ domain.Form) { w.instant(*at) }

func (w *rowWriter) Instants(_ string, at *[]time.Time) {
	w.b = binary.AppendUvarint(w.b, uint64(len(*at)))
	for _, t := range *at {
		w.instant(t)
	}
}

func (w *rowWriter) Texts(_ string, at *[]string) {
	w.b = binary.AppendUvarint(w.b, uint64(len(*at)))
	for i := range *at {
		w.Text("", &(*at)[i], domain.Free)
	}
}

func (w *rowWriter) Object(_ string, at domain.Data, _ domain.Form) { at.Members(w) }

func (w *rowWriter) List(_ string, of domain.Items) {
	w.b = binary.AppendUvarint(w.b, uint64(of.Len()))
	for i := range of.Len() {
		of.At(i).Members(w)
	}
}

func (w *rowWriter) instant(t time.Time) {
	w.b = binary.AppendVarint(w.b, t.Unix()-keyEpoch)
	w.b = binary.AppendUvarint(w.b, uint64(t.Nanosecond()))
}

// rowReader reads the members of a row. After the first invalid member bad is true, and
// every later member is read as zero.
type rowReader struct {
	b   []byte
	bad bool
}

func (r *rowReader) Text(_ string, at *string, _ domain.Form) {
	n := r.length()
	*at = string(r.b[:n])
	r.b = r.b[n:]
}

func (r *rowReader) Count(_ string, at *int64, _ domain.Form) { *at = r.varint() }

func (r *rowReader) Flag(_ string, at *bool, _ domain.Form) {
	switch n := r.uvarint(); n {
	case 0, 1:
		*at = n == 1
	default:
		r.fail()
	}
}

func (r *rowReader) Instant(_ string, at *time.Time, _ domain.Form) { *at = r.instant() }

func (r *rowReader) Instants(_ string, at *[]time.Time) {
	n := r.length()
	if n == 0 {
		return
	}
	*at = make([]time.Time, n)
	for i := range *at {
		(*at)[i] = r.instant()
	}
}

func (r *rowReader) Texts(_ string, at *[]string) {
	n := r.length()
	if n == 0 {
		return
	}
	*at = make([]string, n)
	for i := range *at {
		r.Text("", &(*at)[i], domain.Free)
	}
}

func (r *rowReader) Object(_ string, at domain.Data, _ domain.Form) { at.Members(r) }

func (r *rowReader) List(_ string, of domain.Items) {
	of.Clear()
	for n := r.length(); n > 0 && !r.bad; n-- {
		of.Grow().Members(r)
	}
}

func (r *rowReader) instant() time.Time {
	seconds, nanos := r.varint(), r.uvarint()
	if nanos >= uint64(time.Second) {
		r.fail()
		return time.Time{}
	}
	return time.Unix(seconds+keyEpoch, int64(nanos)).UTC()
}

// length reads the number of bytes or elements that follow. Each takes at least one byte,
// so a damaged length can't allocate more memory than the row has bytes.
func (r *rowReader) length() int {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *rowReader) varint() int64 {
	n, size := binary.Varint(r.b)
	return n * int64(r.skip(size))
}

func (r *rowReader) uvarint() uint64 {
	n, size := binary.Uvarint(r.b)
	return n * uint64(r.skip(size))
}

// skip drops a varint of the given size. It returns 1, or 0 if the varint is invalid.
func (r *rowReader) skip(size int) int {
	if size <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return 1
}

func (r *rowReader) fail() { r.b, r.bad = nil, true }
