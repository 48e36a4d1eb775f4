package seal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"authledger/eventstore/durable"
)

// The ring is an array of keys, in chunks of one file each. A chunk is an array of slots of
// the form of the key file. Slot n, from 1, is in chunk (n-1)/chunkSlots. Its tag is the
// generation of the ring key that wraps it, and its subject is zero.
const (
	chunkSlots = 4096
	chunkBytes = chunkSlots * slotBytes

	chunksMax = 1<<20 - 1 // so that the number of a slot fits into 32 bits
)

// rawKey is an unwrapped key.
type rawKey = [keyBytes]byte

func chunkOf(n uint32) uint32 { return (n - 1) / chunkSlots }

// placeOf returns the position of a slot in the file of its chunk.
func placeOf(n uint32) int64 { return offset((n - 1) % chunkSlots) }

func firstOf(chunk uint32) uint32 { return chunk*chunkSlots + 1 }

func (s *Store) chunkPath(chunk uint32) string {
	return filepath.Join(s.dir, ringName, chunkName(chunk))
}

func chunkName(chunk uint32) string { return fmt.Sprintf("%07d", chunk) }

// parseChunk returns the number of the chunk with a name, and false for a name that no chunk has.
func parseChunk(name string) (chunk uint32, ok bool) {
	n, err := fmt.Sscanf(name, "%07d", &chunk)
	return chunk, n == 1 && err == nil && chunkName(chunk) == name && chunk < chunksMax
}

// generate adds a chunk of random keys to the ring. When it returns nil, the chunk is on disk. A
// crash leaves the whole chunk, or a staged file whose keys were never used. The caller holds
// writing.
func (s *Store) generate() error {
	chunk := s.chunks.Load()
	if chunk >= chunksMax {
		return errors.New("the key ring is full: begin a new ledger")
	}
	generation, wrapping := s.ring.current()
	keys := make([]byte, chunkSlots*keyBytes)
	rand.Read(keys)
	defer clear(keys)
	b := make([]byte, 0, chunkBytes)
	for i := range uint32(chunkSlots) {
		sl := slot{state: stateLive, tag: numberTag(generation)}
		wrapping.wrap(firstOf(chunk)+i, &sl, keys[i*keyBytes:(i+1)*keyBytes])
		b = append(b, sl.encode(firstOf(chunk)+i)...)
	}
	if err := s.replaceChunk(chunk, b); err != nil {
		return fmt.Errorf("generate keys from slot %d on: %w", firstOf(chunk), err)
	}
	s.chunks.Store(chunk + 1)
	return nil
}

// replaceChunk writes the file of a chunk. After a crash the file is whole, old or new. The
// caller holds writing.
func (s *Store) replaceChunk(chunk uint32, b []byte) error {
	path := s.chunkPath(chunk)
	f, err := s.disk.stage(path, func(f *os.File) error {
		_, err := f.Write(b)
		return err
	})
	if err != nil {
		return err
	}
	return errors.Join(s.disk.install(path), f.Close())
}

// readSlots reads count encoded slots of one chunk from slot n on.
func (s *Store) readSlots(n uint32, count int) ([]byte, error) {
	f, err := durable.Open(s.chunkPath(chunkOf(n)), os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := make([]byte, count*slotBytes)
	if _, err := f.ReadAt(b, placeOf(n)); err != nil && !isShort(err) {
		return nil, fmt.Errorf("read slot %d: %w", n, err)
	}
	return b, nil
}

// inspectRing checks each slot of the ring. A damaged slot is a *DamageError, unless dropDamaged is
// set: the slot is then marked as lost.
func (s *Store) inspectRing(chunks uint32, dropDamaged bool) error {
	for chunk := range chunks {
		b, damaged, err := s.inspectChunk(chunk)
		switch {
		case err != nil:
			return err
		case len(damaged) > 0 && !dropDamaged:
			return damage(s.chunkPath(chunk), damaged)
		case len(damaged) > 0:
			for _, i := range damaged {
				copy(b[offset(i):], (&slot{state: stateLost}).encode(firstOf(chunk)+i))
			}
			if err := s.replaceChunk(chunk, b); err != nil {
				return fmt.Errorf("give up slots from %d: %w", firstOf(chunk)+damaged[0], err)
			}
		}
	}
	s.chunks.Store(chunks)
	return nil
}

// countChunks returns the number of chunks, missing chunks before the last one included.
func (s *Store) countChunks() (uint32, error) {
	entries, err := os.ReadDir(filepath.Join(s.dir, ringName))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	chunks := uint32(0)
	for _, e := range entries {
		chunk, ok := parseChunk(e.Name())
		if !ok {
			return 0, fmt.Errorf("%s: %w", filepath.Join(s.dir, ringName, e.Name()), ErrForeignFile)
		}
		chunks = max(chunks, chunk+1)
	}
	return chunks, nil
}

// inspectChunk returns the bytes of a chunk and the places of its damaged slots. All slots of a
// missing file are damaged, and keys of an unknown generation.
func (s *Store) inspectChunk(chunk uint32) (b []byte, damaged []uint32, err error) {
	b, err = s.readSlots(firstOf(chunk), chunkSlots)
	if errors.Is(err, os.ErrNotExist) {
		b, err = make([]byte, chunkBytes), nil
	}
	if err != nil {
		return nil, nil, err
	}
	for i := range uint32(chunkSlots) {
		sl, cond := decode(firstOf(chunk)+i, b[offset(i):offset(i+1)])
		_, known := s.ring.keys[sl.tag.number()]
		if cond != whole || sl.state != stateGone && sl.state != stateLost && !(sl.state == stateLive && known) {
			damaged = append(damaged, i)
		}
	}
	return b, damaged, nil
}
