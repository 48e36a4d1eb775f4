package seal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// TestReserve_NoSyncForNewUsers checks that the first data of 1,000 users needs no fsync of keys, and
// changes no file.
func TestReserve_NoSyncForNewUsers(t *testing.T) {
	var changes atomic.Int32
	d := disk{did: func(operation, string) { changes.Add(1) }}
	s, err := open(t.TempDir(), testMaster(1), Options{Create: true}, d)
	must(t, err)
	defer s.Close()
	must(t, s.Reserve(1))
	before := changes.Load()
	for n := uint32(1); n <= 1000; n++ {
		must(t, s.Reserve(n))
		sealed, err := s.SealNew(n, here, plain)
		must(t, err)
		wantOpens(t, s, sealed)
	}
	if got := changes.Load() - before; got != 0 || before == 0 {
		t.Errorf("1,000 new users: got %d changes of the disk after %d, want 0 after some", got, before)
	}
}

func TestReserve_NextChunkInBackground(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	for _, c := range []struct{ slot, chunks uint32 }{
		{1, 1}, {chunkSlots / 2, 1}, {chunkSlots/2 + 1, 2}, {chunkSlots + 5, 2}, {3*chunkSlots + 7, 4},
	} {
		must(t, s.Reserve(c.slot))
		s.background.Wait()
		if got := s.chunks.Load(); got != c.chunks {
			t.Errorf("after Reserve(%d): got %d chunks, want %d", c.slot, got, c.chunks)
		}
		if got, want := s.Durable(), uint64(c.chunks)*chunkSlots; got != want {
			t.Errorf("after Reserve(%d): got %d durable keys, want %d", c.slot, got, want)
		}
	}
}

// TestReserve_Fails checks that a failed generation in the background delays no command, and that
// the command that needs the chunk makes it.
func TestReserve_Fails(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	must(t, s.Reserve(1))
	blocked := s.chunkPath(1) + stageSuffix
	must(t, os.MkdirAll(filepath.Join(blocked, "x"), privateDir))
	must(t, s.Reserve(chunkSlots))
	s.background.Wait()
	mustSeal(t, s, chunkSlots)
	if err := s.Reserve(chunkSlots + 1); err == nil {
		t.Error("Reserve of a chunk that can't be written: got nil, want an error")
	}
	must(t, os.RemoveAll(blocked))
	wantOpens(t, s, mustSeal(t, s, chunkSlots+1))
}

func TestSeal_UnknownSlot(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	must(t, s.Reserve(1))
	for _, n := range []uint32{0, uint32(s.Slots()) + 1, 1 << 31} {
		_, err := s.Seal(n, here, plain)
		wantErr(t, err, ErrUnknownKey)
	}
}

// TestOpen_TornChunk checks that a chunk whose generation crashed is removed, and that the next
// chunk holds other keys.
func TestOpen_TornChunk(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	kept := mustSeal(t, s, 1)
	must(t, s.Close())
	chunk, err := os.ReadFile(s.chunkPath(0))
	must(t, err)
	staged := s.chunkPath(1) + stageSuffix
	for _, cut := range []int{0, 1, slotBytes, chunkBytes / 2, chunkBytes} {
		must(t, os.WriteFile(staged, chunk[:cut], privateFile))
		s, err := Open(dir, testMaster(1), Options{})
		must(t, err)
		if _, err := os.Stat(staged); !errors.Is(err, os.ErrNotExist) || s.Slots() != chunkSlots {
			t.Errorf("chunk torn at byte %d: got %d slots, %v, want %d and no staged file", cut, s.Slots(), err,
				chunkSlots)
		}
		wantOpens(t, s, kept)
		must(t, s.Close())
	}
}

func TestOpen_DamagedChunk(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	sealed := mustSeal(t, s, chunkSlots+2)
	kept := mustSeal(t, s, 2*chunkSlots+1)
	must(t, s.Close())
	path := s.chunkPath(1)
	whole, err := os.ReadFile(path)
	must(t, err)
	flipped := bytes.Clone(whole)
	flipped[offset(1)+60] ^= 4
	all := make([]uint32, damagedSlotsListed)
	for i := range all {
		all[i] = uint32(i)
	}
	for name, c := range map[string]struct {
		file  []byte // nil for no file
		want  []uint32
		count int
	}{
		"flipped bit": {flipped, []uint32{1}, 1},
		"cut off":     {whole[:offset(chunkSlots-1)+9], []uint32{chunkSlots - 1}, 1},
		"zeroed":      {zeroed(whole, 1), []uint32{1}, 1},
		"misplaced":   {swapped(whole, 1, 3), []uint32{1, 3}, 2},
		"no file":     {nil, all, chunkSlots},
		"empty":       {[]byte{}, all, chunkSlots},
	} {
		must(t, os.RemoveAll(path))
		if c.file != nil {
			must(t, os.WriteFile(path, c.file, privateFile))
		}
		_, err := Open(dir, testMaster(1), Options{})
		d, ok := errors.AsType[*DamageError](err)
		if !ok || !slices.Equal(d.Slots, c.want) || d.Count != c.count || d.File != path {
			t.Errorf("%s: got error %v, want the slots %v of %s", name, err, c.want, path)
		}
		s, err := Open(dir, testMaster(1), Options{DropDamaged: true})
		must(t, err)
		_, err = s.Unseal(here, sealed)
		if (err == nil) != (name == "cut off") || err != nil && !errors.Is(err, ErrGivenUp) {
			t.Errorf("%s: Unseal after the damage was dropped: got %v, want %v", name, err, ErrGivenUp)
		}
		wantOpens(t, s, kept)
		must(t, s.Close())
	}
}

// TestUnseal_DamagedSlot checks that each flipped byte of a slot of an open store is an error that
// names the position, and never another key.
func TestUnseal_DamagedSlot(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	sealed := mustSeal(t, s, 7)
	f, err := os.OpenFile(s.chunkPath(0), os.O_RDWR, 0)
	must(t, err)
	defer f.Close()
	for at := placeOf(7); at < placeOf(8); at++ {
		flipAt(t, f, at)
		_, err := s.Unseal(here, sealed)
		wantErr(t, err, ErrDamaged)
		want := fmt.Sprintf("slot 7, at byte %d of %s", placeOf(7), s.chunkPath(0))
		if !strings.Contains(err.Error(), want) {
			t.Fatalf("byte %d: got %v, want the position %q", at, err, want)
		}
		flipAt(t, f, at)
	}
	wantOpens(t, s, sealed)
}

// TestOpen_DamagedRingKey checks that each flipped byte of the ring key is damage if a chunk needs
// it, and that an unknown file in the directory of the ring is an error.
func TestOpen_DamagedRingKey(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	mustSeal(t, s, 1)
	must(t, s.Close())
	f, err := os.OpenFile(s.path(), os.O_RDWR, 0)
	must(t, err)
	defer f.Close()
	for at := offset(ringSlot); at < offset(ringSlot+1); at++ {
		flipAt(t, f, at)
		_, err := Open(dir, testMaster(1), Options{DropDamaged: true})
		wantErr(t, err, ErrDamaged)
		flipAt(t, f, at)
	}
	must(t, os.WriteFile(filepath.Join(dir, ringName, "1"), nil, privateFile))
	_, err = Open(dir, testMaster(1), Options{})
	wantErr(t, err, ErrForeignFile)
	if want := filepath.Join(dir, ringName, "1") + ": "; !strings.Contains(err.Error(), want) {
		t.Errorf("Open with an unknown file: got %v, want the path %s", err, want)
	}
}

// memoryMax is the maximum number of bytes that a store holds in memory, at any number of keys.
const memoryMax = 5 << 20

func TestStore_Memory(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	must(t, s.Reserve(cachedKeysMax+chunkSlots))
	s.background.Wait()
	before := heap()
	for n := uint32(1); n <= cachedKeysMax+chunkSlots; n++ {
		if _, err := s.sealingKey(n, readAhead); err != nil {
			t.Fatal(err)
		}
	}
	if held := int64(heap()) - int64(before); held > memoryMax {
		t.Errorf("%d keys in use: got %d bytes in memory, want at most %d", cachedKeysMax, held, memoryMax)
	}
	runtime.KeepAlive(s)
}
