package guard

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"authledger/eventstore"
	"authledger/eventstore/blocks"
)

// Watch checks that the newest block of a stream changes only by appends while a server runs. It
// is safe for concurrent use.
//
// The server writes to open files, and does not notice that another process deletes or
// truncates a file: at its next write it extends a truncated file with zeros. Check therefore
// checks that the name leads to the same file as at the last check, that the file has not
// become shorter, and that the bytes at its former end are unchanged.
type Watch struct {
	dir string // of the stream's blocks

	mu   sync.Mutex
	n    uint32      // of the newest block, 0 before the first one
	info os.FileInfo // of the newest block at the last check
	last []byte      // the last bytes of the newest block at the last check
}

// NewWatch returns a watch of a stream in the directory store of a server.
func NewWatch(store, account, stream string) *Watch {
	return &Watch{dir: filepath.Join(store, serverDir, account, streamsDir, stream, blocksDir)}
}

// Check returns a *eventstore.Fault if the newest block was deleted, replaced or
// truncated since the last check, and an ordinary error if it can't be read.
func (w *Watch) Check() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.n == 0 {
		if err := w.begin(); err != nil || w.n == 0 {
			return err
		}
	}
	if err := w.look(w.n); err != nil {
		return err
	}
	for {
		_, err := os.Lstat(w.path(w.n + 1))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		w.n, w.info, w.last = w.n+1, nil, nil
		if err := w.look(w.n); err != nil {
			return err
		}
	}
}

func (w *Watch) path(n uint32) string { return filepath.Join(w.dir, blockName(n)) }

// begin finds the newest block. The first block of a stream that was empty at a start of
// the server has a number above 1.
func (w *Watch) begin() error {
	all, err := os.ReadDir(w.dir)
	if err != nil {
		return w.lost(w.dir, err)
	}
	for _, e := range all {
		if n, ok := blockNumber(".", e.Name()); ok {
			w.n = max(w.n, n)
		}
	}
	return nil
}

// lost returns a fault if err means that path leads to no file, and otherwise err.
func (w *Watch) lost(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return eventstore.Faultf(0, "%s was deleted while the node ran: restore the data directory from a backup, then send again the commands since the backup", path)
	}
	return err
}

// look compares block n with its last check, and stores the result for the next check.
func (w *Watch) look(n uint32) error {
	path := w.path(n)
	f, err := os.OpenFile(path, openFlags, 0)
	if err != nil {
		return w.lost(path, err)
	}
	defer f.Close()
	now, err := f.Stat()
	if err != nil {
		return err
	}
	if w.info != nil {
		if err := w.compare(path, f, now); err != nil {
			return err
		}
	}
	if w.info != nil && w.info.Size() == now.Size() {
		return nil
	}
	at := max(0, now.Size()-blocks.ChecksumBytes)
	last := make([]byte, now.Size()-at)
	if _, err := f.ReadAt(last, at); err != nil {
		return fmt.Errorf("read the end of %s: %w", path, err)
	}
	w.info, w.last = now, last
	return nil
}

// compare returns a fault if f is not the file of the last check, or if bytes of that file were
// removed or changed.
func (w *Watch) compare(path string, f *os.File, now os.FileInfo) error {
	size := w.info.Size()
	again := make([]byte, len(w.last))
	_, err := f.ReadAt(again, size-int64(len(again)))
	switch {
	case !os.SameFile(w.info, now):
		return eventstore.Faultf(0, "%s was replaced while the node ran: restore the data directory from a backup, then send again the commands since the backup", path)
	case now.Size() < size || err == nil && !bytes.Equal(again, w.last):
		return eventstore.Faultf(0, "%s was truncated or overwritten before offset %d while the node ran: restore the data directory from a backup, then send again the commands since the backup", path, size)
	}
	return err
}
