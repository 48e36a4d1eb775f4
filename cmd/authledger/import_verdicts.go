package main

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

// verdictBytes is how much of the verdicts is written at once.
const verdictBytes = 64 << 10

// verdictsEarly bounds how many lines may be heard before an earlier one is: those
// of all the attempts that wait for their turn, and as many others.
const verdictsEarly = 2 * signins.AttemptsHeld

// unmapped is why a line has no command whose code no table holds: in the file of the
// verdicts only, where each such line can be found.
const unmapped domain.Reason = "unmapped"

// verdictFile is where verdicts are written in the order of the lines, nil for
// nowhere. When too many are early it gives that order up for those.
type verdictFile struct {
	file  io.Closer
	out   *bufio.Writer
	text  []byte
	next  int            // line whose turn it is
	early map[int][]byte // what is to be written for a line behind that
	most  int            // of early
}

func (p *program) openVerdicts(path string) (*verdictFile, error) {
	switch path {
	case "":
		return nil, nil
	case stdio:
		return newVerdictFile(io.NopCloser(nil), p.out), nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return newVerdictFile(f, f), nil
}

func newVerdictFile(file io.Closer, out io.Writer) *verdictFile {
	return &verdictFile{
		file: file, out: bufio.NewWriterSize(out, verdictBytes),
		next: 1, early: make(map[int][]byte), most: verdictsEarly,
	}
}

// write writes the batch's verdicts through to the file: who watches it sees
// each as it falls, unless it is early.
func (f *verdictFile) write(b *batch) error {
	if f == nil {
		return nil
	}
	pending := b.pending
	for i := range b.items {
		line := b.items[i].line
		f.text = f.text[:0]
		for ; len(pending) > 0 && pending[0].line == line; pending = pending[1:] {
			f.text = append(wire.AppendVerdict(f.text, &pending[0].verdict), '\n')
		}
		if code := b.items[i].unmapped; code != "" {
			f.text = append(wire.AppendVerdict(f.text, &domain.Verdict{
				Status: domain.Invalid, Reason: unmapped, Detail: fmt.Sprintf("line %d: %s", line, code),
			}), '\n')
		}
		f.put(line, f.text)
	}
	for i := range pending { // of an item that was cut
		f.put(pending[i].line, append(wire.AppendVerdict(nil, &pending[i].verdict), '\n'))
	}
	if err := f.out.Flush(); err != nil {
		return fmt.Errorf("write the verdicts: %w", err)
	}
	return nil
}

// put writes what is to be written for a line, and for those behind it that it
// kept waiting. The writer keeps its first error for [bufio.Writer.Flush].
func (f *verdictFile) put(line int, text []byte) {
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

// putEarly writes what waits, whatever is missing between.
func (f *verdictFile) putEarly() {
	for _, line := range slices.Sorted(maps.Keys(f.early)) {
		_, _ = f.out.Write(f.early[line])
		f.next = line + 1
	}
	clear(f.early)
}

func (f *verdictFile) close() error {
	if f == nil {
		return nil
	}
	f.putEarly()
	return errors.Join(f.out.Flush(), f.file.Close())
}
