package sshd

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"time"

	"authledger/domain"
)

// LineBytesMax is the maximum length of a line without its newline. A longer line is
// rejected, whether it contains an attempt or not.
const LineBytesMax = 64 << 10

const (
	sourcePrefix    = "import/sshd/"
	sourceHashBytes = 8 // 16 hex digits
)

// Line is the result of one line of the log: Commands, or a Rejection, or
// neither if the line records no attempt of its own.
type Line struct {
	Number    int              // from 1
	Commands  []domain.Command // one for each attempt, in order; the caller may keep them
	Rejection *domain.Rejection
}

// Counts are the numbers of lines that Next has returned. Every line is a login,
// skipped or rejected.
type Counts struct {
	Lines, Logins, Skipped, Rejected int
	Attempts                         int // of the logins, repetitions included
}

// Reader reads a log, holding one line at a time. It is not safe for
// concurrent use.
type Reader struct {
	in     *bufio.Reader
	clock  clock
	source string
	counts Counts
	pairs  pairs
	// unended reports whether the newest line has no newline. It may still grow.
	unended bool
	err     error // returned by every later call
}

// ErrNoYear is the error of an attempt whose time shows no year in a log whose year was
// not given. The reader ends with it, because a year decides whether an attempt is older
// than another.
var ErrNoYear = errors.New("the time shows no year: give the year of the log's first line")

// New reads the log in. The year is that of its first line whose time has none, or 0 if
// every time shows its year. Times without an offset are local times of zone.
func New(in io.Reader, year int, zone *time.Location) (*Reader, error) {
	switch {
	case year != 0 && (year < yearMin || year > yearMax):
		return nil, fmt.Errorf("sshd: year %d: give the year of the log's first line, %d to %d", year, yearMin, yearMax)
	case zone == nil:
		return nil, errors.New("sshd: no zone: give the IANA zone of the host that wrote the log, such as UTC")
	}
	return &Reader{
		in:    bufio.NewReaderSize(in, LineBytesMax+1),
		clock: newClock(year, zone),
	}, nil
}

// Source returns the source of the commands, which identifies the log. It returns "" before
// the first call of Next.
func (r *Reader) Source() string { return r.source }

// Counts returns the numbers of the lines that Next has returned.
func (r *Reader) Counts() Counts { return r.counts }

// Next returns the next line. Its last error is io.EOF. Any other error is [ErrNoYear] or a
// read error; the lines that were returned before remain valid.
func (r *Reader) Next() (Line, error) {
	if r.err != nil {
		return Line{}, r.err
	}
	text, whole, err := r.read()
	if err != nil {
		r.err = err
		return Line{}, err
	}
	r.counts.Lines++
	line := Line{Number: r.counts.Lines}
	if whole {
		line.Commands, line.Rejection = r.parse(text)
		if line.Rejection != nil && line.Rejection.Detail == noYear {
			r.err = fmt.Errorf("sshd: line %d: %w", line.Number, ErrNoYear)
			return Line{}, r.err
		}
	} else {
		line.Rejection = &domain.Rejection{
			Reason: domain.TooLarge, Field: "line",
			Detail: "longer than " + strconv.Itoa(LineBytesMax) + " bytes",
		}
	}
	r.count(line)
	return line, nil
}

func (r *Reader) count(line Line) {
	switch {
	case line.Rejection != nil:
		r.counts.Rejected++
	case len(line.Commands) == 0:
		r.counts.Skipped++
	default:
		r.counts.Logins++
		r.counts.Attempts += len(line.Commands)
	}
}

// read returns the next line without its end. whole is false for a line that is too long.
// read skips the rest of such a line without holding it.
func (r *Reader) read() (text []byte, whole bool, err error) {
	var digest hash.Hash
	if r.source == "" {
		digest = sha256.New()
	}
	text, err = r.in.ReadSlice('\n')
	whole = !errors.Is(err, bufio.ErrBufferFull)
	read := len(text)
	for errors.Is(err, bufio.ErrBufferFull) {
		hashInto(digest, text)
		text, err = r.in.ReadSlice('\n')
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, fmt.Errorf("sshd: reading line %d: %w", r.counts.Lines+1, err)
	}
	if read == 0 {
		return nil, false, io.EOF
	}
	text, ended := bytes.CutSuffix(text, []byte("\n"))
	r.unended = !ended
	hashInto(digest, text)
	if digest != nil {
		r.source = sourcePrefix + hex.EncodeToString(digest.Sum(nil)[:sourceHashBytes])
	}
	return bytes.TrimSuffix(text, []byte("\r")), whole, nil
}

func hashInto(digest hash.Hash, text []byte) {
	if digest != nil {
		digest.Write(text) // a hash never fails to write
	}
}
