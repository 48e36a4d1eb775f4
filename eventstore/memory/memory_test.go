package memory_test

import (
	"errors"
	"testing"

	"authledger/eventstore"
	"authledger/eventstore/memory"
	"authledger/eventstore/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) eventstore.Store { return memory.New() })
}

func TestJoin_TwoWriters(t *testing.T) {
	storetest.RunTwoWriters(t, func(*testing.T) (eventstore.Store, eventstore.Store) {
		a := memory.New()
		return a, a.Join()
	})
}

func TestClose_OtherHandleStaysOpen(t *testing.T) {
	a := memory.New()
	b := a.Join()
	if err := <-a.Append(t.Context(), []byte("x"), 0); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Last(t.Context()); err == nil || errors.Is(err, eventstore.ErrFenced) {
		t.Errorf("Last of a closed handle: %v, want an error", err)
	}
	if last, err := b.Last(t.Context()); last != 1 || err != nil {
		t.Errorf("Last of the other handle: %d, %v, want 1", last, err)
	}
}
