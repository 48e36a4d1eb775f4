package eventstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"authledger/domain"
	"authledger/durable"
	"authledger/eventstore/wire"
)

// headName is the file that remembers how long the log was, apart from the log
// and from the projections: a log that lost its tail can't hide it.
const headName = "head"

// headSlotBytes is the size of one of the file's two slots. They are written in
// turn, so that a torn write spoils one and leaves the other.
const headSlotBytes = 512

// Head is the durable memory of a log's end. It is safe for concurrent use.
type Head struct {
	file *os.File

	mu   sync.Mutex
	at   domain.Position
	slot int64 // to write next
}

// headLine is one slot.
type headLine struct {
	seq, stream int64
	hash, sum   string
}

func (l *headLine) Members(v domain.Visitor) {
	v.Count("seq", &l.seq, domain.Form{Need: true, Most: 1 << 62})
	v.Count("stream", &l.stream, domain.Form{Need: true, Most: 1 << 62})
	v.Text("hash", &l.hash, domain.Need)
	v.Text("sum", &l.sum, domain.Need)
}

func (l headLine) checksum() string {
	l.sum = ""
	sum := sha256.Sum256(wire.AppendData(nil, &l))
	return hex.EncodeToString(sum[:])
}

// CreateHead writes the head of an empty log, replacing what is there.
func CreateHead(dir string, at domain.Position) error {
	if err := durable.Replace(filepath.Join(dir, headName), append(headSlot(at), headSlot(at)...)); err != nil {
		return fmt.Errorf("create the head: %w", err)
	}
	return nil
}

// OpenHead reads dir's head. When neither slot can be believed it is a *Fault:
// nothing says then how long the log was.
func OpenHead(dir string) (*Head, error) {
	path := filepath.Join(dir, headName)
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, &Fault{Err: fmt.Errorf("open the head: %w: check the log with `authledger verify`, then write a new head with `authledger rebuild --head`", err)}
	}
	data, err := io.ReadAll(io.LimitReader(file, 2*headSlotBytes))
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("read the head: %w", err)
	}
	h := &Head{file: file}
	believed := h.believe(data)
	if !believed {
		file.Close()
		return nil, &Fault{Err: fmt.Errorf("%s is damaged: check the log with `authledger verify`, then write a new head with `authledger rebuild --head`", path)}
	}
	return h, nil
}

// believe takes the newer of the two slots that can be, and reports false when
// none can.
func (h *Head) believe(data []byte) (believed bool) {
	for slot := range 2 {
		at, ok := readSlot(data, slot)
		if ok && (!believed || at.Seq > h.at.Seq) {
			h.at, h.slot, believed = at, int64(1-slot), true
		}
	}
	return believed
}

// At is the newest position remembered.
func (h *Head) At() domain.Position {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

// Write remembers a position. It is on disk when Write returns.
func (h *Head) Write(at domain.Position) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if at == h.at {
		return nil
	}
	if _, err := h.file.WriteAt(headSlot(at), h.slot*headSlotBytes); err != nil {
		return fmt.Errorf("write the head: %w", err)
	}
	if err := h.file.Sync(); err != nil {
		return fmt.Errorf("write the head: %w", err)
	}
	h.at, h.slot = at, 1-h.slot
	return nil
}

// Close writes the other slot too, so that after a clean stop one of them may
// rot and nothing is forgotten.
func (h *Head) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := h.file.WriteAt(headSlot(h.at), h.slot*headSlotBytes)
	return errors.Join(err, h.file.Sync(), h.file.Close())
}

func headSlot(at domain.Position) []byte {
	l := headLine{seq: int64(at.Seq), stream: int64(at.Stream), hash: hex.EncodeToString(at.Hash[:])}
	l.sum = l.checksum()
	slot := bytes.Repeat([]byte{' '}, headSlotBytes)
	copy(slot, wire.AppendData(nil, &l))
	slot[headSlotBytes-1] = '\n'
	return slot
}

func readSlot(data []byte, slot int) (at domain.Position, ok bool) {
	if len(data) < (slot+1)*headSlotBytes {
		return at, false
	}
	var l headLine
	text := bytes.TrimRight(data[slot*headSlotBytes:(slot+1)*headSlotBytes], " \n")
	if fault := wire.ReadData(text, &l); fault != nil || l.sum != l.checksum() {
		return at, false
	}
	hash, err := hex.DecodeString(l.hash)
	if err != nil || len(hash) != len(at.Hash) {
		return at, false
	}
	return domain.Position{Seq: uint64(l.seq), Stream: uint64(l.stream), Hash: domain.Hash(hash)}, true
}
