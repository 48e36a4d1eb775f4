package eventstore_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/audit"
)

// slotsOf returns the slot of each owner in the log. It fails the test unless each owner has one slot,
// and each slot one owner.
func slotsOf(t *testing.T, r *realm) map[string]uint32 {
	t.Helper()
	slots, owners := make(map[string]uint32), make(map[uint32]string)
	for _, c := range commitsOf(t, r) {
		for i := range c.Records {
			record := &c.Records[i]
			if record.Personal == nil {
				continue
			}
			owner, slot := record.KeyOwner(), record.Personal.Slot
			if was := slots[owner]; slot == 0 || was != 0 && was != slot {
				t.Errorf("record %d: %s has slot %d, and had %d", record.Seq, owner, slot, was)
			}
			if other := owners[slot]; other != "" && other != owner {
				t.Errorf("record %d: slot %d is of %s and of %s", record.Seq, slot, owner, other)
			}
			slots[owner], owners[slot] = slot, owner
		}
	}
	return slots
}

// TestAssign_ManyNewUsers checks that users whose first commands are decided together, in several commits
// in flight, and after another start, get the slots one after another.
func TestAssign_ManyNewUsers(t *testing.T) {
	r := newRealm(t)
	const users, each, starts = 400, 3, 3
	for start := range starts {
		state := newFolded()
		l := r.open(state, r.store)
		var tickets []*eventstore.Ticket
		for i := range users * each {
			id, user := fmt.Sprintf("e-%d-%d", start, i), fmt.Sprintf("user%d", start*users/2+i%users)
			tickets = append(tickets, submit(t, l, withAddress(failure(id, user))))
		}
		for _, ticket := range tickets {
			answer(t, ticket)
		}
		for _, ip := range []string{"192.0.2.1", "192.0.2.2"} {
			unknown := failure(fmt.Sprint("u-", start, ip), "two words")
			unknown.Data.(*domain.LoginReport).IP = ip
			do(t, l, unknown)
		}
		mustClose(t, l)
	}
	slots := slotsOf(t, r)
	want := users + (starts-1)*users/2 + 1 // and the month of the unattributed attempts
	if len(slots) != want || slots["month/2026-03"] == 0 {
		t.Errorf("got %d owners, the month with slot %d, want %d owners", len(slots), slots["month/2026-03"], want)
	}
	for owner, slot := range slots {
		if slot > uint32(want) {
			t.Errorf("%s has slot %d, want at most %d", owner, slot, want)
		}
	}
	r.verify(starts * (users*each + 2))
}

// TestAssign_LostCommit checks that the slots of commits that another writer displaced are assigned
// once.
func TestAssign_LostCommit(t *testing.T) {
	r := newRealm(t)
	slow, open := gate(r)
	a, b := r.open(newFolded(), slow), r.open(newFolded(), r.store.Join())
	defer mustClose(t, a)
	do(t, b, withAddress(failure("b1", "alice")))
	do(t, b, withAddress(failure("b2", "bob")))
	mustClose(t, b)
	first := submit(t, a, withAddress(failure("a1", "carol")))
	closed(t, "the first commit is sent", slow.sent(1))
	second := submit(t, a, withAddress(failure("a2", "bob")))
	third := submit(t, a, withAddress(failure("a3", "dan")))
	closed(t, "the second commit is sent", slow.sent(2))
	open()
	for _, ticket := range []*eventstore.Ticket{first, second, third} {
		answer(t, ticket)
	}
	got := fmt.Sprint(slotsOf(t, r))
	if want := "map[user/alice:1 user/bob:2 user/carol:3 user/dan:4]"; got != want {
		t.Errorf("slots: got %s, want %s", got, want)
	}
	r.verify(5)
}

// TestAssign_NoKeyFileChanges checks that the first commands of 1,000 users change no key file.
func TestAssign_NoKeyFileChanges(t *testing.T) {
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	defer mustClose(t, l)
	files := func() string {
		var all strings.Builder
		err := filepath.WalkDir(r.keys.Path(), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := os.Stat(path)
			if err == nil {
				fmt.Fprintln(&all, path, info.Size(), info.ModTime())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return all.String()
	}
	do(t, l, withAddress(failure("e", "first")))
	before := files()
	for i := range 1000 {
		do(t, l, withAddress(failure(fmt.Sprint("e-", i), fmt.Sprint("user", i))))
	}
	if after := files(); after != before {
		t.Errorf("key files:\ngot %s\nwant %s", after, before)
	}
}

// TestAssign_InvalidCommand checks that commands without a record assign no slot.
func TestAssign_InvalidCommand(t *testing.T) {
	r := newRealm(t)
	state := newFolded()
	l := r.open(state, r.store)
	defer mustClose(t, l)
	bad := withAddress(failure("e-1", "alice"))
	bad.Time = noon.AddDate(0, 0, 2)
	if v := do(t, l, bad); v.Status != domain.Invalid {
		t.Fatalf("a command of the future: got %s, want invalid", formatted(v))
	}
	do(t, l, withAddress(failure("e-2", "bob")))
	if slot, _ := state.KeySlot("user/bob"); slot != 1 {
		t.Errorf("slot of bob: got %d, want 1", slot)
	}
}

// TestVerify_SlotOfAnotherOwner checks that Verify finds data under the key of another owner.
func TestVerify_SlotOfAnotherOwner(t *testing.T) {
	r, _ := partsOf(t, 3)
	commits := commitsOf(t, r)
	commits[2].Records[0].Personal.Slot = 1
	_, err := audit.Verify(t.Context(), r.manifest, forged(t, r, commits), domain.Position{}, newFolded(), nil)
	wantFault(t, err, 3, 3, "slot 1, which is assigned to another owner")
}

// TestOpen_OlderRing checks that a ledger does not open with a ring that lacks assigned slots.
func TestOpen_OlderRing(t *testing.T) {
	r, _ := partsOf(t, 3)
	r.keys = emptyKeys(t)
	_, err := eventstore.Open(t.Context(), r.options(newFolded(), r.store))
	wantFault(t, err, 0, 0, "the log assigns slot 3")
}
