package seal

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
)

// Rewrap begins a rotation to a new master key, which the caller MUST have stored durably. When it
// returns nil, only the new master key opens the store. It makes a new ring key and wraps the keys
// of older programs again, in one new key file; the chunks of the ring follow in the background,
// also after a crash. Slots, key ids, buckets and sealed data do not change. Sealing and opening
// data under the keys of the ring does not wait. A crash leaves the whole key file under one of
// the two master keys.
//
// A rotation that is still in progress is completed first. After an error the old master key is
// valid, unless the last step failed (the rename and its fsync). In that case either master key
// may be the valid one, and every write fails until the caller opens the store again.
// [Store.AwaitRotation] waits for the chunks.
func (s *Store) Rewrap(master Master) error {
	if err := s.rewrap(master); err != nil {
		if _, ok := errors.AsType[*DamageError](err); ok {
			return err
		}
		return fmt.Errorf("seal: rewrap the keys in %s: %w", s.dir, err)
	}
	s.goInBackground(s.renew)
	return nil
}

func (s *Store) rewrap(master Master) error {
	if master.none() {
		return errors.New("no new master key: create one first")
	}
	to, err := newWrapping(master)
	if err != nil {
		return err
	}
	s.renewing.Lock()
	defer s.renewing.Unlock()
	if s.ring.isRotating() {
		if err := s.completeRotation(); err != nil {
			return err
		}
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	ringKey := make([]byte, keyBytes)
	rand.Read(ringKey)
	defer clear(ringKey)
	f, err := s.disk.stage(s.path(), func(f *os.File) error { return s.writeRewrapped(f, to, ringKey) })
	if err != nil {
		return err
	}
	if err := s.disk.install(s.path()); err != nil {
		return errors.Join(s.failWrites(err), f.Close())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.file
	s.file, s.wrapping, s.marked = f, to, s.written.Load()
	return errors.Join(s.ring.add(s.ring.now+1, ringKey), old.Close())
}

// writeRewrapped writes the key file under another master key. The argument ringKey is the next
// ring key; the present one becomes the previous one.
func (s *Store) writeRewrapped(f *os.File, to wrapping, ringKey []byte) error {
	root, err := s.root()
	if err != nil {
		return err
	}
	defer clear(root)
	generation, present, err := s.ringKeyAt(ringSlot)
	if err == nil && present == nil {
		err = headDamage(s.path(), ringSlot)
	}
	if err != nil {
		return err
	}
	defer clear(present)

	free := s.written.Load()
	head := slot{state: stateHead, tag: numberTag(formatVersion)}
	to.wrap(headerSlot, &head, root)
	slots := map[uint32]*slot{
		headerSlot: &head,
		// The mark can count all slots before they are written, because the file is renamed only
		// after its fsync.
		markSlot:       {state: stateMark, tag: numberTag(uint64(free))},
		ringSlot:       to.ringKeySlot(ringSlot, generation+1, ringKey),
		formerRingSlot: to.ringKeySlot(formerRingSlot, generation, present),
	}
	if s.bound {
		slots[ledgerSlot] = to.bindingSlot(s.binding)
	}
	for n, sl := range slots {
		if err := writeSlot(f, n, sl); err != nil {
			return err
		}
	}
	return s.copyOlder(f, to, free)
}

// copyOlder writes the slots of older programs, wrapped by to.
func (s *Store) copyOlder(f *os.File, to wrapping, free uint32) error {
	if _, err := f.Seek(offset(firstSlot), 0); err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, scanBytes)
	err := eachSlot(s.file, free, func(n uint32, b []byte) error {
		sl, cond := decode(n, b)
		if cond != whole {
			return damage(s.path(), []uint32{n})
		}
		if sl.state == stateLive {
			key, err := s.wrapping.unwrap(n, &sl)
			if err != nil {
				return damage(s.path(), []uint32{n})
			}
			to.wrap(n, &sl, key)
			clear(key)
		}
		_, err := w.Write(sl.encode(n))
		return err
	})
	return errors.Join(err, w.Flush())
}
