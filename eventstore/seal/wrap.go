package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"fmt"
)

const (
	nonceBytes = 12
	tagBytes   = 16
)

// wrapping wraps and unwraps the keys of slots with one master key. A wrapped key is bound to
// its slot, tag and subject, so that a slot that was copied over another does not open.
type wrapping struct {
	aead cipher.AEAD
}

func newWrapping(m Master) (wrapping, error) {
	aead, err := newAEAD(m.key[:])
	return wrapping{aead}, err
}

func (w wrapping) wrap(n uint32, s *slot, key []byte) {
	rand.Read(s.nonce[:])
	w.aead.Seal(s.wrapped[:0], s.nonce[:], key, slotBinding(n, s))
}

func (w wrapping) unwrap(n uint32, s *slot) ([]byte, error) {
	key, err := w.aead.Open(nil, s.nonce[:], s.wrapped[:], slotBinding(n, s))
	if err != nil {
		return nil, fmt.Errorf("unwrap slot %d: %w", n, ErrDamaged)
	}
	return key, nil
}

func slotBinding(n uint32, s *slot) []byte {
	b := make([]byte, 0, 4+len(s.tag)+len(s.subject))
	b = binary.BigEndian.AppendUint32(b, n)
	b = append(b, s.tag[:]...)
	return append(b, s.subject[:]...)
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("AES: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("GCM: %w", err)
	}
	return aead, nil
}
