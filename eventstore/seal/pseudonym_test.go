package seal

import (
	"errors"
	"testing"
)

// TestPseudonym checks that a pseudonym depends on the key and on the name, is stable, and can't be computed
// after the key is destroyed.
func TestPseudonym(t *testing.T) {
	master, err := CreateMaster(t.TempDir() + "/master")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.TempDir(), master, Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Reserve(2); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for slot := uint32(1); slot <= 2; slot++ {
		for _, name := range []string{"anna", "bob"} {
			first, err := s.Pseudonym(slot, name)
			again, errAgain := s.Pseudonym(slot, name)
			err = errors.Join(err, errAgain)
			if err != nil || first != again || len(first) != pseudonymChars || seen[first] {
				t.Errorf("slot %d: got %q, then %q, %v, want one new text of 26 characters", slot, first, again, err)
			}
			seen[first] = true
		}
	}
	if err := s.Destroy([]uint32{1}, nil); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Pseudonym(1, "anna"); !errors.Is(err, ErrErased) {
		t.Errorf("after the key was destroyed: got %q, %v, want %v", got, err, ErrErased)
	}
	if got, err := s.Pseudonym(1<<30, "anna"); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("slot that the ring does not have: got %q, %v, want %v", got, err, ErrUnknownKey)
	}
}
