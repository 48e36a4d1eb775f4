// Package cloudevents reads a file of commands, one CloudEvent 1.0 in JSON format on
// each line.
//
// It splits the file into lines and limits their length. The package
// [authledger/eventstore/wire] reads the commands, possibly on another goroutine. One
// invalid line does not end the file. The reader holds one line at a time.
//
// # Decisions
//
//   - A line ends at a newline. A carriage return before the newline, and a byte order
//     mark at the beginning of the file, are not part of a line, so that files of Windows
//     can be imported. All other white space is part of its line.
//   - An empty line is skipped. A line of spaces is rejected as malformed, because only an
//     empty line certainly contains no command.
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

// LineBytesMax is the maximum length of a line, without its end. A longer line is
// rejected.
const LineBytesMax = 64 << 10

var byteOrderMark = []byte("\uFEFF")

// Line is one line of the file. It has a Text or a Rejection, and neither if it is
// empty.
type Line struct {
	Number    int    // from 1
	Text      []byte // the caller may keep it
	Rejection *domain.Rejection
}

// Lines yields the lines of in. After a read error it yields nothing more.
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

// next returns the next line. It skips the bytes of a line that is too long without
// holding them.
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
