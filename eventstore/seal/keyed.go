package seal

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"hash"
	"sync"
)

// The purposes are part of the format: another text derives another key.
const (
	purposeSubjects  = "authledger/seal/subject index/1"
	purposeAddresses = "authledger/seal/address bucket/1"
)

// keyed is a hash that depends on the root secret. It is safe for concurrent use.
type keyed struct {
	macs sync.Pool // creating an HMAC costs as much as using it
}

type mac struct {
	hash hash.Hash
	text []byte
	sum  []byte
}

func newKeyed(root []byte, purpose string) (*keyed, error) {
	key, err := hkdf.Key(sha256.New, root, nil, purpose, keyBytes)
	if err != nil {
		return nil, fmt.Errorf("derive the key for %s: %w", purpose, err)
	}
	k := &keyed{}
	k.macs.New = func() any { return &mac{hash: hmac.New(sha256.New, key)} }
	return k, nil
}

// sum returns the hash of the bytes that f appends to a reused buffer.
func (k *keyed) sum(f func(to []byte) []byte) [sha256.Size]byte {
	m := k.macs.Get().(*mac)
	defer k.macs.Put(m)
	m.text = f(m.text[:0])
	m.hash.Reset()
	m.hash.Write(m.text)
	m.sum = m.hash.Sum(m.sum[:0])
	return [sha256.Size]byte(m.sum)
}
