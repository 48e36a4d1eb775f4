package projections

import (
	"testing"

	"authledger/domain"
	"authledger/projections/logtest"
)

// TestKeySlots_OfOwners checks the slots of the owners, and the highest slot, after a history and after
// another start.
func TestKeySlots_OfOwners(t *testing.T) {
	h := logtest.NewHistory()
	logtest.NewGenerator(7, 20).Write(h, 400, 5)
	dir := t.TempDir()
	e, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range h.Commits {
		if err := e.Fold(c); err != nil {
			t.Fatal(err)
		}
	}
	for restarts := range 2 {
		highest := uint32(0)
		for i := range h.Records {
			owner := h.Records[i].KeyOwner()
			slot, err := e.KeySlot(owner)
			if err != nil || slot != h.Slot(owner) {
				t.Fatalf("%d restarts: KeySlot(%q): got %d, %v, want %d", restarts, owner, slot, err, h.Slot(owner))
			}
			highest = max(highest, slot)
		}
		if last, err := e.LastKeySlot(); err != nil || last != highest || last < 3 {
			t.Errorf("%d restarts: LastKeySlot: got %d, %v, want %d", restarts, last, err, highest)
		}
		if slot, err := e.KeySlot("user/nobody"); err != nil || slot != 0 {
			t.Errorf("KeySlot of an unknown user: got %d, %v, want 0", slot, err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if e, err = Open(dir, Options{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// TestKeySlots_OlderRecord checks that a record of an older program, or with a known slot, assigns nothing.
func TestKeySlots_OlderRecord(t *testing.T) {
	m := newModel()
	record := func(seq uint64, user string, sealed domain.Sealed) {
		command := domain.Command{Source: "test", Data: &domain.LoginReport{User: user, Outcome: domain.Succeeded}}
		r := domain.Record{Seq: seq, Entities: []domain.Entity{domain.UserEntity(user)}, Command: command,
			Time: logtest.Epoch, Personal: &sealed}
		r.Events = []domain.Event{{At: r.Time, Data: &domain.LoginSucceeded{}}}
		m.record(&domain.Commit{First: seq}, &r)
	}
	record(1, "a", domain.Sealed{KID: "00"})
	record(2, "b", domain.Sealed{Slot: 9})
	record(3, "c", domain.Sealed{Slot: 4})
	for owner, want := range map[string]bool{"user/a": false, "user/b": true, "user/c": false} {
		if _, assigned := m.rows[string(ownerKey(keys.key(), owner))]; assigned != want {
			t.Errorf("%s has a slot: got %t, want %t", owner, assigned, want)
		}
	}
}
