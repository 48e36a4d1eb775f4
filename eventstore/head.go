package eventstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"authledger/domain"
	"authledger/eventstore/durable"
	"authledger/eventstore/wire"
)

// headName is the name of the file that holds the end of the log. The file is separate from
// the log and the projections, so that Open detects a log that lost its tail.
const headName = "head"

// headSlotBytes is the size of one of the two slots of the file. Write uses the slots in turn,
// so that a torn write damages one slot and leaves the other intact.
const headSlotBytes = 512

// Head is the file that holds the end of a log. It is safe for concurrent use.
type Head struct {
	file *os.File

	mu   sync.Mutex
	at   domain.Position
	keys uint64 // number of keys on disk when the head was written; 0 if unknown
	slot int64  // the slot that is written next
}

// headLine is the JSON object in one slot.
type headLine struct {
	seq, stream int64
	hash        string
	keys        int64 // absent in a head of an older program
	sum         string
}

func (l *headLine) Members(v domain.Visitor) {
	v.Count("seq", &l.seq, domain.Form{Need: true, Most: 1 << 62})
	v.Count("stream", &l.stream, domain.Form{Need: true, Most: 1 << 62})
	v.Text("hash", &l.hash, domain.Need)
	v.Count("keys", &l.keys, domain.Form{Most: 1 << 62})
	v.Text("sum", &l.sum, domain.Need)
}

func (l headLine) checksum() string {
	l.sum = ""
	sum := sha256.Sum256(wire.AppendData(nil, &l))
	return hex.EncodeToString(sum[:])
}

// CreateHead writes a head with the position at. It replaces an existing head, and returns
// after the fsync.
func CreateHead(dir string, at domain.Position) error {
	if err := durable.Replace(filepath.Join(dir, headName), append(headSlot(at, 0), headSlot(at, 0)...)); err != nil {
		return fmt.Errorf("create the head: %w", err)
	}
	return nil
}

// HeadAt returns the position in the head in dir. It opens the file for reading only. It
// returns a *Fault if the head is absent or damaged.
func HeadAt(dir string) (domain.Position, error) {
	h, err := ReadHead(dir)
	if err != nil {
		return domain.Position{}, err
	}
	return h.at, nil
}

// ReadHead returns the head in dir without an open file: it can't be written, and needs no Close. It
// returns a *Fault if the head is absent or damaged.
func ReadHead(dir string) (*Head, error) {
	path := filepath.Join(dir, headName)
	file, err := durable.Open(path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, headLost(fmt.Errorf("open the head: %w", err))
	}
	if err != nil {
		return nil, fmt.Errorf("open the head: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(file, 2*headSlotBytes))
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("read the head: %w", err)
	}
	h := new(Head)
	if !h.decode(data) {
		return nil, headLost(fmt.Errorf("%s is damaged", path))
	}
	return h, nil
}

func headLost(err error) *Fault {
	return &Fault{Err: fmt.Errorf("%w: restore it from a backup, or write a new head with `authledger rebuild --head`, which verifies the log first", err)}
}

// OpenHead opens the head in dir for reading and writing. It returns a *Fault if the file is
// absent or neither slot is intact, because the end of the log is then unknown.
func OpenHead(dir string) (*Head, error) {
	path := filepath.Join(dir, headName)
	file, err := durable.Open(path, os.O_RDWR)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, headLost(fmt.Errorf("open the head: %w", err))
	}
	if err != nil {
		return nil, fmt.Errorf("open the head: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(file, 2*headSlotBytes))
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("read the head: %w", err)
	}
	h := &Head{file: file}
	if !h.decode(data) {
		file.Close()
		return nil, headLost(fmt.Errorf("%s is damaged", path))
	}
	return h, nil
}

// decode sets h from the newer intact slot. It reports false if no slot is intact.
func (h *Head) decode(data []byte) (intact bool) {
	for slot := range 2 {
		at, keys, ok := readSlot(data, slot)
		if ok && (!intact || at.Seq > h.at.Seq) {
			h.at, h.keys, h.slot, intact = at, keys, int64(1-slot), true
		}
	}
	return intact
}

// check returns a *Fault if the open file was deleted or replaced.
func (h *Head) check() error {
	open, err := h.file.Stat()
	if err != nil {
		return fmt.Errorf("check the head: %w", err)
	}
	now, err := os.Stat(h.file.Name())
	switch {
	case errors.Is(err, os.ErrNotExist) || err == nil && !os.SameFile(open, now):
		return &Fault{Err: fmt.Errorf("%s was deleted or replaced while the node ran: write a new head with `authledger rebuild --head`, which verifies the log first", h.file.Name())}
	case err != nil:
		return fmt.Errorf("check the head: %w", err)
	}
	return nil
}

// At returns the newest position that was read or written.
func (h *Head) At() domain.Position {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

// Write writes a position and the number of keys of personal data that are on disk. It
// returns after the fsync. It does nothing if the position has not changed.
func (h *Head) Write(at domain.Position, keys uint64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if at == h.at {
		return nil
	}
	if _, err := h.file.WriteAt(headSlot(at, keys), h.slot*headSlotBytes); err != nil {
		return fmt.Errorf("write the head: %w", err)
	}
	if err := h.file.Sync(); err != nil {
		return fmt.Errorf("write the head: %w", err)
	}
	h.at, h.keys, h.slot = at, keys, 1-h.slot
	return nil
}

// Close writes the newest position to the other slot too, so that after an orderly stop one
// damaged slot loses nothing, and closes the file.
func (h *Head) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := h.file.WriteAt(headSlot(h.at, h.keys), h.slot*headSlotBytes)
	return errors.Join(err, h.file.Sync(), h.file.Close())
}

func headSlot(at domain.Position, keys uint64) []byte {
	l := headLine{seq: int64(at.Seq), stream: int64(at.Stream), hash: hex.EncodeToString(at.Hash[:]), keys: int64(keys)}
	l.sum = l.checksum()
	slot := bytes.Repeat([]byte{' '}, headSlotBytes)
	copy(slot, wire.AppendData(nil, &l))
	slot[headSlotBytes-1] = '\n'
	return slot
}

func readSlot(data []byte, slot int) (at domain.Position, keys uint64, ok bool) {
	if len(data) < (slot+1)*headSlotBytes {
		return at, 0, false
	}
	var l headLine
	text := bytes.TrimRight(data[slot*headSlotBytes:(slot+1)*headSlotBytes], " \n")
	if fault := wire.ReadData(text, &l); fault != nil || l.sum != l.checksum() {
		return at, 0, false
	}
	hash, err := hex.DecodeString(l.hash)
	if err != nil || len(hash) != len(at.Hash) {
		return at, 0, false
	}
	return domain.Position{Seq: uint64(l.seq), Stream: uint64(l.stream), Hash: domain.Hash(hash)}, uint64(l.keys), true
}
