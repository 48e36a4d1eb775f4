package seal

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"testing"
)

// addOlder adds a slot to the key file as an older program did, not synced.
func addOlder(t testing.TB, s *Store, sl *slot, key []byte) uint32 {
	t.Helper()
	n := s.written.Load()
	rand.Read(sl.tag[:])
	if key != nil {
		s.wrapping.wrap(n, sl, key)
	}
	must(t, writeSlot(s.file, n, sl))
	s.written.Store(n + 1)
	return n
}

// sealOlder seals the test's data under a new key of a subject, as an older program did.
func sealOlder(t testing.TB, s *Store, subject string) Sealed {
	t.Helper()
	key := make([]byte, keyBytes)
	rand.Read(key)
	sl := slot{state: stateLive, subject: s.subjectOf(subject)}
	n := addOlder(t, s, &sl, key)
	kid := binary.BigEndian.AppendUint32(nil, n)
	aead, err := newAEAD(key)
	must(t, err)
	sealed := Sealed{KID: hex.EncodeToString(append(kid, sl.tag[:]...)), Nonce: make([]byte, nonceBytes)}
	rand.Read(sealed.Nonce)
	sealed.Ciphertext = aead.Seal(nil, sealed.Nonce, plain, here.appendTo(nil))
	return sealed
}

func TestDestroy_OlderKeys(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	bob, alice := sealOlder(t, s, "user/bob"), sealOlder(t, s, "user/alice")
	must(t, s.syncOlder())
	sl, err := s.readSlot(firstSlot + 1)
	must(t, err)
	key, err := s.wrapping.unwrap(firstSlot+1, &sl)
	must(t, err)
	for range 2 {
		must(t, s.Destroy(nil, []string{"user/alice"}))
		wantNowhere(t, dir, sl.wrapped[:], key)
		_, err := s.Unseal(here, alice)
		wantErr(t, err, ErrErased)
		wantOpens(t, s, bob)
	}
	must(t, s.Destroy(nil, []string{"user/nobody"}))
	must(t, s.Close())

	s = mustOpen(t, dir)
	must(t, s.Rewrap(testMaster(2)))
	wantNowhere(t, dir, sl.wrapped[:], key)
	_, err = s.Unseal(here, alice)
	wantErr(t, err, ErrErased)
	wantOpens(t, s, bob)
}

// TestOlder_NoRingKey checks that a key file of an older program, which holds no ring key, gets one.
func TestOlder_NoRingKey(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	bob := sealOlder(t, s, "user/bob")
	must(t, s.syncOlder())
	must(t, s.Close())
	keys := keysOf(t, dir)
	clear(keys[offset(ringSlot):offset(ringSlot+1)])
	dir = dirWith(t, keys)
	s = mustOpen(t, dir)
	sealed := mustSeal(t, s, 1)
	must(t, s.Close())
	s = mustOpen(t, dir)
	wantOpens(t, s, bob)
	wantOpens(t, s, sealed)
	if got := s.Durable(); got != 1+chunkSlots {
		t.Errorf("Durable: got %d, want the older key and %d slots", got, chunkSlots)
	}
}
