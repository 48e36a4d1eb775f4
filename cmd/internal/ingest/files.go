package ingest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"authledger/cmd/internal/usage"
)

// Stdio names standard input or output in place of a file.
const Stdio = "-"

// Limits of the files of an import.
const (
	filesMost   = 128      // maximum number of open files of one import
	sampleBytes = 16 << 10 // bytes at the beginning of a file that determine its likely format
	magicBytes  = 8        // bytes at the beginning of a file that determine its packed form
)

// Input is one file of an import.
type Input struct {
	name    string
	several bool      // the import has several files, so messages name the file
	Reader  io.Reader // of the unpacked text
	sample  []byte    // beginning of the unpacked text
	closers []io.Closer

	entries    int // lines, and elements of arrays
	recognized int // entries of the format
}

// OpenInputs opens the files at paths, where [Stdio] is stdin. The meter counts the bytes read.
// An error about a packed file suggests a pipe to stdinCommand, the command line of the same
// import from standard input.
func OpenInputs(stdin io.Reader, paths []string, stdinCommand string) ([]*Input, *Meter, error) {
	if len(paths) > filesMost {
		return nil, nil, usage.Errorf("%d files: import reads at most %d at once, so name fewer", len(paths), filesMost)
	}
	var inputs []*Input
	m := new(Meter)
	for _, path := range paths {
		in, err := openInput(stdin, path, m, stdinCommand)
		if err != nil {
			return nil, nil, errors.Join(err, CloseInputs(inputs))
		}
		in.several = len(paths) > 1
		inputs = append(inputs, in)
	}
	return inputs, m, nil
}

func openInput(stdin io.Reader, path string, m *Meter, stdinCommand string) (*Input, error) {
	in := &Input{name: path}
	raw, err := openRaw(stdin, in, m)
	if err == nil {
		err = in.unpack(raw, stdinCommand)
	}
	if err != nil {
		return nil, errors.Join(err, in.close())
	}
	return in, nil
}

// openRaw opens a file. The size of a pipe or a device is unknown.
func openRaw(stdin io.Reader, in *Input, m *Meter) (io.Reader, error) {
	if in.name == Stdio {
		m.isUnknown = true
		return &metered{stdin, m}, nil
	}
	file, err := os.Open(in.name)
	if err != nil {
		return nil, err
	}
	in.closers = append(in.closers, file)
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s is a directory: name a file", in.name)
	}
	m.isUnknown = m.isUnknown || !info.Mode().IsRegular()
	m.total += info.Size()
	return &metered{file, m}, nil
}

// unpack reads the beginning of a file, and unpacks one level of packing.
func (in *Input) unpack(raw io.Reader, stdinCommand string) error {
	var outer *form
	for {
		buffered := bufio.NewReaderSize(raw, sampleBytes)
		if _, err := buffered.Peek(magicBytes); err != nil && !errors.Is(err, io.EOF) {
			return err // the error names the file
		}
		in.sample, _ = buffered.Peek(buffered.Buffered()) // the bytes are in the buffer
		inner := formOf(in.sample)
		if inner == nil {
			in.Reader, in.sample = buffered, bytes.Clone(in.sample)
			return nil
		}
		if inner.unpack == nil || outer != nil {
			return packedError(in.name, outer, inner, stdinCommand)
		}
		unpacked, err := inner.unpack(buffered)
		if err != nil {
			return fmt.Errorf("unpack %s: %w", shownName(in.name), err)
		}
		in.closers, outer = append(in.closers, unpacked), inner
		raw = &unpacking{in: unpacked, name: in.name, form: inner}
	}
}

func (in *Input) close() error {
	var errs []error
	for _, c := range in.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

func CloseInputs(inputs []*Input) error {
	var errs []error
	for _, in := range inputs {
		errs = append(errs, in.close())
	}
	return errors.Join(errs...)
}

// shownName returns the name of a file for messages.
func shownName(path string) string {
	if path == Stdio {
		return "standard input"
	}
	return path
}

// unpacking adds the file and its form to errors of unpacking.
type unpacking struct {
	in   io.Reader
	name string
	form *form
}

func (u *unpacking) Read(b []byte) (int, error) {
	n, err := u.in.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("unpack %s from %s: %w: is the file complete?", u.form.name, shownName(u.name), err)
	}
	return n, err
}

// Meter counts the bytes read of all files.
type Meter struct {
	OnRead      func(read, total int64) // nil until the import begins; the total is 0 if unknown
	read, total int64
	isUnknown   bool // the total is not known
}

// metered counts the bytes read of one file.
type metered struct {
	in    io.Reader
	meter *Meter
}

func (m *metered) Read(b []byte) (int, error) {
	n, err := m.in.Read(b)
	if m.meter.read += int64(n); m.meter.OnRead != nil {
		m.meter.OnRead(m.meter.read, m.meter.end())
	}
	return n, err
}

// end returns the total, 0 if unknown.
func (m *Meter) end() int64 {
	if m.isUnknown {
		return 0
	}
	return m.total
}
