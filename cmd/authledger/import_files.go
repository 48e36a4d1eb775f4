package main

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// stdio stands for standard input or output where a file is named.
const stdio = "-"

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
