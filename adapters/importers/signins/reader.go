package signins

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"authledger/domain"
)

// LineBytesMax bounds a line, its end left out. A longer one is rejected,
// whatever it holds.
const LineBytesMax = 64 << 10

var byteOrderMark = []byte("\uFEFF")

// Line is what one line of the file came to: at most one of Commands, Rejection,
// PassedOver and Unmapped, and none of them when it is empty.
type Line struct {
	Number     int              // from 1
	Commands   []domain.Command // one at most; the caller's to keep
	Rejection  *domain.Rejection
	PassedOver bool   // the event tells of no attempt
	Unmapped   string // what the table doesn't hold, in printable ASCII; it names nobody
}

// Reader reads a file, holding one line at a time. It is not safe for concurrent
// use.
type Reader struct {
	in      *bufio.Reader
	gateway *Gateway
	org     string
	number  int
	err     error // sticky
}

// New reads the events of a gateway. The org is a part of the commands' source
// where events don't name their own; it may be "".
func New(in io.Reader, g *Gateway, org string) (*Reader, error) {
	if wrong := domain.WrongID(org); org != "" && wrong != "" {
		return nil, fmt.Errorf("signins: org: %s", wrong)
	}
	return &Reader{in: bufio.NewReaderSize(in, LineBytesMax+len("\r\n")), gateway: g, org: org}, nil
}

// Next returns the next line. It ends with io.EOF; any other error is one of
// reading, and what was returned before it stands.
func (r *Reader) Next() (Line, error) {
	if r.err != nil {
		return Line{}, r.err
	}
	text, whole, err := r.read()
	if err != nil {
		r.err = err
		return Line{}, err
	}
	line := Line{Number: r.number}
	switch {
	case !whole:
		line.Rejection = &domain.Rejection{
			Reason: domain.TooLarge, Field: "line",
			Detail: "longer than " + strconv.Itoa(LineBytesMax) + " bytes: " + makeLines,
		}
	case len(text) > 0:
		r.parse(text, &line)
	}
	return line, nil
}

// read returns the next line without its end. A line that is not whole was too
// long, and is passed over without being held.
func (r *Reader) read() (text []byte, whole bool, err error) {
	text, err = r.in.ReadSlice('\n')
	whole = !errors.Is(err, bufio.ErrBufferFull)
	begun := len(text) > 0
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = r.in.ReadSlice('\n')
	}
	switch {
	case errors.Is(err, io.EOF) && !begun:
		return nil, false, io.EOF
	case err != nil && !errors.Is(err, io.EOF):
		return nil, false, fmt.Errorf("signins: reading line %d: %w", r.number+1, err)
	}
	r.number++
	if !whole {
		return nil, false, nil
	}
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	if r.number == 1 {
		text = bytes.TrimPrefix(text, byteOrderMark)
	}
	return text, len(text) <= LineBytesMax, nil
}

// parse reads one line that is not empty.
func (r *Reader) parse(text []byte, line *Line) {
	event, rejection := decode(text)
	if rejection != nil {
		line.Rejection = rejection
		return
	}
	s, found, rejection := r.gateway.read(event.unwrapped())
	switch {
	case rejection != nil:
		line.Rejection = rejection
		return
	case !found:
		line.PassedOver = true
		return
	}
	row := r.gateway.lookUp(&s)
	switch {
	case row == nil:
		line.Unmapped = s.shown()
	case row.Outcome == "" || (s.name == "" && !row.needsName()):
		line.PassedOver = true
	default:
		line.Commands, line.Rejection = r.command(&s, row)
	}
}
