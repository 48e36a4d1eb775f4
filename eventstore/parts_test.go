package eventstore_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/memory"
	"authledger/eventstore/seal"
)

// partsOf returns the parts of a ledger with n users, each with a different address.
func partsOf(t *testing.T, n int) (*realm, eventstore.Parts) {
	t.Helper()
	r := newRealm(t)
	o := r.options(newFolded(), r.store)
	l := mustOpen(t, o)
	for i := range n {
		do(t, l, withAddress(failure(fmt.Sprint("e-", i), fmt.Sprint("user", i))))
	}
	mustClose(t, l)
	return r,
		eventstore.Parts{Dir: o.Dir, Manifest: r.manifest, Log: r.store, Keys: r.keys,
			Warn: slog.New(slog.DiscardHandler)}
}

func withAddress(c domain.Command) domain.Command {
	c.Data.(*domain.LoginReport).IP = "192.0.2.7"
	return c
}

// chunkSlots is the number of keys in one chunk of the key ring.
const chunkSlots = 4096

func emptyKeys(t *testing.T) *seal.Store {
	t.Helper()
	return newRealm(t).keys
}

func wantBound(t *testing.T, p eventstore.Parts, givenUp uint64) {
	t.Helper()
	b, bound := p.Keys.Binding()
	if !bound || domain.Hash(b.Ledger) != eventstore.Genesis(p.Manifest.LedgerID) || b.GivenUp != givenUp {
		t.Errorf("the keys are bound to %x up to %d, %t; want this ledger, up to %d", b.Ledger, b.GivenUp,
			bound, givenUp)
	}
}

func TestBind_OneLedger(t *testing.T) {
	for _, users := range []int{0, 1, 3, 100} {
		_, p := partsOf(t, users)
		for range 2 {
			if err := p.Bind(t.Context()); err != nil {
				t.Fatalf("%d users: %v", users, err)
			}
			wantBound(t, p, 0)
		}
	}
}

// TestBind_ForeignPart checks that a part of another ledger is a fault that names the
// part, with bound and unbound keys, and that the keys do not change.
func TestBind_ForeignPart(t *testing.T) {
	for _, bound := range []bool{true, false} {
		t.Run(fmt.Sprint("bound=", bound), func(t *testing.T) {
			_, p := partsOf(t, 3)
			other, q := partsOf(t, 3)
			if bound {
				for _, parts := range []eventstore.Parts{p, q} {
					if err := parts.Bind(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
			}
			type parts = eventstore.Parts
			with := func(change func(*parts)) parts {
				changed := p
				change(&changed)
				return changed
			}
			manifest := "ledger.json names another ledger than the log in"
			log := manifest
			if bound {
				manifest, log = "ledger.json names another ledger than the log and the keys",
					"belongs to another ledger than"
			}
			for name, test := range map[string]struct {
				parts parts
				text  string
			}{
				"keys":     {with(func(p *parts) { p.Keys = other.keys }), "restore that part"},
				"manifest": {with(func(p *parts) { p.Manifest = other.manifest }), manifest},
				"log":      {with(func(p *parts) { p.Log = other.store }), log},
				"keys given up": {with(func(p *parts) { p.Keys, p.GiveUp = other.keys, true }),
					"restore that part"},
				"keys and no log": {with(func(p *parts) { p.Keys, p.Log = other.keys, memory.New() }),
					"holds the keys of another ledger than"},
				"manifest, no log": {with(func(p *parts) { p.Manifest, p.Log = other.manifest, memory.New() }),
					"holds the keys of another ledger than"},
				"all but the keys": {with(func(p *parts) { p.Manifest, p.Log, p.Dir = q.Manifest, q.Log, q.Dir }),
					"restore that part"},
			} {
				if !bound && strings.Contains(name, "no log") {
					continue // the log holds no personal data: Bind binds the keys
				}
				before, _ := test.parts.Keys.Binding()
				err := test.parts.Bind(t.Context())
				fault, ok := errors.AsType[*eventstore.Fault](err)
				if !ok || !strings.Contains(fault.Error(), test.text) ||
					!strings.Contains(fault.Error(), "authledger verify") {
					t.Errorf("%s: got %v, want a fault with the text %q", name, err, test.text)
				}
				if strings.HasPrefix(name, "keys") && !strings.Contains(fmt.Sprint(err), test.parts.Keys.Path()) {
					t.Errorf("%s: got %v, want the path %s in it", name, err, test.parts.Keys.Path())
				}
				if after, _ := test.parts.Keys.Binding(); after != before {
					t.Errorf("%s: got keys bound to %x, want %x as before", name, after.Ledger, before.Ledger)
				}
			}
			if err := p.Bind(t.Context()); err != nil {
				t.Errorf("the parts of one ledger: %v", err)
			}
		})
	}
}

// TestBind_NewKeyFile checks that an unbound key file that cannot open the first
// personal data of the log is a fault.
func TestBind_NewKeyFile(t *testing.T) {
	_, p := partsOf(t, 3)
	p.Keys = emptyKeys(t)
	err := p.Bind(t.Context())
	fault, ok := errors.AsType[*eventstore.Fault](err)
	if !ok || !strings.Contains(fault.Error(), p.Keys.Path()) {
		t.Errorf("new key file: got %v, want a fault that contains %s", err, p.Keys.Path())
	}
	if _, bound := p.Keys.Binding(); bound {
		t.Error("the keys are bound, want no binding")
	}
}

// older returns an earlier copy of the keys of a ledger, with the keys of its first
// users. They have the last slots of the first chunk, and the later users need the next chunk.
func older(t *testing.T, first, later int) (eventstore.Parts, *realm) {
	t.Helper()
	r := newRealm(t)
	dir := t.TempDir()
	master, err := seal.CreateMaster(filepath.Join(t.TempDir(), "master"))
	if err != nil {
		t.Fatal(err)
	}
	open := func() *seal.Store {
		keys, err := seal.Open(dir, master, seal.Options{Create: true})
		if err != nil {
			t.Fatal(err)
		}
		return keys
	}
	r.keys = open()
	state := newFolded()
	state.lastSlot = uint32(chunkSlots - first)
	if err := r.keys.Reserve(state.lastSlot); err != nil {
		t.Fatal(err)
	}
	o := r.options(state, r.store)
	l := mustOpen(t, o)
	for i := range first {
		do(t, l, withAddress(failure(fmt.Sprint("e-", i), fmt.Sprint("user", i))))
	}
	copied := t.TempDir()
	if err := os.Mkdir(filepath.Join(copied, "ring"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"keys", "ring/0000000"} {
		copyFile(t, filepath.Join(copied, name), filepath.Join(dir, name))
	}
	for i := range later {
		do(t, l, withAddress(failure(fmt.Sprint("e-", first+i), fmt.Sprint("user", first+i))))
	}
	mustClose(t, l)
	if err := r.keys.Close(); err != nil {
		t.Fatal(err)
	}
	dir = copied
	r.keys = open()
	t.Cleanup(func() { r.keys.Close() })
	return eventstore.Parts{Dir: o.Dir, Manifest: r.manifest, Log: r.store, Keys: r.keys,
		Warn: slog.New(slog.DiscardHandler)}, r
}

// TestBind_OlderKeys checks that an older copy of the keys is a fault, also if the
// newest records need none of the missing keys, because the head states the number of
// keys. The operator may give up the missing keys, and the ledger then opens.
func TestBind_OlderKeys(t *testing.T) {
	for _, later := range []int{1, 30} {
		for _, head := range []bool{true, false} {
			p, r := older(t, 3, later)
			if !head {
				if err := eventstore.CreateHead(p.Dir, domain.Position{}); err != nil {
					t.Fatal(err)
				}
			}
			err := p.Bind(t.Context())
			fault, ok := errors.AsType[*eventstore.Fault](err)
			if !ok || !strings.Contains(fault.Error(), p.Keys.Path()) ||
				!strings.Contains(fault.Error(), "verify --drop-damaged-keys") {
				t.Fatalf("%d later, head %t: got %v, want a fault that contains %s", later, head, err, p.Keys.Path())
			}
			check := checkSealed(t, p)
			if check.Missing != uint64(later) || check.Opened != 3 {
				t.Errorf("%d later: got %+v, want %[1]d missing and 3 opened", later, check)
			}
			p.GiveUp = true
			if err := p.Bind(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantBound(t, p, r.lastStream(t))
			p.GiveUp = false
			if err := p.Bind(t.Context()); err != nil {
				t.Errorf("after giving up: %v", err)
			}
			if check := checkSealed(t, p); check.Missing != 0 || check.GivenUp != uint64(later) || check.Err() != nil {
				t.Errorf("after giving up: got %+v, %v, want 0 missing and %d given up", check, check.Err(), later)
			}
		}
	}
}

func (r *realm) lastStream(t *testing.T) uint64 {
	t.Helper()
	last, err := r.store.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return last
}

func copyFile(t *testing.T, to, from string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
