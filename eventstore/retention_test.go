package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/seal"
)

// clockAt sets the clock of a realm to an instant, and returns a function that changes the instant.
func clockAt(t *testing.T, r *realm, text string) (set func(text string)) {
	var now atomic.Pointer[time.Time]
	set = func(text string) {
		t.Helper()
		at, err := time.Parse(time.RFC3339, text+"Z")
		if err != nil {
			t.Fatal(err)
		}
		now.Store(&at)
	}
	set(text)
	r.now = func() time.Time { return *now.Load() }
	return set
}

// stranger is an attempt of a user whom the gateway does not know. The ledger sets its time.
func stranger(id string) domain.Command {
	c := withAddress(command(id, &domain.LoginReport{User: "mallory", Outcome: domain.Failed,
		Reason: domain.UnknownUser}))
	c.Time, c.Stamped = time.Time{}, true
	return c
}

// knownUser is an attempt of alice without personal data. The ledger sets its time.
func knownUser(id string) domain.Command {
	c := failure(id, "alice")
	c.Time, c.Stamped = time.Time{}, true
	return c
}

// ofPast is an imported attempt of a user whom the gateway did not know, at an instant.
func ofPast(t *testing.T, id, text string) domain.Command {
	c := backfilled(stranger(id))
	at, err := time.Parse(time.RFC3339, text+"Z")
	if err != nil {
		t.Fatal(err)
	}
	c.Time, c.Stamped = at, false
	return c
}

// readable is an instant at which the retention of no attempt of the tests has ended. At this instant a
// ledger reveals an attempt unless its key is destroyed.
const readable = "2025-02-01T00:00:00"

const strangerData = `{"user":"mallory","ip":"192.0.2.7"}`

// TestRetention_Ledger checks that the first record after the retention of a month makes the personal
// data of its attempts unreadable before the record is answered, and leaves other data (PERSON-4).
func TestRetention_Ledger(t *testing.T) {
	r := newRealm(t)
	set := clockAt(t, r, "2025-01-31T23:59:59")
	state := newFolded()
	l := r.open(state, r.store)
	do(t, l, stranger("e-1"))
	set("2025-02-01T00:00:00")
	do(t, l, stranger("e-2"))
	do(t, l, withAddress(knownUser("e-3")))
	set("2026-02-28T23:59:59")
	do(t, l, knownUser("e-4"))
	wantRevealed(t, l, strangerData, strangerData, addressData, "")
	set("2026-03-01T00:00:00")
	wantRevealed(t, l, "erased", strangerData)
	set(readable)
	wantRevealed(t, l, strangerData) // the key is left, because no record states the time yet
	set("2026-03-01T00:00:00")
	do(t, l, knownUser("e-5"))
	set(readable)
	wantRevealed(t, l, "erased", strangerData, addressData, "", "")
	set("2027-06-01T00:00:00") // the ledger was idle for a year
	do(t, l, knownUser("e-6"))
	set(readable)
	wantRevealed(t, l, "erased", "erased", addressData, "", "", "")
	mustClose(t, l)
	r.verify(6)
	p := eventstore.Parts{Manifest: r.manifest, Log: r.store, Keys: r.keys}
	if check := checkSealed(t, p); check.Opened != 1 || check.Erased != 2 || check.Err() != nil {
		t.Errorf("personal data: got %+v, %v, want 1 opened and 2 erased", check, check.Err())
	}
}

// TestRetention_EvictsCachedSlot checks that the cache holds the slot of a month until a record destroys its
// key, and that no goroutine that read the slot before adds it again.
func TestRetention_EvictsCachedSlot(t *testing.T) {
	r := newRealm(t)
	set := clockAt(t, r, "2025-01-31T23:59:59")
	l := r.open(newFolded(), r.store)
	month := func(seq uint64) string {
		t.Helper()
		record, err := l.Record(t.Context(), seq)
		if err != nil || record.MonthOwner() == "" {
			t.Fatalf("record %d: got owner %q, %v, want a month", seq, record.MonthOwner(), err)
		}
		return record.MonthOwner()
	}
	ended := month(do(t, l, stranger("e-1")).Seq)
	set("2025-02-01T00:00:00")
	kept := month(do(t, l, stranger("e-2")).Seq)
	want := func(endedSlot, keptSlot uint32) {
		t.Helper()
		if got := l.CachedSlot(ended); got != endedSlot {
			t.Errorf("slot of the month that ends first: got %d, want %d", got, endedSlot)
		}
		if got := l.CachedSlot(kept); got != keptSlot {
			t.Errorf("slot of the next month: got %d, want %d", got, keptSlot)
		}
	}
	want(1, 2)
	set("2026-03-01T00:00:00")
	do(t, l, knownUser("e-3"))
	want(0, 2)
	l.CacheSlot(ended, 1)
	want(0, 2)
	mustClose(t, l)
	r.verify(3)
}

// TestRetention_Backfill checks that the ledger stores no personal data of an imported attempt whose
// retention has ended, and takes no slot for it. It stores the data of newer attempts (PERSON-4).
func TestRetention_Backfill(t *testing.T) {
	r := newRealm(t)
	clockAt(t, r, "2026-03-01T00:00:00")
	state := newFolded()
	l := r.open(state, r.store)
	for i, at := range []string{"2001-01-01T00:00:00", "2025-01-31T23:59:59", "2025-02-01T00:00:00"} {
		if v := do(t, l, ofPast(t, fmt.Sprint("e-", i), at)); v.Status != domain.Accepted {
			t.Errorf("attempt at %s: got %s, want accepted", at, formatted(v))
		}
	}
	wantRevealed(t, l, "", "", strangerData)
	if slot, err := state.LastKeySlot(); err != nil || slot != 1 {
		t.Errorf("highest assigned slot: got %d, %v, want 1", slot, err)
	}
	mustClose(t, l)
	r.verify(3)
}

// TestRetention_PreparedBefore checks that an attempt that was sealed before the retention ended, and is
// decided after it, has no personal data in the log. Neither has a later attempt of the month (PERSON-4).
func TestRetention_PreparedBefore(t *testing.T) {
	for _, folded := range []bool{true, false} {
		t.Run(fmt.Sprint("folded ", folded), func(t *testing.T) {
			r := newRealm(t)
			set := clockAt(t, r, "2026-02-28T23:59:59")
			l := r.open(newFolded(), r.store)
			do(t, l, ofPast(t, "e-1", "2025-01-15T00:00:00"))
			prepared, err := l.Prepare(ofPast(t, "e-2", "2025-01-15T00:00:01"))
			if err != nil {
				t.Fatal(err)
			}
			set("2026-03-01T00:00:00")
			if folded {
				do(t, l, knownUser("e-3"))
			}
			if err := l.Enqueue(t.Context(), prepared); err != nil {
				t.Fatal(err)
			}
			seq := answer(t, prepared).Seq
			later := do(t, l, ofPast(t, "e-4", "2025-01-15T00:00:02")).Seq
			for _, seq := range []uint64{seq, later} {
				if record, err := l.Record(t.Context(), seq); err != nil || record.Personal != nil {
					t.Errorf("record %d: got personal data %v, %v, want none", seq, record.Personal, err)
				}
			}
			set(readable)
			wantRevealed(t, l, "erased")
			mustClose(t, l)
			r.verify(len(r.records()))
		})
	}
}

// TestRetention_ClockGoesBack checks that an erased month stays erased after the clock of the node went
// back, because the time of a commit does not (PERSON-4).
func TestRetention_ClockGoesBack(t *testing.T) {
	r := newRealm(t)
	set := clockAt(t, r, "2026-03-01T00:00:00")
	l := r.open(newFolded(), r.store)
	defer mustClose(t, l)
	do(t, l, knownUser("e-1"))
	set("2026-02-28T23:59:59")
	do(t, l, ofPast(t, "e-2", "2025-01-31T00:00:00"))
	wantRevealed(t, l, "", "")
}

// TestRetention_OlderKeys checks that an older copy of the keys loses the key of a month when it is
// opened with the newer log (PERSON-4).
func TestRetention_OlderKeys(t *testing.T) {
	r := newRealm(t)
	set := clockAt(t, r, "2025-01-31T12:00:00")
	l := r.open(newFolded(), r.store)
	do(t, l, stranger("e-1"))
	older := copyOf(t, r)
	set("2026-03-01T00:00:00")
	do(t, l, knownUser("e-2"))
	mustClose(t, l)
	r.keys = older
	l = r.open(newFolded(), r.store)
	defer mustClose(t, l)
	set(readable)
	wantRevealed(t, l, "erased", "")
}

// TestRetention_KeysFail checks that the first record after the retention is not answered while the keys
// can't be destroyed, and that the next start destroys them (PERSON-4).
func TestRetention_KeysFail(t *testing.T) {
	r := newRealm(t)
	set := clockAt(t, r, "2025-01-31T12:00:00")
	l := r.open(newFolded(), r.store)
	do(t, l, stranger("e-1"))
	later := copyOf(t, r)
	if err := r.keys.Close(); err != nil {
		t.Fatal(err)
	}
	set("2026-03-01T00:00:00")
	ticket := submit(t, l, knownUser("e-2"))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	v, err := ticket.Wait(ctx)
	if !errors.Is(err, eventstore.ErrStopped) || !errors.Is(err, seal.ErrClosed) {
		t.Errorf("record without keys: got %s, %v, want %v", formatted(v), err, seal.ErrClosed)
	}
	if err := l.Close(ctx); !errors.Is(err, seal.ErrClosed) {
		t.Errorf("close: got %v, want %v", err, seal.ErrClosed)
	}
	r.keys = later
	l = r.open(newFolded(), r.store)
	defer mustClose(t, l)
	set(readable)
	wantRevealed(t, l, "erased", "")
}

// TestRetention_OtherWriter checks that a ledger destroys the key of a month whose retention ended at a
// record of another writer (PERSON-4).
func TestRetention_OtherWriter(t *testing.T) {
	r := newRealm(t)
	set := clockAt(t, r, "2025-01-31T12:00:00")
	a := r.open(newFolded(), r.store)
	defer mustClose(t, a)
	do(t, a, stranger("a1"))
	own := r.keys
	r.keys = copyOf(t, r)
	b := r.open(newFolded(), r.store.Join())
	set("2026-03-01T00:00:00")
	do(t, b, knownUser("b1"))
	mustClose(t, b)
	r.keys = own
	set(readable)
	wantRevealed(t, a, strangerData)
	set("2026-03-01T00:00:00")
	do(t, a, knownUser("a2"))
	set(readable)
	wantRevealed(t, a, "erased", "", "")
	r.verify(3)
}
