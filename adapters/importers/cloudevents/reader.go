// Package cloudevents reads a file of commands, one CloudEvent 1.0 in JSON
// format a line.
//
// It splits lines and bounds them, nothing more: what a line asks is read by
// [authledger/eventstore/wire], which may happen on another goroutine. It
// refuses no file for one bad line, and holds one line at a time.
//
// # Decisions
//
//   - A line ends at a newline; a carriage return before it is none of it, so
//     files of Windows import too, and so is a byte order mark at the file's
//     beginning. Any other white space is the line's own.
//   - An empty line is nothing. A line of blanks is malformed, as the sender
//     meant something by it.
package cloudevents

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"

	"authledger/domain"
)

// LineBytesMax bounds a line, its end left out. A longer one is rejected,
// whatever it holds.
const LineBytesMax = 64 << 10

var byteOrderMark = []byte("\uFEFF")

// Line is one line of the file: Text, or the Rejection, or neither when it is
// empty.
type Line struct {
	Number    int    // from 1
	Text      []byte // the caller's to keep
	Rejection *domain.Rejection
}

// Lines yields the lines of in. An error is one of reading, and the last.
func Lines(in io.Reader) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		r := reader{in: bufio.NewReaderSize(in, LineBytesMax+len("\r\n"))}
		for {
			line, err := r.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(line, fmt.Errorf("read line %d: %w", r.number, err))
				return
			}
			if !yield(line, nil) {
				return
			}
		}
	}
}

type reader struct {
	in     *bufio.Reader
	number int
}

var tooLarge = &domain.Rejection{
	Reason: domain.TooLarge, Field: "line",
	Detail: "longer than " + strconv.Itoa(LineBytesMax) + " bytes",
}

// next returns the next line. One that is too long is passed over without being
// held.
func (r *reader) next() (Line, error) {
	r.number++
	text, err := r.in.ReadSlice('\n')
	whole := !errors.Is(err, bufio.ErrBufferFull)
	begun := len(text) > 0
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = r.in.ReadSlice('\n')
	}
	if err != nil && !(errors.Is(err, io.EOF) && begun) {
		return Line{}, err
	}
	if !whole {
		return Line{Number: r.number, Rejection: tooLarge}, nil
	}
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	if r.number == 1 {
		text = bytes.TrimPrefix(text, byteOrderMark)
	}
	if len(text) > LineBytesMax {
		return Line{Number: r.number, Rejection: tooLarge}, nil
	}
	return Line{Number: r.number, Text: bytes.Clone(text)}, nil
}
