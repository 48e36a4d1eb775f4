package eventstore_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"authledger/domain"
	"authledger/eventstore"
)

func position(n uint64) domain.Position {
	return domain.Position{Seq: 100 * n, Stream: n, Hash: domain.Hash(bytes.Repeat([]byte{byte(n)}, 32))}
}

// TestHead_WriteAndOpen checks that a written position is read after opening, and that
// the slots are written in turn.
func TestHead_WriteAndOpen(t *testing.T) {
	dir := t.TempDir()
	if err := eventstore.CreateHead(dir, domain.Position{}); err != nil {
		t.Fatal(err)
	}
	for n := range uint64(5) {
		h, err := eventstore.OpenHead(dir)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 && h.At() != position(2*n) {
			t.Errorf("At: got %+v, want %+v", h.At(), position(2*n))
		}
		for _, p := range []domain.Position{position(2*n + 1), position(2*n + 2), position(2*n + 2)} {
			if err := h.Write(p, p.Stream); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(filepath.Join(dir, "head"))
			if at, ok := eventstore.DecodeHead(data); err != nil || !ok || at != p {
				t.Errorf("HeadAt: got %+v, %v, %v, want %+v", at, ok, err, p)
			}
		}
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "head"))
	if err != nil || !bytes.Equal(data[:eventstore.HeadSlotSize], data[eventstore.HeadSlotSize:]) {
		t.Errorf("slots after Close: they differ, want equal slots: %v", err)
	}
}

// TestHead_TornWrite checks that a write that is torn at any byte leaves the old or the
// new position.
func TestHead_TornWrite(t *testing.T) {
	older, newer, next := eventstore.HeadSlot(position(7)), eventstore.HeadSlot(position(8)),
		eventstore.HeadSlot(position(9))
	garbage := bytes.Repeat([]byte{0xA5}, eventstore.HeadSlotSize)
	for n := range eventstore.HeadSlotSize + 1 {
		for name, under := range map[string][]byte{"over the older slot": older, "over a slot of the same": newer,
			"over garbage": garbage, "over nothing": make([]byte, eventstore.HeadSlotSize)} {
			torn := append(bytes.Clone(next[:n]), under[n:]...)
			for order, file := range map[string][]byte{"first": append(bytes.Clone(torn), newer...),
				"second": append(bytes.Clone(newer), torn...)} {
				at, ok := eventstore.DecodeHead(file)
				whole := bytes.Equal(torn, next)
				if want := position(8); !ok || (at != want && !whole) || (whole && at != position(9)) {
					t.Fatalf("%d bytes %s, in the %s slot: got %+v, %t, want position 8 or 9", n, name, order, at, ok)
				}
			}
		}
	}
}

// TestHead_FlippedBits checks that a flipped bit damages at most one slot and never
// yields another position.
func TestHead_FlippedBits(t *testing.T) {
	older, newer := eventstore.HeadSlot(position(7)), eventstore.HeadSlot(position(8))
	good := append(bytes.Clone(older), newer...)
	for bit := range len(good) * 8 {
		bad := bytes.Clone(good)
		bad[bit/8] ^= 1 << (bit % 8)
		at, ok := eventstore.DecodeHead(bad)
		want := position(8)
		if bit/8 >= eventstore.HeadSlotSize {
			want = position(7)
		}
		if !ok || at != want {
			t.Fatalf("bit %d: %+v, %v, want %+v", bit, at, ok, want)
		}
	}
}

func TestHead_Damaged(t *testing.T) {
	slot := eventstore.HeadSlot(position(7))
	bad := bytes.Clone(slot)
	bad[20] ^= 1
	for given, data := range map[string][]byte{
		"nothing": {}, "a short file": slot[:100], "two bad slots": append(bytes.Clone(bad), bad...),
		"zeros": make([]byte, 2*eventstore.HeadSlotSize),
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "head"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := eventstore.OpenHead(dir)
		wantFault(t, err, 0, 0, "write a new head")
		if t.Failed() {
			t.Fatalf("head with %s: got no Fault, want one", given)
		}
	}
	_, err := eventstore.OpenHead(t.TempDir())
	wantFault(t, err, 0, 0, "write a new head")
}

func TestManifest_WriteAndRead(t *testing.T) {
	dir := t.TempDir()
	if _, found, err := eventstore.ReadManifest(dir); found || err != nil {
		t.Errorf("ReadManifest in an empty directory: found %v, %v, want false", found, err)
	}
	want := eventstore.NewManifest("main", `{"name":"LEDGER_main","é":"\n"}`)
	if err := eventstore.WriteManifest(dir, want); err != nil {
		t.Fatal(err)
	}
	got, found, err := eventstore.ReadManifest(dir)
	if err != nil || !found || got.Realm != want.Realm || got.LedgerID != want.LedgerID ||
		got.Stream != want.Stream {
		t.Errorf("read %+v, %v, %v, want %+v", got, found, err, want)
	}
	if other := eventstore.NewManifest("main", ""); other.LedgerID == want.LedgerID {
		t.Errorf("NewManifest twice: got one ledger id %s, want different ids", other.LedgerID)
	}
}

func TestManifest_FlippedBits(t *testing.T) {
	dir := t.TempDir()
	if err := eventstore.WriteManifest(dir,
		eventstore.NewManifest("main", `{"name":"LEDGER_main"}`)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "ledger.json")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(good) * 8 {
		bad := bytes.Clone(good)
		bad[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if m, _, err := eventstore.ReadManifest(dir); err == nil {
			t.Fatalf("manifest with flipped bit %d: got %+v, want a Fault", bit, m)
		}
	}
	for n := range len(good) - 1 { // a missing newline at the end is allowed
		if err := os.WriteFile(path, good[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := eventstore.ReadManifest(dir)
		wantFault(t, err, 0, 0, "damaged")
	}
}
