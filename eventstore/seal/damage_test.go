package seal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// small is a store with two live keys, a destroyed one, and a tombstone.
type small struct {
	keys     []byte
	sealed   map[string]Sealed
	gone     Sealed
	goneName string
}

// makeSmall returns the key file after Close, or after a kill that follows Sync, when no
// count of acknowledged slots is on disk.
func makeSmall(t testing.TB, closed bool) small {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	out := small{sealed: map[string]Sealed{}, goneName: "user/carol"}
	out.sealed["user/alice"] = sealOlder(t, s, "user/alice")
	out.gone = sealOlder(t, s, out.goneName)
	must(t, s.Destroy(nil, []string{out.goneName}))
	addOlder(t, s, &slot{state: stateGone, subject: s.subjectOf("user/never")}, nil)
	out.sealed["month/2026-11"] = sealOlder(t, s, "month/2026-11")
	must(t, s.syncOlder())
	if closed {
		must(t, s.Close())
	}
	out.keys = keysOf(t, dir)
	if !closed {
		clear(out.keys[offset(markSlot):offset(markSlot+1)])
	}
	return out
}

// check fails unless a store with one fault returns the right plaintext or an error. It
// must never return another plaintext.
func (f small) check(s *Store) error {
	for name, sealed := range f.sealed {
		got, err := s.Unseal(here, sealed)
		if err == nil && !bytes.Equal(got, plain) {
			return fmt.Errorf("%s: got plaintext %q, want %q", name, got, plain)
		}
	}
	if got, err := s.Unseal(here, f.gone); err == nil {
		return fmt.Errorf("destroyed data: got plaintext %q, want an error", got)
	}
	return nil
}

func TestOpen_FlippedBits(t *testing.T) {
	t.Parallel() // the test waits for the disk
	for _, closed := range []bool{true, false} {
		t.Run(fmt.Sprint("closed=", closed), func(t *testing.T) {
			t.Parallel()
			f := makeSmall(t, closed)
			dir := t.TempDir()
			path := filepath.Join(dir, keysName)
			refused, harmless := 0, 0
			must(t, os.WriteFile(path, f.keys, privateFile))
			for bit := range 8 * len(f.keys) {
				if n := bit / 8 / slotBytes; n != headerSlot && n != markSlot && n < firstSlot && bit%8 != bit/8%8 {
					continue // one bit of each byte that no slot uses
				}
				b := bytes.Clone(f.keys)
				b[bit/8] ^= 1 << (bit % 8)
				writeByte(t, path, b, bit/8)
				s, err := Open(dir, testMaster(1), Options{})
				inSlots := bit/8 < slotBytes || bit/8 >= int(offset(firstSlot))
				if err != nil {
					wantErr(t, err, ErrDamaged)
					refused++
					if !bytes.Equal(b, keysOf(t, dir)) {
						t.Fatalf("bit %d: got a changed file after a failed Open, want it unchanged", bit)
					}
					writeByte(t, path, f.keys, bit/8)
					continue
				}
				if inSlots {
					t.Fatalf("bit %d of byte %d: Open returned nil, want an error", bit%8, bit/8)
				}
				if err := f.check(s); err != nil {
					t.Fatalf("bit %d of byte %d: %v", bit%8, bit/8, err)
				}
				for _, sealed := range f.sealed {
					wantOpens(t, s, sealed)
				}
				harmless++
				must(t, s.release())
				must(t, os.WriteFile(path, f.keys, privateFile)) // Open may have changed it
			}
			t.Logf("%d refused, %d harmless", refused, harmless)
		})
	}
}

// writeByte writes the byte at a position of b into a file. To write the whole file would take the disk
// much longer, because the file system writes a truncated file at its close.
func writeByte(t *testing.T, path string, b []byte, at int) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteAt(b[at:at+1], int64(at))
	must(t, errors.Join(err, f.Close()))
}

// TestStore_FlippedBytesWhileOpen checks bytes that flip while the store is open.
func TestStore_FlippedBytesWhileOpen(t *testing.T) {
	f := makeSmall(t, true)
	dir := dirWith(t, f.keys)
	s := mustOpen(t, dir)
	file, err := os.OpenFile(filepath.Join(dir, keysName), os.O_RDWR, 0)
	must(t, err)
	defer file.Close()
	for i, b := range f.keys {
		_, err := file.WriteAt([]byte{b ^ 0x10}, int64(i))
		must(t, err)
		if err := f.check(s); err != nil {
			t.Fatalf("byte %d: %v", i, err)
		}
		_, err = file.WriteAt([]byte{b}, int64(i))
		must(t, err)
	}
}

func TestOpen_DamagedAcknowledgedSlots(t *testing.T) {
	f := makeSmall(t, true)
	last := uint32(len(f.keys)/slotBytes) - 1
	for name, c := range map[string]struct {
		keys []byte
		want []uint32
	}{
		"zeroed":       {zeroed(f.keys, last), []uint32{last}},
		"no last slot": {f.keys[:offset(last)], []uint32{last}},
		"half a slot":  {f.keys[:offset(last)+100], []uint32{last}},
		"no slots":     {f.keys[:offset(firstSlot)], []uint32{firstSlot, firstSlot + 1, firstSlot + 2, last}},
		"misplaced":    {swapped(f.keys, firstSlot, last), []uint32{firstSlot, last}},
		"no header":    {f.keys[:100], []uint32{headerSlot}},
		"empty file":   {nil, []uint32{headerSlot}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := dirWith(t, c.keys)
			_, err := Open(dir, testMaster(1), Options{Create: true})
			d, ok := errors.AsType[*DamageError](err)
			if !ok || !slices.Equal(d.Slots, c.want) || d.Count != len(c.want) ||
				d.File != filepath.Join(dir, keysName) {
				t.Fatalf("Open: got error %v, want the damaged slots %v of the file", err, c.want)
			}
			if !bytes.Equal(c.keys, keysOf(t, dir)) {
				t.Error("file after a failed Open: got a change, want none")
			}
			if c.want[0] == headerSlot {
				_, err := Open(dir, testMaster(1), Options{DropDamaged: true})
				wantErr(t, err, ErrDamaged)
			}
		})
	}
}

func TestOpen_DropDamaged(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	alice, bob := sealOlder(t, s, "user/alice"), sealOlder(t, s, "user/bob")
	must(t, s.syncOlder())
	must(t, s.Close())
	keys := keysOf(t, dir)
	keys[offset(firstSlot)+50] ^= 4

	dir = dirWith(t, keys)
	s, err := Open(dir, testMaster(1), Options{DropDamaged: true})
	must(t, err)
	must(t, s.Close())
	if bytes.Contains(keysOf(t, dir), keys[offset(firstSlot)+60:offset(firstSlot)+80]) {
		t.Error("file after DropDamaged: got the dropped key, want it removed")
	}
	s, err = Open(dir, testMaster(1), Options{}) // the damage was dropped before
	must(t, err)
	defer s.Close()
	wantOpens(t, s, bob)
	_, err = s.Unseal(here, alice)
	wantErr(t, err, ErrDamaged)
	must(t, s.Destroy(nil, []string{"user/alice"}))
	_, err = s.Unseal(here, alice)
	wantErr(t, err, ErrDamaged)
}

func TestDamageError_ListIsBounded(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	for i := range 100 {
		sealOlder(t, s, fmt.Sprint("user/", i))
	}
	must(t, s.syncOlder())
	must(t, s.Close())
	keys := keysOf(t, dir)
	for n := uint32(firstSlot); n < firstSlot+100; n++ {
		keys[offset(n)+1]++
	}
	_, err := Open(dirWith(t, keys), testMaster(1), Options{})
	d, ok := errors.AsType[*DamageError](err)
	if !ok || d.Count != 100 || len(d.Slots) != damagedSlotsListed || len(err.Error()) > 500 {
		t.Fatalf("Open with 100 damaged slots: got error %v, want a short list", err)
	}
}

func TestOpen_NewerFormat(t *testing.T) {
	f := makeSmall(t, true)
	head, _ := decode(headerSlot, f.keys[:slotBytes])
	head.tag = numberTag(formatVersion + 1)
	keys := append(head.encode(headerSlot), f.keys[slotBytes:]...)
	dir := dirWith(t, keys)
	if _, err := Open(dir, testMaster(1), Options{DropDamaged: true}); err == nil || errors.Is(err, ErrDamaged) {
		t.Fatalf("Open of a newer format: got error %v, want one that is not %v", err, ErrDamaged)
	}
}

func zeroed(keys []byte, n uint32) []byte {
	b := bytes.Clone(keys)
	clear(b[offset(n):offset(n+1)])
	return b
}

func swapped(keys []byte, n, m uint32) []byte {
	b := bytes.Clone(keys)
	copy(b[offset(n):offset(n+1)], keys[offset(m):])
	copy(b[offset(m):offset(m+1)], keys[offset(n):])
	return b
}
