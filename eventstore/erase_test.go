package eventstore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/seal"
)

const addressData = `{"ip":"192.0.2.7"}`

func forget(id, user string) domain.Command {
	return command(id, &domain.PersonForget{User: user, Case: "C-1", By: "olga"})
}

// revealed returns the personal data of a record, "erased" if its key was destroyed.
func revealed(t *testing.T, l *eventstore.Ledger, seq uint64) string {
	t.Helper()
	record, err := l.Record(t.Context(), seq)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := l.Reveal(&record)
	switch {
	case errors.Is(err, eventstore.ErrErased):
		return "erased"
	case err != nil:
		t.Fatal(err)
	}
	return string(plain)
}

func wantRevealed(t *testing.T, l *eventstore.Ledger, want ...string) {
	t.Helper()
	for i, text := range want {
		if got := revealed(t, l, uint64(i)+1); got != text {
			t.Errorf("personal data of record %d: got %q, want %q", i+1, got, text)
		}
	}
}

// TestForget_ErasesOnlyThePerson checks that an erasure makes the personal data of the user unreadable
// before it is answered, that a later command gets a new key, and that the log verifies as before.
func TestForget_ErasesOnlyThePerson(t *testing.T) {
	r := newRealm(t)
	state := newFolded()
	l := r.open(state, r.store)
	do(t, l, withAddress(failure("e-1", "alice")))
	do(t, l, withAddress(failure("e-2", "bob")))
	do(t, l, withAddress(failure("e-3", "alice")))
	if v := do(t, l, forget("e-4", "alice")); v.Status != domain.Accepted {
		t.Fatalf("erasure: got %s, want accepted", formatted(v))
	}
	wantRevealed(t, l, "erased", addressData, "erased", "")
	if got := l.CachedSlot(string(domain.UserEntity("alice"))); got != 0 {
		t.Errorf("slot of the erased user in the cache: got %d, want 0", got)
	}
	do(t, l, withAddress(failure("e-5", "alice")))
	wantRevealed(t, l, "erased", addressData, "erased", "", addressData)
	mustClose(t, l)
	r.verify(5)
	p := eventstore.Parts{Manifest: r.manifest, Log: r.store, Keys: r.keys}
	if check := checkSealed(t, p); check.Opened != 2 || check.Erased != 2 || check.Err() != nil {
		t.Errorf("personal data: got %+v, %v, want 2 opened and 2 erased", check, check.Err())
	}
}

// TestForget_PreparedBefore checks that a command that was sealed before an erasure and is decided after
// it belongs to the new person, whether the erasure is folded or in flight, or in the same commit.
func TestForget_PreparedBefore(t *testing.T) {
	type erasing = func(*testing.T, *eventstore.Ledger, *faulty, func()) *eventstore.Ticket
	for name, when := range map[string]erasing{
		"folded": func(t *testing.T, l *eventstore.Ledger, _ *faulty, open func()) *eventstore.Ticket {
			open()
			erasure := submit(t, l, forget("f", "alice"))
			answer(t, erasure)
			return erasure
		},
		"in flight": func(t *testing.T, l *eventstore.Ledger, store *faulty, _ func()) *eventstore.Ticket {
			erasure := submit(t, l, forget("f", "alice"))
			closed(t, "the erasure is sent", store.sent(2))
			return erasure
		},
		"in one commit": func(t *testing.T, l *eventstore.Ledger, store *faulty, _ func()) *eventstore.Ticket {
			submit(t, l, failure("jam1", "jam"))
			closed(t, "the first commit is sent", store.sent(2))
			submit(t, l, failure("jam2", "jam"))
			closed(t, "the second commit is sent", store.sent(3))
			return submit(t, l, forget("f", "alice"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRealm(t)
			opened := make(chan struct{})
			store := newFaulty(r.store, nil)
			store.hold = func(position uint64) <-chan struct{} {
				if position > 1 {
					return opened
				}
				return nil
			}
			l := r.open(newFolded(), store)
			do(t, l, withAddress(failure("e-1", "alice")))
			prepared, err := l.Prepare(withAddress(failure("e-2", "alice")))
			if err != nil {
				t.Fatal(err)
			}
			open := sync.OnceFunc(func() { close(opened) })
			erasure := when(t, l, store, open)
			if err := l.Enqueue(t.Context(), prepared); err != nil {
				t.Fatal(err)
			}
			open()
			if v := answer(t, erasure); v.Status != domain.Accepted {
				t.Fatalf("erasure: got %s, want accepted", formatted(v))
			}
			if got := revealed(t, l, answer(t, prepared).Seq); got != addressData {
				t.Errorf("personal data of the new person: got %q, want %q", got, addressData)
			}
			wantRevealed(t, l, "erased")
			mustClose(t, l)
			r.verify(len(r.records()))
		})
	}
}

// TestForget_OtherWriter checks that a ledger destroys the keys of a user whom another writer has
// forgotten, and seals a command that was prepared before under a new key.
func TestForget_OtherWriter(t *testing.T) {
	r := newRealm(t)
	a := r.open(newFolded(), r.store)
	defer mustClose(t, a)
	do(t, a, withAddress(failure("a1", "alice")))
	prepared, err := a.Prepare(withAddress(failure("a2", "alice")))
	if err != nil {
		t.Fatal(err)
	}
	copied := copyOf(t, r)
	own := r.keys
	r.keys = copied
	b := r.open(newFolded(), r.store.Join())
	do(t, b, forget("b1", "alice"))
	mustClose(t, b)
	r.keys = own
	wantRevealed(t, a, addressData)
	if err := a.Enqueue(t.Context(), prepared); err != nil {
		t.Fatal(err)
	}
	if got := revealed(t, a, answer(t, prepared).Seq); got != addressData {
		t.Errorf("personal data of the new person: got %q, want %q", got, addressData)
	}
	wantRevealed(t, a, "erased", "")
	r.verify(3)
}

// copyOf returns an open copy of the keys of a realm.
func copyOf(t *testing.T, r *realm) *seal.Store {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(dir, os.DirFS(r.keys.Path())); err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Open(dir, r.master, seal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { keys.Close() })
	return keys
}

// TestForget_OlderKeys checks that an older copy of the keys forgets again when it is opened with the
// newer log, and that the copy then holds no byte of the key.
func TestForget_OlderKeys(t *testing.T) {
	for name, open := range map[string]func(t *testing.T, r *realm) *eventstore.Ledger{
		"folded log": func(t *testing.T, r *realm) *eventstore.Ledger {
			state := newFolded()
			if err := eventstore.CatchUp(t.Context(), r.manifest, r.store.Join(), state, nil); err != nil {
				t.Fatal(err)
			}
			return r.open(state, r.store.Join())
		},
		"log that is not folded": func(_ *testing.T, r *realm) *eventstore.Ledger {
			return r.open(newFolded(), r.store.Join())
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRealm(t)
			l := r.open(newFolded(), r.store)
			do(t, l, withAddress(failure("e-1", "bob")))
			do(t, l, withAddress(failure("e-2", "alice")))
			older := copyOf(t, r)
			do(t, l, forget("f", "alice"))
			mustClose(t, l)
			r.keys = older
			l = open(t, r)
			defer mustClose(t, l)
			wantRevealed(t, l, addressData, "erased", "")
		})
	}
}

// TestForget_KeysFail checks that an erasure is not answered while the keys can't be destroyed, and
// that the next start destroys them.
func TestForget_KeysFail(t *testing.T) {
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	do(t, l, withAddress(failure("e-1", "alice")))
	later := copyOf(t, r)
	if err := r.keys.Close(); err != nil {
		t.Fatal(err)
	}
	ticket := submit(t, l, forget("f", "alice"))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if v, err := ticket.Wait(ctx); !errors.Is(err, eventstore.ErrStopped) || !errors.Is(err, seal.ErrClosed) {
		t.Errorf("erasure without keys: got %s, %v, want %v", formatted(v), err, seal.ErrClosed)
	}
	if err := l.Close(ctx); !errors.Is(err, seal.ErrClosed) {
		t.Errorf("close: got %v, want %v", err, seal.ErrClosed)
	}
	r.keys = later
	l = r.open(newFolded(), r.store)
	defer mustClose(t, l)
	wantRevealed(t, l, "erased", "")
	if v := do(t, l, forget("f", "alice")); v.Status != domain.Accepted || !v.Duplicate {
		t.Errorf("the same command again: got %s, want the first verdict", formatted(v))
	}
}
