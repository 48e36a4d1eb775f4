package seal

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
)

// AAD is what sealed data is bound to: it opens under the same three only. None
// may be empty.
type AAD struct {
	Ledger string // the ledger's random id
	Source string
	ID     string // the command's id, unique in its source
}

// Sealed is a ciphertext and all that is needed to open it, but the key.
type Sealed struct {
	KID        string // 24 lower-case hexadecimal digits
	Nonce      []byte // 12 bytes
	Ciphertext []byte // 16 bytes longer than the plaintext
}

// Seal encrypts under the subject's key, which it makes if there is none; then
// [Store.Sync] must return before the result is sent anywhere. A destroyed key
// is [ErrForgotten].
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

// Unseal decrypts. It fails with [ErrForgotten], [ErrUnknownKey] or
// [ErrDamaged]; the last also if aad isn't that of Seal. It always asks the
// file: what is destroyed stays shut, and nothing is kept in memory.
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
		return nil, fmt.Errorf("%w: not what was sealed under this ledger, source and id", ErrDamaged)
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
	case sl.state == stateLost: // its tag went with it
		return nil, ErrDamaged
	case sl.tag != tag:
		return nil, ErrUnknownKey
	case sl.state == stateGone:
		return nil, ErrForgotten
	}
	return s.wrapping.unwrap(n, &sl)
}

func (a AAD) check() error {
	if a.Ledger == "" || a.Source == "" || a.ID == "" {
		return errors.New("seal: ledger, source and id are needed to bind personal data: fill in all three")
	}
	return nil
}

var bindings = sync.Pool{New: func() any { return new([]byte) }}

// appendTo writes each part behind its length: no two AADs look alike.
func (a AAD) appendTo(b []byte) []byte {
	for _, part := range [...]string{a.Ledger, a.Source, a.ID} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	return b
}
