package seal

import (
	"bufio"
	"errors"
	"fmt"
	"os"
)

// Rewrap wraps all keys with a new master key, which the caller MUST have stored durably.
// Key ids, buckets and sealed data do not change. A crash leaves the whole store under one
// of the two master keys. New keys and Unseal wait while Rewrap runs, about one second for
// a million keys; Seal with a cached key does not wait.
//
// After an error the old master key is valid, unless the last step failed (the rename and its
// fsync). In that case either master key may be the valid one, and every write fails until the
// caller opens the store again.
func (s *Store) Rewrap(master Master) error {
	if err := s.rewrap(master); err != nil {
		if _, ok := errors.AsType[*DamageError](err); ok {
			return err
		}
		return fmt.Errorf("seal: rewrap the keys in %s: %w", s.dir, err)
	}
	return nil
}

func (s *Store) rewrap(master Master) error {
	if master.none() {
		return errors.New("no new master key: create one first")
	}
	wrapping, err := newWrapping(master)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.syncing.Lock()
	defer s.syncing.Unlock()
	if s.closed {
		return ErrClosed
	}
	if err := s.usable(); err != nil {
		return err
	}
	f, err := stage(s.dir, func(f *os.File) error { return s.writeRewrapped(f, wrapping) })
	if err != nil {
		return err
	}
	if err := install(s.dir); err != nil {
		return errors.Join(s.failWrites(err), f.Close())
	}
	old := s.file
	s.file, s.wrapping = f, wrapping
	s.synced.Store(s.written.Load())
	s.marked = s.written.Load()
	return old.Close()
}

func (s *Store) writeRewrapped(f *os.File, to wrapping) error {
	root, err := s.root()
	if err != nil {
		return err
	}
	defer clear(root)
	free := s.written.Load()
	head := slot{state: stateHead, tag: numberTag(formatVersion)}
	to.wrap(headerSlot, &head, root)
	if err := writeSlot(f, headerSlot, &head); err != nil {
		return err
	}
	// The mark can count all slots before they are written, because the file is renamed only
	// after its fsync.
	if err := writeSlot(f, markSlot, &slot{state: stateMark, tag: numberTag(uint64(free))}); err != nil {
		return err
	}
	if s.bound {
		if err := writeSlot(f, ledgerSlot, to.bindingSlot(s.binding)); err != nil {
			return err
		}
	}
	if _, err := f.Seek(offset(firstSlot), 0); err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, scanBytes)
	err = eachSlot(s.file, free, func(n uint32, b []byte) error {
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
