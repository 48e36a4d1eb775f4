package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"authledger/eventstore/wire"
)

// stdio stands for standard input or output where a file is named.
const stdio = "-"

// verdictBytes is how much of the verdicts is written at once.
const verdictBytes = 64 << 10

// openInput opens the file to read. The size of what is no file is 0.
func (p *program) openInput(path string) (io.ReadCloser, int64, error) {
	if path == stdio {
		return io.NopCloser(p.in), 0, nil
	}
	in, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := in.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, in.Close())
	}
	if info.IsDir() {
		return nil, 0, errors.Join(fmt.Errorf("%s is a directory: name a file", path), in.Close())
	}
	return in, info.Size(), nil
}

// meter shows on a bar how much has been read.
type meter struct {
	in          io.Reader
	bar         *bar
	read, total int64
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.in.Read(b)
	m.read += int64(n)
	m.bar.at(m.read, m.total)
	return n, err
}

// verdictFile is where verdicts are written, nil for nowhere.
type verdictFile struct {
	file io.Closer
	out  *bufio.Writer
	line []byte
}

func (p *program) openVerdicts(path string) (*verdictFile, error) {
	switch path {
	case "":
		return nil, nil
	case stdio:
		return &verdictFile{file: io.NopCloser(nil), out: bufio.NewWriterSize(p.out, verdictBytes)}, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &verdictFile{file: f, out: bufio.NewWriterSize(f, verdictBytes)}, nil
}

// write writes the batch's verdicts through to the file: who watches it sees
// each as it falls.
func (f *verdictFile) write(b *batch) error {
	if f == nil {
		return nil
	}
	for i := range b.pending {
		f.line = append(wire.AppendVerdict(f.line[:0], &b.pending[i].verdict), '\n')
		if _, err := f.out.Write(f.line); err != nil {
			return fmt.Errorf("write the verdicts: %w", err)
		}
	}
	if err := f.out.Flush(); err != nil {
		return fmt.Errorf("write the verdicts: %w", err)
	}
	return nil
}

func (f *verdictFile) close() error {
	if f == nil {
		return nil
	}
	return errors.Join(f.out.Flush(), f.file.Close())
}
