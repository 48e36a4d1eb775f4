package signins

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"

	"authledger/domain"
)

// LineBytesMax is the maximum length of a line, without its line end. A longer line
// is rejected.
const LineBytesMax = 64 << 10

var byteOrderMark = []byte("\uFEFF")

// Line is the result of one line of the file, or of one element of an array in it. At
// most one of Commands, Rejection, PassedOver and Unmapped is set. An empty line has
// none of them.
type Line struct {
	Number     int              // in its file, from 1; elements of arrays count as lines
	Element    bool             // it is an element of an array
	File       int              // index of the reader in the [Order]
	Ordinal    int              // among all lines of an [Order], from 1
	Commands   []domain.Command // at most one; the caller may keep it
	Rejection  *domain.Rejection
	Foreign    bool   // the rejected line is not an event of the gateway
	PassedOver bool   // the event is not an attempt
	Kind       Kind   // why it was passed over
	Unmapped   string // the code without a row, in printable ASCII; it contains no user name

	mark *sessionMark // what the event shows about its session, or nil
}

func (l *Line) pass(kind Kind) { l.PassedOver, l.Kind = true, kind }

// Reader reads a file, holding one line, or one element of an array, at a time. It is
// not safe for concurrent use.
type Reader struct {
	in      *splitter
	gateway *Gateway
	org     string
	number  int
	err     error // returned by every later call
}

// New returns a reader of a gateway's events. The org becomes part of the commands'
// source if the events do not name their org; it may be "".
func New(in io.Reader, g *Gateway, org string) (*Reader, error) {
	if wrong := domain.WrongID(org); org != "" && wrong != "" {
		return nil, fmt.Errorf("signins: org: %s", wrong)
	}
	return &Reader{in: newSplitter(in), gateway: g, org: org}, nil
}

// Next returns the next line. Its last error is io.EOF; any other error is a read
// error. The lines that were returned before an error remain valid.
func (r *Reader) Next() (Line, error) {
	if r.err != nil {
		return Line{}, r.err
	}
	e, err := r.in.next()
	if err != nil {
		if r.err = err; !errors.Is(err, io.EOF) {
			r.err = fmt.Errorf("signins: reading line %d: %w", r.number+1, err)
		}
		return Line{}, r.err
	}
	r.number++
	line := Line{Number: r.number, Element: e.element}
	switch {
	case e.cut:
		line.Rejection = malformed("", cutArray)
	case e.long:
		line.Rejection, line.Foreign = tooLarge, true
	case len(e.text) > 0:
		r.parse(e.text, &line)
	}
	return line, nil
}

var tooLarge = &domain.Rejection{
	Reason: domain.TooLarge, Field: "line",
	Detail: "longer than " + strconv.Itoa(LineBytesMax) + " bytes: " + makeLines,
}

// parse reads one line that is not empty.
func (r *Reader) parse(text []byte, line *Line) {
	event, rejection := decode(text)
	if rejection != nil {
		line.Rejection, line.Foreign = rejection, true
		return
	}
	s, found, rejection := r.gateway.read(event.unwrapped())
	switch {
	case rejection != nil:
		line.Rejection, line.Foreign = rejection, s.foreign
	case !found:
		line.mark = s.mark()
		line.pass(cmp.Or(s.unchecked, OtherEvent))
	default:
		line.mark = s.mark()
		r.judge(&s, line)
	}
}

// judge looks up a sign-in in the table of the gateway.
func (r *Reader) judge(s *signIn, line *Line) {
	row := r.gateway.lookUp(s)
	switch {
	case row == nil:
		line.Unmapped = s.shown()
	case row.Outcome == "":
		line.pass(Kind(row.Reason))
	case s.name == "" && !row.needsName():
		line.pass(Unnamed)
	case row.Outcome == domain.Succeeded && s.unchecked != "":
		line.pass(s.unchecked)
	default:
		line.Commands, line.Rejection = r.command(s, row)
	}
}
