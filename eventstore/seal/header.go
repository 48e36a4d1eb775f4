package seal

import (
	"errors"
	"fmt"
)

// readHeader checks the master key and derives the keyed hashes from the root secret.
func (s *Store) readHeader() error {
	root, err := s.root()
	if err != nil {
		return err
	}
	defer clear(root)
	if s.subjects, err = newKeyed(root, purposeSubjects); err != nil {
		return err
	}
	s.addresses, err = newKeyed(root, purposeAddresses)
	return err
}

// IsUnder reports whether a master key opens the store.
func (s *Store) IsUnder(master Master) (bool, error) {
	w, err := newWrapping(master)
	if err != nil {
		return false, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return false, ErrClosed
	}
	root, err := s.rootUnder(w)
	clear(root)
	if errors.Is(err, ErrWrongMaster) {
		return false, nil
	}
	return err == nil, err
}

func (s *Store) root() ([]byte, error) { return s.rootUnder(s.wrapping) }

// header returns the header of the key file.
func (s *Store) header() (head slot, err error) {
	b := make([]byte, slotBytes)
	if n, err := s.file.ReadAt(b, offset(headerSlot)); n < len(b) && !isShort(err) {
		return head, err
	}
	head, cond := decode(headerSlot, b)
	if cond != whole || head.state != stateHead {
		return head, headDamage(s.path(), headerSlot)
	}
	if v := head.tag.number(); v != formatVersion {
		return head, fmt.Errorf("unknown format %d, this program reads %d: use the program that wrote it", v, formatVersion)
	}
	return head, nil
}

// rootUnder returns the root secret, and ErrWrongMaster if w did not wrap it. The caller clears the secret.
func (s *Store) rootUnder(w wrapping) ([]byte, error) {
	head, err := s.header()
	if err != nil {
		return nil, err
	}
	root, err := w.unwrap(headerSlot, &head)
	if err != nil {
		return nil, ErrWrongMaster
	}
	return root, nil
}
