package seal

import (
	"errors"
	"fmt"
	"log/slog"
)

// renew completes a rotation. It runs in the background. After a crash the next Open runs it again.
func (s *Store) renew() {
	s.renewing.Lock()
	defer s.renewing.Unlock()
	if err := s.completeRotation(); err != nil && !errors.Is(err, ErrClosed) {
		slog.Warn("the rotation of the master key is not complete, the next start continues it", "cause", err)
	}
}

// AwaitRotation returns when all chunks are wrapped by the current ring key and the previous ring
// key is overwritten. It continues a rotation that failed in the background, and returns the error
// of its own attempt.
func (s *Store) AwaitRotation() error {
	s.renewing.Lock()
	defer s.renewing.Unlock()
	if !s.ring.isRotating() {
		return nil
	}
	if err := s.completeRotation(); err != nil {
		return fmt.Errorf("seal: wrap the keys in %s again: %w: the next start of the node continues", s.dir, err)
	}
	return nil
}

// completeRotation wraps the chunks with the current ring key, one after the other, and then
// removes the previous ring key. The caller holds renewing.
func (s *Store) completeRotation() error {
	if err := s.renewChunks(); err != nil {
		return err
	}
	return s.dropFormerRingKey()
}

func (s *Store) renewChunks() error {
	for chunk := uint32(0); chunk < s.chunks.Load(); chunk++ {
		if err := s.renewChunk(chunk); err != nil {
			return err
		}
	}
	return nil
}

// renewChunk wraps the live keys of a chunk with the current ring key. Readers use the old or the
// new file. A destruction waits.
func (s *Store) renewChunk(chunk uint32) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	b, damaged, err := s.inspectChunk(chunk)
	if err != nil {
		return err
	}
	if len(damaged) > 0 {
		return damage(s.chunkPath(chunk), damaged)
	}
	generation, to := s.ring.current()
	changed := false
	for i := range uint32(chunkSlots) {
		n, place := firstOf(chunk)+i, b[offset(i):offset(i+1)]
		sl, _ := decode(n, place)
		if sl.state != stateLive || sl.tag.number() == generation {
			continue
		}
		key, err := s.unwrapRing(n, place)
		if err != nil {
			return err
		}
		again := slot{state: stateLive, tag: numberTag(generation)}
		to.wrap(n, &again, key[:])
		clear(key[:])
		copy(place, again.encode(n))
		changed = true
	}
	if !changed {
		return nil
	}
	if err := s.replaceChunk(chunk, b); err != nil {
		return fmt.Errorf("wrap chunk %d again: %w", chunk, err)
	}
	return nil
}

// dropFormerRingKey overwrites the previous ring key in the key file.
func (s *Store) dropFormerRingKey() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	s.mu.Lock()
	for generation := range s.ring.keys {
		if generation != s.ring.now {
			delete(s.ring.keys, generation)
		}
	}
	s.mu.Unlock()
	if err := s.disk.writeSlot(s.file, s.path(), offset(formerRingSlot), make([]byte, slotBytes)); err != nil {
		return err
	}
	if err := s.disk.sync(s.file, s.path()); err != nil {
		return s.failWrites(err)
	}
	return nil
}
