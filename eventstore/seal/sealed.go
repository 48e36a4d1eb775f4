package seal

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
)

// AAD identifies the command of sealed data. The data opens only under an equal AAD. No field
// may be empty.
type AAD struct {
	Ledger string // the ledger's random id
	Source string
	ID     string // the command's id, unique in its source
}

// Sealed is a ciphertext with its nonce and its key.
type Sealed struct {
	Slot       uint32 // of the ring; 0 for a key of an older program
	KID        string // id of a key of an older program, 24 lower-case hexadecimal digits; otherwise empty
	Nonce      []byte // 12 bytes
	Ciphertext []byte // 16 bytes longer than the plaintext
}

// Seal encrypts plain under the key in a slot of the ring, which is on disk. It returns
// [ErrErased] if the key was destroyed, and [ErrUnknownKey] for a slot that the ring does not
// have: the caller calls [Store.Reserve] first.
func (s *Store) Seal(slot uint32, aad AAD, plaintext []byte) (Sealed, error) {
	return s.seal(slot, 1, aad, plaintext)
}

// SealNew is Seal for the first data of a subject, whose slot follows the slot of the subject
// before. It reads the keys of the following slots ahead.
func (s *Store) SealNew(slot uint32, aad AAD, plaintext []byte) (Sealed, error) {
	return s.seal(slot, readAhead, aad, plaintext)
}

func (s *Store) seal(slot, ahead uint32, aad AAD, plaintext []byte) (Sealed, error) {
	if err := aad.check(); err != nil {
		return Sealed{}, err
	}
	key, err := s.sealingKey(slot, ahead)
	if err != nil {
		return Sealed{}, fmt.Errorf("seal: key in slot %d: %w", slot, err)
	}
	aead, err := newAEAD(key[:])
	if err != nil {
		return Sealed{}, fmt.Errorf("seal: key in slot %d: %w", slot, err)
	}
	binding := bindings.Get().(*[]byte)
	defer bindings.Put(binding)
	*binding = aad.appendTo((*binding)[:0])

	out := make([]byte, nonceBytes, nonceBytes+len(plaintext)+tagBytes)
	rand.Read(out)
	out = aead.Seal(out, out, plaintext, *binding)
	return Sealed{Slot: slot, Nonce: out[:nonceBytes:nonceBytes], Ciphertext: out[nonceBytes:]}, nil
}

// Unseal decrypts sealed data. It returns [ErrErased], [ErrUnknownKey] or [ErrDamaged]. It also
// returns [ErrDamaged] if aad differs from the argument of Seal. Each call reads the key from
// the file, so that Unseal never uses a destroyed key, and keeps no key in memory.
func (s *Store) Unseal(aad AAD, sealed Sealed) ([]byte, error) {
	plaintext, err := s.unseal(aad, sealed)
	if err != nil {
		return nil, fmt.Errorf("seal: open %.64q of %.64q, %s: %w", aad.ID, aad.Source, sealed.keyName(), err)
	}
	return plaintext, nil
}

func (s *Store) unseal(aad AAD, sealed Sealed) ([]byte, error) {
	if err := aad.check(); err != nil {
		return nil, err
	}
	key, err := s.keyOf(&sealed)
	if err != nil {
		return nil, err
	}
	defer clear(key[:])
	aead, err := newAEAD(key[:])
	if err != nil {
		return nil, err
	}
	if len(sealed.Nonce) != nonceBytes { // cipher.AEAD panics
		return nil, fmt.Errorf("nonce of %d bytes: %w", len(sealed.Nonce), ErrDamaged)
	}
	plaintext, err := aead.Open(nil, sealed.Nonce, sealed.Ciphertext, aad.appendTo(nil))
	if err != nil {
		return nil, fmt.Errorf("%w: the data was not sealed under this ledger, source and id", ErrDamaged)
	}
	return plaintext, nil
}

func (s *Store) keyOf(sealed *Sealed) (rawKey, error) {
	if sealed.Slot > 0 {
		return s.ringKey(sealed.Slot)
	}
	return s.olderKey(sealed.KID)
}

func (s *Sealed) keyName() string {
	if s.Slot > 0 {
		return fmt.Sprintf("slot %d", s.Slot)
	}
	return fmt.Sprintf("key %.24q", s.KID)
}

func (a AAD) check() error {
	if a.Ledger == "" || a.Source == "" || a.ID == "" {
		return errors.New("seal: invalid AAD: want ledger, source and id, all not empty")
	}
	return nil
}

var bindings = sync.Pool{New: func() any { return new([]byte) }}

// appendTo appends each part after its length, so that different AADs have different texts.
func (a AAD) appendTo(b []byte) []byte {
	for _, part := range [...]string{a.Ledger, a.Source, a.ID} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	return b
}
