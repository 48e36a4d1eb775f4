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

// Sealed is a ciphertext with its nonce and the id of its key.
type Sealed struct {
	KID        string // 24 lower-case hexadecimal digits
	Nonce      []byte // 12 bytes
	Ciphertext []byte // 16 bytes longer than the plaintext
}

// Seal encrypts plain under the subject's key, and creates the key if the subject has none.
// The caller MUST NOT send the result before [Store.Sync] has returned. Seal returns
// [ErrErased] if the key was destroyed.
func (s *Store) Seal(subject string, aad AAD, plaintext []byte) (Sealed, error) {
	if err := aad.check(); err != nil {
		return Sealed{}, err
	}
	k, err := s.sealer(subject)
	if err != nil {
		return Sealed{}, err
	}
	aead, err := newAEAD(k.key[:])
	if err != nil {
		return Sealed{}, fmt.Errorf("seal: key %s: %w", k.kid, err)
	}
	binding := bindings.Get().(*[]byte)
	defer bindings.Put(binding)
	*binding = aad.appendTo((*binding)[:0])

	out := make([]byte, nonceBytes, nonceBytes+len(plaintext)+tagBytes)
	rand.Read(out)
	out = aead.Seal(out, out, plaintext, *binding)
	return Sealed{KID: k.kid, Nonce: out[:nonceBytes:nonceBytes], Ciphertext: out[nonceBytes:]}, nil
}

// Unseal decrypts sealed data. It returns [ErrErased], [ErrUnknownKey] or [ErrDamaged]. It also
// returns [ErrDamaged] if aad differs from the argument of Seal. Each call reads the key from
// the file, so that Unseal never uses a destroyed key, and keeps no key in memory.
func (s *Store) Unseal(aad AAD, sealed Sealed) ([]byte, error) {
	plaintext, err := s.unseal(aad, sealed)
	if err != nil {
		return nil, fmt.Errorf("seal: open %.64q of %.64q, key %.24q: %w", aad.ID, aad.Source, sealed.KID, err)
	}
	return plaintext, nil
}

func (s *Store) unseal(aad AAD, sealed Sealed) ([]byte, error) {
	if err := aad.check(); err != nil {
		return nil, err
	}
	key, err := s.keyOf(sealed.KID)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	aead, err := newAEAD(key)
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

func (s *Store) keyOf(kid string) ([]byte, error) {
	n, tag, ok := parseKID(kid)
	if !ok {
		return nil, ErrUnknownKey
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, ErrClosed
	}
	if n < firstSlot || n >= s.written.Load() {
		return nil, ErrUnknownKey
	}
	sl, err := s.readSlot(n)
	switch {
	case err != nil:
		return nil, err
	case sl.state == stateLost: // the tag of the key was lost too
		return nil, ErrGivenUp
	case sl.tag != tag:
		return nil, ErrUnknownKey
	case sl.state == stateGone:
		return nil, ErrErased
	}
	return s.wrapping.unwrap(n, &sl)
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
