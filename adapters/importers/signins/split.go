package signins

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// windowBytes is the size of a splitter's window: the longest line and its end.
const windowBytes = LineBytesMax + len("\r\n")

// entry is one line of a file, or one element of an array in it.
type entry struct {
	text    []byte // without the end of the line; valid until the next entry
	long    bool   // longer than LineBytesMax; the text is omitted
	element bool
	cut     bool // the file ends within the array
}

// splitter splits a file into lines, and arrays in it into their elements. It holds one
// entry at a time. An array stands alone, or in an object with the member value or
// records, as Microsoft Graph and Azure Monitor write it.
type splitter struct {
	in       *bufio.Reader
	begun    bool
	array    bool // within an array
	envelope bool // the array is a member of an object
	lines    bool // the file has a line that is not an array
	text     []byte
}

func newSplitter(in io.Reader) *splitter {
	// The buffer is larger than the window, so that most calls do not move its
	// contents.
	return &splitter{in: bufio.NewReaderSize(in, 4*windowBytes)}
}

// next returns the next entry. Its last error is io.EOF; any other error is a read error.
func (s *splitter) next() (entry, error) {
	for {
		if s.array {
			e, err := s.element()
			if err != nil || s.array || e.cut {
				return e, err
			}
			continue
		}
		window, err := s.window()
		if len(window) == 0 {
			return entry{}, err
		}
		// After the first line that is not an array, an envelope must be on one line,
		// because a search over several lines for each line would be slow.
		begin, envelope := arrayBegin(window, !s.lines)
		if begin == 0 {
			s.lines = true
			return s.line(window, err)
		}
		s.array, s.envelope = true, envelope
		_, _ = s.in.Discard(begin) // the bytes are buffered, so Discard returns no error
	}
}

// window returns the next bytes of the file, without its byte order mark.
func (s *splitter) window() ([]byte, error) {
	window, err := s.in.Peek(windowBytes)
	if !s.begun && bytes.HasPrefix(window, byteOrderMark) {
		_, _ = s.in.Discard(len(byteOrderMark)) // the bytes are buffered, so Discard returns no error
		window, err = s.in.Peek(windowBytes)
	}
	s.begun = true
	return window, err
}

// line returns the line at the beginning of a window, with the error that ended the
// window if it cut off the line.
func (s *splitter) line(window []byte, err error) (entry, error) {
	end := bytes.IndexByte(window, '\n')
	switch {
	case end >= 0:
		s.text = append(s.text[:0], bytes.TrimSuffix(window[:end], []byte("\r"))...)
		_, _ = s.in.Discard(end + 1) // the bytes are buffered, so Discard returns no error
		return s.bounded(), nil
	case errors.Is(err, io.EOF):
		s.text = append(s.text[:0], bytes.TrimSuffix(window, []byte("\r"))...)
		_, _ = s.in.Discard(len(window)) // the bytes are buffered, so Discard returns no error
		return s.bounded(), nil
	case err != nil:
		return entry{}, err
	}
	return entry{long: true}, s.skipLine()
}

func (s *splitter) bounded() entry {
	if len(s.text) > LineBytesMax {
		return entry{long: true}
	}
	return entry{text: s.text}
}

func (s *splitter) skipLine() error {
	_, err := s.in.ReadSlice('\n')
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = s.in.ReadSlice('\n')
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// element returns the next element of the array, and ends the array after the last.
func (s *splitter) element() (entry, error) {
	first, err := s.skip(" \t\r\n,")
	switch {
	case errors.Is(err, io.EOF):
		s.array = false
		return entry{element: true, cut: true}, nil
	case err != nil:
		return entry{}, err
	case first == ']':
		return entry{}, s.leave()
	}
	e, err := s.value(first)
	if errors.Is(err, io.EOF) {
		s.array = false
		return entry{element: true, cut: true}, nil
	}
	return e, err
}

// leave ends an array, and skips the rest of its envelope and of the line.
func (s *splitter) leave() error {
	s.array = false
	var err error
	if s.envelope {
		err = s.scan(1, func(byte) {})
	}
	for err == nil {
		var c byte
		if c, err = s.in.ReadByte(); err == nil && !bytes.ContainsRune([]byte(" \t\r\n"), rune(c)) {
			return s.in.UnreadByte()
		} else if c == '\n' {
			return nil
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// value reads the rest of an element after its first byte.
func (s *splitter) value(first byte) (entry, error) {
	e := entry{element: true}
	s.text = append(s.text[:0], first)
	keep := func(c byte) {
		if e.long = e.long || len(s.text) == LineBytesMax; !e.long {
			s.text = append(s.text, c)
		}
	}
	var err error
	switch first {
	case '{', '[':
		err = s.scan(1, keep)
	case '"':
		err = s.scanText(keep)
	default:
		err = s.scanWord(keep)
	}
	if !e.long {
		e.text = s.text
	}
	return e, err
}

// scan reads up to the end of a value. The argument depth is the number of its objects and
// arrays that have begun.
func (s *splitter) scan(depth int, keep func(byte)) error {
	for depth > 0 {
		c, err := s.in.ReadByte()
		if err != nil {
			return err
		}
		keep(c)
		switch c {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			if err := s.scanText(keep); err != nil {
				return err
			}
		}
	}
	return nil
}

// scanText reads up to the end of a string after its first quote.
func (s *splitter) scanText(keep func(byte)) error {
	for escaped := false; ; {
		c, err := s.in.ReadByte()
		if err != nil {
			return err
		}
		keep(c)
		if c == '"' && !escaped {
			return nil
		}
		escaped = c == '\\' && !escaped
	}
}

// scanWord reads a number, true, false, null or invalid bytes.
func (s *splitter) scanWord(keep func(byte)) error {
	for {
		c, err := s.in.ReadByte()
		if err != nil {
			return err
		}
		if bytes.ContainsRune([]byte(" \t\r\n,]"), rune(c)) {
			return s.in.UnreadByte()
		}
		keep(c)
	}
}

// skip reads the first byte that is not one of the set.
func (s *splitter) skip(set string) (byte, error) {
	for {
		c, err := s.in.ReadByte()
		if err != nil || !bytes.ContainsRune([]byte(set), rune(c)) {
			return c, err
		}
	}
}
