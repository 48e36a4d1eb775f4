package seal

import (
	"crypto/sha256"
	"fmt"
)

// Binding names the ledger whose personal data the keys of a store open.
type Binding struct {
	Ledger [sha256.Size]byte // SHA-256 of the ledger's id

	// GivenUp is a position of the log: the operator accepted that keys of commits up to
	// this position are missing. 0 if none may be missing.
	GivenUp uint64
}

// Binding returns the ledger of the store. It returns false if the file holds no binding,
// such as a file that an older program wrote, or a binding that can't be read.
func (s *Store) Binding() (b Binding, bound bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.binding, s.bound
}

// Bind makes the binding durable. It replaces the binding of the store.
func (s *Store) Bind(b Binding) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	if err := s.writeSlot(ledgerSlot, s.wrapping.bindingSlot(b)); err != nil {
		return fmt.Errorf("seal: bind the keys in %s to their ledger: %w", s.dir, err)
	}
	if err := s.disk.sync(s.file, s.path()); err != nil {
		return fmt.Errorf("seal: bind the keys in %s to their ledger: %w", s.dir, s.failWrites(err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.binding, s.bound = b, true
	return nil
}

// bindingSlot returns the slot of a binding. The master key authenticates it.
func (w wrapping) bindingSlot(b Binding) *slot {
	sl := &slot{state: stateBinding, tag: numberTag(b.GivenUp)}
	w.wrap(ledgerSlot, sl, b.Ledger[:])
	return sl
}

// readBinding reads the binding of a file whose header was read.
func (s *Store) readBinding() error {
	b := make([]byte, slotBytes)
	if n, err := s.file.ReadAt(b, offset(ledgerSlot)); n < len(b) && !isShort(err) {
		return err
	}
	sl, cond := decode(ledgerSlot, b)
	if cond != whole || sl.state != stateBinding {
		return nil
	}
	ledger, err := s.wrapping.unwrap(ledgerSlot, &sl)
	if err != nil {
		return nil // a binding that another master key wrote is not valid here
	}
	s.binding, s.bound = Binding{[sha256.Size]byte(ledger), sl.tag.number()}, true
	return nil
}

// Path returns the directory of the keys.
func (s *Store) Path() string { return s.dir }
