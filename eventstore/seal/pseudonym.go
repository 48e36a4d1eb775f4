package seal

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
)

// purposePseudonym is part of the format: another text derives other pseudonyms.
const purposePseudonym = "authledger/seal/pseudonym/1"

// pseudonymChars is the number of base32 characters of a pseudonym: 130 bits.
const pseudonymChars = 26

var pseudonymText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Pseudonym returns the first 130 bits of a hash of name that is keyed with the key in a slot of the ring,
// as 26 characters of lower-case base32. After the key is destroyed, no program can compute or check the
// pseudonym, and the method returns [ErrErased]. It returns [ErrUnknownKey] for a slot that the ring does
// not have.
func (s *Store) Pseudonym(slot uint32, name string) (string, error) {
	key, err := s.sealingKey(slot, readAhead)
	if err != nil {
		return "", fmt.Errorf("seal: pseudonym under slot %d: %w", slot, err)
	}
	defer clear(key[:])
	derived, err := hkdf.Expand(sha256.New, key[:], purposePseudonym, keyBytes)
	if err != nil {
		return "", fmt.Errorf("seal: pseudonym under slot %d: %w", slot, err)
	}
	defer clear(derived)
	mac := hmac.New(sha256.New, derived)
	mac.Write([]byte(name))
	return pseudonymText.EncodeToString(mac.Sum(nil))[:pseudonymChars], nil
}
