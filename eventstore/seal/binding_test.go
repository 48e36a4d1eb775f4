package seal

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func someBinding() Binding {
	return Binding{Ledger: sha256.Sum256([]byte("ledger-1")), GivenUp: 7}
}

func wantBinding(t *testing.T, s *Store, want Binding) {
	t.Helper()
	if got, bound := s.Binding(); !bound || got != want {
		t.Errorf("Binding() = %x, %t, want %x", got, bound, want)
	}
}

func TestBinding_ReopenAndRewrap(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	if b, bound := s.Binding(); bound {
		t.Errorf("Binding of a new store: got %x, want none", b)
	}
	must(t, s.Bind(someBinding()))
	wantBinding(t, s, someBinding())
	alice := mustSeal(t, s, 1)
	must(t, s.Rewrap(testMaster(2)))
	wantBinding(t, s, someBinding())
	must(t, s.Close())

	s, err := Open(dir, testMaster(2), Options{})
	must(t, err)
	wantBinding(t, s, someBinding())
	wantOpens(t, s, alice)
	other := Binding{Ledger: sha256.Sum256([]byte("ledger-2"))}
	must(t, s.Bind(other))
	must(t, s.Close())
	wantErr(t, s.Bind(other), ErrClosed)

	s, err = Open(dir, testMaster(2), Options{})
	must(t, err)
	defer s.Close()
	wantBinding(t, s, other)
}

// TestRewrap_NoBinding checks that a store of an older program, which has no binding,
// has none after a rotation.
func TestRewrap_NoBinding(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	must(t, s.Rewrap(testMaster(2)))
	if b, bound := s.Binding(); bound {
		t.Errorf("bound to %x, want no binding", b)
	}
}

// TestBinding_FlippedBits checks that no flipped bit changes a binding into another one
// or loses a key.
func TestBinding_FlippedBits(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	must(t, s.Bind(someBinding()))
	alice := mustSeal(t, s, 1)
	must(t, s.Close())
	keys := keysOf(t, dir)
	for bit := 8 * offset(ledgerSlot); bit < 8*offset(ledgerSlot+1); bit++ {
		b := bytes.Clone(keys)
		b[bit/8] ^= 1 << (bit % 8)
		must(t, os.WriteFile(filepath.Join(dir, keysName), b, privateFile))
		s, err := Open(dir, testMaster(1), Options{})
		must(t, err)
		if got, bound := s.Binding(); bound {
			t.Fatalf("bit %d: bound to %x, want no binding", bit, got)
		}
		wantOpens(t, s, alice)
		must(t, s.release())
	}
}

// TestBinding_OtherStore checks that the binding of one store has no effect in another.
func TestBinding_OtherStore(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	must(t, s.Bind(someBinding()))
	must(t, s.Rewrap(testMaster(2)))
	must(t, s.Close())
	foreign := keysOf(t, dir)

	other := t.TempDir()
	s = mustOpen(t, other)
	must(t, s.Close())
	keys := keysOf(t, other)
	copy(keys[offset(ledgerSlot):], foreign[offset(ledgerSlot):offset(ledgerSlot+1)])
	s, err := Open(dirWith(t, keys), testMaster(1), Options{})
	must(t, err)
	defer s.Close()
	if b, bound := s.Binding(); bound {
		t.Errorf("bound to %x, want no binding", b)
	}
}

func TestUnseal_GivenUpKey(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	alice := sealOlder(t, s, "user/alice")
	must(t, s.syncOlder())
	must(t, s.Close())
	keys := keysOf(t, dir)
	keys[offset(firstSlot)+50] ^= 4
	s, err := Open(dirWith(t, keys), testMaster(1), Options{DropDamaged: true})
	must(t, err)
	defer s.Close()
	if _, err := s.Unseal(here, alice); !errors.Is(err, ErrGivenUp) || !errors.Is(err, ErrDamaged) {
		t.Errorf("Unseal = %v, want ErrGivenUp, which is an ErrDamaged", err)
	}
}
