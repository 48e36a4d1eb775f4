package projections

import (
	"fmt"
	"strings"
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

// TestKeySlots_Erased checks that an erasure lists the slots of the user and of the user's sharings,
// removes the slot of the user, and leaves the other owners as they are.
func TestKeySlots_Erased(t *testing.T) {
	e, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var records []domain.Record
	add := func(data domain.CommandData, sealed *domain.Sealed, event domain.EventData,
		users ...domain.Entity) {
		seq := uint64(len(records)) + 1
		records = append(records, domain.Record{Seq: seq, Entities: users, Time: logtest.Epoch, Personal: sealed,
			Status: domain.Accepted, Command: domain.Command{Source: "test", ID: fmt.Sprint(seq), Data: data},
			Events: []domain.Event{{At: logtest.Epoch, Data: event}}})
	}
	login := func(user string, sealed domain.Sealed) {
		add(&domain.LoginReport{User: user, Outcome: domain.Succeeded}, &sealed, &domain.LoginSucceeded{},
			domain.UserEntity(user))
	}
	review := func(sharing string, sealed domain.Sealed, users ...domain.Entity) {
		add(&domain.SharingReview{Sharing: sharing, Officer: "olga", Decision: "reject"}, &sealed,
			&domain.SharingRefused{Reason: domain.NotPending}, users...)
	}
	forget := func(user string) {
		add(&domain.PersonForget{User: user, Case: "C", By: "olga"}, nil, &domain.PersonForgotten{},
			domain.UserEntity(user))
	}
	login("alice", domain.Sealed{Slot: 1})
	login("bob", domain.Sealed{Slot: 2})
	review("s1", domain.Sealed{Slot: 3}, "user/alice", "user/bob")
	review("s2", domain.Sealed{KID: "00"}, "user/bob", "user/alice")
	review("s3", domain.Sealed{Slot: 4}, "user/bob", "user/carol")
	review("s1", domain.Sealed{Slot: 3}, "user/alice", "user/bob")
	forget("alice") // record 7
	login("alice", domain.Sealed{Slot: 5})
	review("s1", domain.Sealed{Slot: 3}, "user/alice", "user/bob")
	forget("carol") // record 10
	forget("alice") // record 11
	review("s2", domain.Sealed{Slot: 6}, "user/bob", "user/alice")
	forget("alice") // record 13
	c := &domain.Commit{First: 1, Stream: 1, Rules: domain.Rules, Node: "test", Time: logtest.Epoch,
		Records: records}
	if err := e.Fold(c); err != nil {
		t.Fatal(err)
	}
	for seq, want := range map[uint64]string{
		0: "sharing/s1=3 sharing/s2=0 user/alice=1 sharing/s3=4 user/carol=0 sharing/s1=3 user/alice=5 " +
			"sharing/s2=6 user/alice=0",
		8:  "sharing/s3=4 user/carol=0 sharing/s1=3 user/alice=5 sharing/s2=6 user/alice=0",
		12: "sharing/s2=6 user/alice=0",
		14: "",
	} {
		var got []string
		if err := e.EachErased(seq, func(owner string, slot uint32) {
			got = append(got, fmt.Sprint(owner, "=", slot))
		}); err != nil || strings.Join(got, " ") != want {
			t.Errorf("erased from record %d on: got %v, %v, want %s", seq, got, err, want)
		}
	}
	for owner, want := range map[string]uint32{
		"user/alice": 0, "user/bob": 2, "sharing/s1": 3, "sharing/s2": 6, "sharing/s3": 4,
	} {
		if slot, err := e.KeySlot(owner); err != nil || slot != want {
			t.Errorf("slot of %s: got %d, %v, want %d", owner, slot, err, want)
		}
	}
}
