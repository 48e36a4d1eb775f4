package ingest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"authledger/adapters/importers/signins"
	"authledger/domain"
	"authledger/eventstore/wire"
)

// VerdictBytes is the size of the write buffer of verdicts.
const VerdictBytes = 64 << 10

// verdictsEarly is the maximum number of lines whose verdicts wait for an earlier line. It is
// twice the number of attempts that the importer of sign-ins sorts by time.
const verdictsEarly = 2 * signins.AttemptsHeld

// unmappedReason is the reason of a line with an unknown code. Only the file of verdicts
// contains this reason.
const unmappedReason domain.Reason = "unmapped"

// VerdictFile writes verdicts in the order of the lines. If too many verdicts wait for an earlier
// line, it writes them out of order. The nil *VerdictFile writes nothing.
type VerdictFile struct {
	file  io.Closer
	out   *bufio.Writer
	text  []byte
	next  int            // next line to write
	early map[int][]byte // verdicts of later lines, by line
	most  int            // maximum length of early
}

func OpenVerdicts(path string, out io.Writer) (*VerdictFile, error) {
	switch path {
	case "":
		return nil, nil
	case Stdio:
		return newVerdictFile(io.NopCloser(nil), out), nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return newVerdictFile(f, f), nil
}

func newVerdictFile(file io.Closer, out io.Writer) *VerdictFile {
	return &VerdictFile{
		file: file, out: bufio.NewWriterSize(out, VerdictBytes),
		next: 1, early: make(map[int][]byte), most: verdictsEarly,
	}
}

// Write writes the verdicts of the batch, except verdicts that wait for an earlier line, and
// flushes the file.
func (f *VerdictFile) Write(b *Batch) error {
	if f == nil {
		return nil
	}
	pending := b.Pending
	for i := range b.items {
		line := b.items[i].Line
		f.text = f.text[:0]
		for ; len(pending) > 0 && pending[0].line == line; pending = pending[1:] {
			f.text = append(wire.AppendVerdict(f.text, &pending[0].Verdict), '\n')
		}
		if code := b.items[i].unmapped; code != "" {
			f.text = append(wire.AppendVerdict(f.text, &domain.Verdict{
				Status: domain.Invalid, Reason: unmappedReason, Detail: b.items[i].at.text(line) + ": " + code,
			}), '\n')
		}
		f.put(line, f.text)
	}
	for i := range pending { // commands of an item that truncate removed
		f.put(pending[i].line, append(wire.AppendVerdict(nil, &pending[i].Verdict), '\n'))
	}
	if err := f.out.Flush(); err != nil {
		return fmt.Errorf("write the verdicts: %w", err)
	}
	return nil
}

// put writes the verdicts of a line, and of the later lines that waited for it. The writer keeps
// its first error for [bufio.Writer.Flush].
func (f *VerdictFile) put(line int, text []byte) {
	if line > f.next {
		f.early[line] = append(f.early[line], text...)
		if len(f.early) > f.most {
			f.putEarly()
		}
		return
	}
	_, _ = f.out.Write(text)
	f.next = max(f.next, line+1)
	for {
		waiting, ok := f.early[f.next]
		if !ok {
			return
		}
		_, _ = f.out.Write(waiting)
		delete(f.early, f.next)
		f.next++
	}
}

// putEarly writes all waiting verdicts, although earlier lines are missing.
func (f *VerdictFile) putEarly() {
	for _, line := range slices.Sorted(maps.Keys(f.early)) {
		_, _ = f.out.Write(f.early[line])
		f.next = line + 1
	}
	clear(f.early)
}

func (f *VerdictFile) Close() error {
	if f == nil {
		return nil
	}
	f.putEarly()
	return errors.Join(f.out.Flush(), f.file.Close())
}
