package backup

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/durable"
)

// ledgerBytesMax and manifestBytesMax bound the two manifests of a backup in a stream, in bytes.
const (
	ledgerBytesMax   = 64 << 10
	manifestBytesMax = 256 << 20 // more than a million segments
)

// Backup is a backup that is being read.
type Backup struct {
	Ledger eventstore.Manifest
	name   string
	files  iter.Seq2[file, error] // the segments in order, and at last the manifest

	last domain.Position
}

// file is one segment, or the manifest.
type file struct {
	name string
	data []byte
}

// OpenDirectory opens the backup in a directory. It returns a *DamageError that wraps ErrNone if the directory
// holds no complete backup, and a *DamageError if a segment is missing or too short.
func OpenDirectory(dir string) (*Backup, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("open the directory of the backup: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a directory: restore an archive with `authledger restore - <FILE`", dir)
	}
	path := filepath.Join(dir, manifestName)
	text, err := durable.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, incomplete(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("read the manifest of the backup: %w", err)
	}
	m, err := decodeManifest(path, text)
	if err != nil {
		return nil, err
	}
	for i := range m.Segments {
		if err := checkSize(dir, &m.Segments[i]); err != nil {
			return nil, err
		}
	}
	data, err := durable.ReadFile(filepath.Join(dir, ledgerName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, damaged(filepath.Join(dir, ledgerName), 0, "the file is missing")
	}
	if err != nil {
		return nil, fmt.Errorf("read the backup: %w", err)
	}
	b := &Backup{name: dir, files: directoryFiles(dir, &m, text)}
	return b, b.setLedger(filepath.Join(dir, ledgerName), data)
}

func incomplete(name string) *DamageError {
	return &DamageError{Path: name, Err: fmt.Errorf("%w: %s is missing, because the backup was interrupted or cut off: %s",
		ErrNone, manifestName, useAnother)}
}

// OpenStream opens a backup that [ToStream] has written. Only [Backup.Commits] detects that the stream was cut off.
func OpenStream(in io.Reader) (*Backup, error) {
	b := &Backup{name: "the stream"}
	archive := tar.NewReader(in)
	first, err := nextFile(archive, b.name)
	if err != nil {
		return nil, err
	}
	if first.name != ledgerName {
		return nil, damaged(b.name, 0, "it begins with %q, want %s", first.name, ledgerName)
	}
	b.files = func(yield func(file, error) bool) {
		for {
			f, err := nextFile(archive, b.name)
			if !yield(f, err) || err != nil || f.name == manifestName {
				return
			}
		}
	}
	return b, b.setLedger(ledgerName, first.data)
}

func (b *Backup) setLedger(path string, data []byte) (err error) {
	if b.Ledger, err = eventstore.DecodeManifest(data, path); err != nil {
		return &DamageError{Path: b.name, Err: err} // its text has the next step
	}
	return nil
}

// nextFile reads the next file of an archive. It returns a *DamageError at the end, because the manifest is
// the last file.
func nextFile(archive *tar.Reader, name string) (f file, err error) {
	head, err := archive.Next()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return f, incomplete(name)
	}
	if errors.Is(err, tar.ErrHeader) {
		return f, damaged(name, 0, "it is not a tar archive, or a header in it is damaged")
	}
	if err != nil {
		return f, fmt.Errorf("read the backup: %w", err)
	}
	bound := int64(segmentFileMax)
	switch head.Name {
	case ledgerName:
		bound = ledgerBytesMax
	case manifestName:
		bound = manifestBytesMax
	}
	if head.Typeflag != tar.TypeReg || head.Size > bound {
		return f, damaged(name, 0, "%q is not a file of a backup", head.Name)
	}
	f.name = head.Name
	f.data, err = io.ReadAll(archive) // the header may claim more bytes than follow
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return f, incomplete(name)
	} else if err != nil {
		return f, fmt.Errorf("read the backup: %w", err)
	}
	return f, nil
}

// directoryFiles yields the segments of a backup in a directory, and its manifest.
func directoryFiles(dir string, m *Manifest, manifest []byte) iter.Seq2[file, error] {
	return func(yield func(file, error) bool) {
		for i := range m.Segments {
			data, err := readSegment(dir, &m.Segments[i])
			if !yield(file{m.Segments[i].File, data}, err) || err != nil {
				return
			}
		}
		yield(file{manifestName, manifest}, nil)
	}
}

// Commits yields the commits of the backup in order, each proved to follow from the commit before it. It
// ends with a *DamageError at the first difference. Only after the last commit does it compare the backup with
// its manifest: the caller MUST NOT rely on the commits before Commits has ended without an error.
func (b *Backup) Commits(ctx context.Context) iter.Seq2[eventstore.Message, error] {
	return func(yield func(eventstore.Message, error) bool) {
		chain, read := eventstore.NewChain(b.Ledger), []Segment(nil)
		for f, err := range b.files {
			if err == nil {
				err = ctx.Err()
			}
			if err == nil && f.name == manifestName {
				err = b.compare(f.data, read)
				b.last = chain.At()
				if err == nil {
					return
				}
			}
			if err != nil {
				yield(eventstore.Message{}, err)
				return
			}
			first := chain.At().Stream + 1
			for m, err := range b.linked(chain, f) {
				if !yield(m, err) || err != nil {
					return
				}
			}
			s := segmentBuffer{first: first, data: f.data}
			read = append(read, s.describe(chain.At()))
		}
	}
}

// linked yields the commits of a segment, and proves each.
func (b *Backup) linked(chain *eventstore.Chain, f file) iter.Seq2[eventstore.Message, error] {
	return func(yield func(eventstore.Message, error) bool) {
		for m, err := range frames(f.name, chain.At().Stream+1, f.data) {
			if err == nil {
				if wrong := chain.Link(m); wrong != nil {
					err = damaged(f.name, m.Stream, "%w", wrong)
				}
			}
			if !yield(m, err) || err != nil {
				return
			}
		}
	}
}

// compare returns a *DamageError unless the manifest lists exactly the segments that were read.
func (b *Backup) compare(manifest []byte, read []Segment) error {
	m, err := decodeManifest(manifestName, manifest)
	if err != nil {
		return err
	}
	if m.LedgerID != b.Ledger.LedgerID || m.Ledger != hexSum(b.Ledger.Encode()) {
		return damaged(b.name, 0, "%s names another ledger than %s", manifestName, ledgerName)
	}
	for i := range max(len(read), len(m.Segments)) {
		switch {
		case i >= len(read):
			return damaged(b.name, m.Segments[i].First, "segment %s is missing", m.Segments[i].File)
		case i >= len(m.Segments):
			return damaged(b.name, read[i].First, "segment %s is not in the manifest", read[i].File)
		case read[i] != m.Segments[i]:
			return damaged(b.name, m.Segments[i].First, "segment %s differs from the manifest", m.Segments[i].File)
		}
	}
	return nil
}

// End returns the position of the last commit, after [Backup.Commits] has ended without an error.
func (b *Backup) End() domain.Position { return b.last }

// checkSize returns a *DamageError if the file of a segment is missing or has another size.
func checkSize(dir string, s *Segment) error {
	path := filepath.Join(dir, s.File)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return damaged(path, s.First, "the segment is missing")
	case err != nil:
		return fmt.Errorf("read the backup: %w", err)
	case info.Size() != int64(s.Bytes):
		return damaged(path, s.First, "the segment has %d bytes, want %d", info.Size(), s.Bytes)
	}
	return nil
}

// readSegment returns the content of a segment. It returns a *DamageError, with the first damaged position,
// unless the content has the SHA-256 of the manifest.
func readSegment(dir string, s *Segment) ([]byte, error) {
	if err := checkSize(dir, s); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, s.File)
	data, err := durable.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the backup: %w", err)
	}
	if hexSum(data) == s.SHA256 {
		return data, nil
	}
	for _, err := range frames(path, s.First, data) {
		if err != nil {
			return nil, err
		}
	}
	return nil, damaged(path, s.First, "the segment has another SHA-256 than in the manifest")
}
