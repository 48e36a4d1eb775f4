package eventstore_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/eventstore"
)

func checkSealed(t *testing.T, p eventstore.Parts) *eventstore.SealedCheck {
	t.Helper()
	check := eventstore.NewSealedCheck(p.Manifest, p.Keys)
	for m, err := range p.Log.Read(context.WithoutCancel(t.Context()), 1) {
		if err != nil {
			t.Fatal(err)
		}
		c, err := eventstore.ReadCommit(p.Manifest.Realm, m)
		if err == nil {
			err = check.Add(&c)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return check
}

// TestSealedCheck_Counts checks the counts of opened, erased and missing records, and
// the fault at the first record whose key is missing.
func TestSealedCheck_Counts(t *testing.T) {
	_, p := partsOf(t, 5)
	if err := p.Keys.Destroy([]uint32{2}, nil); err != nil { // the key of user1
		t.Fatal(err)
	}
	if check := checkSealed(t, p); check.Opened != 4 || check.Erased != 1 || check.Missing != 0 ||
		check.Err() != nil {
		t.Errorf("one destroyed key: got %+v, %v, want 4 opened, 1 erased, 0 missing", check, check.Err())
	}
	p.Keys = emptyKeys(t)
	check := checkSealed(t, p)
	fault, ok := errors.AsType[*eventstore.Fault](check.Err())
	if !ok || fault.Seq != 1 || check.Missing != 5 || !strings.Contains(fault.Error(), "5 of 5 records") ||
		!errors.Is(fault, eventstore.ErrKeyMissing) {
		t.Errorf("without keys: got %+v, %v, want a fault at record 1 with 5 missing", check, check.Err())
	}
	if err := check.GiveUp(5); err != nil || check.Err() != nil || check.GivenUp != 5 {
		t.Errorf("after giving up: got %v, %+v, want 5 keys given up and no error", err, check)
	}
}

func TestReveal_Errors(t *testing.T) {
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	defer mustClose(t, l)
	do(t, l, withAddress(failure("e-1", "alice")))
	record, err := l.Record(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := l.Reveal(&record); err != nil || string(plain) != `{"ip":"192.0.2.7"}` {
		t.Fatalf("Reveal: got %s, %v, want the address 192.0.2.7", plain, err)
	}
	foreign := record
	for _, key := range []domain.Sealed{{KID: strings.Repeat("0", 24)}, {Slot: 1 << 20}} {
		key.Nonce, key.Ciphertext = record.Personal.Nonce, record.Personal.Ciphertext
		foreign.Personal = &key
		if plain, err := l.Reveal(&foreign); !errors.Is(err, eventstore.ErrKeyMissing) || plain != nil {
			t.Errorf("Reveal with an unknown key: got %s, %v, want %v", plain, err, eventstore.ErrKeyMissing)
		}
	}
	if err := r.keys.Destroy([]uint32{record.Personal.Slot}, nil); err != nil {
		t.Fatal(err)
	}
	if plain, err := l.Reveal(&record); !errors.Is(err, eventstore.ErrErased) || plain != nil {
		t.Errorf("Reveal with a destroyed key: got %s, %v, want %v", plain, err, eventstore.ErrErased)
	}
	without := record
	without.Personal = nil
	if plain, err := l.Reveal(&without); err != nil || plain != nil {
		t.Errorf("Reveal without personal data: got %s, %v, want nil", plain, err)
	}
}
