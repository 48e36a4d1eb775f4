package seal

import (
	"bytes"
	"fmt"
	"os"
	"testing"
)

// TestOpen_CrashInUnsyncedTail checks that Open succeeds and keeps all synced keys after
// a crash of an older program that cuts or zeroes the unsynced tail at any byte.
func TestOpen_CrashInUnsyncedTail(t *testing.T) {
	t.Parallel() // the test waits for the disk
	dir := t.TempDir()
	s := mustOpen(t, dir)
	kept := sealOlder(t, s, "user/alice")
	must(t, s.syncOlder())
	synced := len(keysOf(t, dir))
	for i := range 3 {
		sealOlder(t, s, fmt.Sprint("user/new", i))
	}
	full := keysOf(t, dir)
	for cut := synced; cut <= len(full); cut++ {
		for _, zeros := range []int{0, 5, slotBytes, len(full) - cut} {
			for _, mark := range []bool{true, false} {
				keys := append(bytes.Clone(full[:cut]), make([]byte, zeros)...)
				if !mark {
					clear(keys[offset(markSlot):offset(markSlot+1)])
				}
				// A cut inside the end mark is a cut inside a sector, which disks do
				// not make. Open returns an error.
				if in := (cut - synced) % slotBytes; in > endStart && zeros > 0 {
					continue
				}
				dir := dirWith(t, keys)
				s, err := Open(dir, testMaster(1), Options{})
				if err != nil {
					t.Fatalf("cut at %d, %d zeros: %v", cut, zeros, err)
				}
				wantOpens(t, s, kept)
				must(t, s.release())
				s, err = Open(dir, testMaster(1), Options{})
				must(t, err)
				wantOpens(t, s, kept)
				must(t, s.release())
				os.RemoveAll(dir)
			}
		}
	}
}

// TestOpen_HoleInUnsyncedTail checks that a hole before a whole slot is no damage,
// because pages reach the disk in any order.
func TestOpen_HoleInUnsyncedTail(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	kept := sealOlder(t, s, "user/alice")
	must(t, s.syncOlder())
	hole := sealOlder(t, s, "user/bob")
	after := sealOlder(t, s, "user/carol")
	keys := keysOf(t, dir)
	clear(keys[offset(firstSlot+1):offset(firstSlot+2)])

	dir = dirWith(t, keys)
	for range 2 {
		s = mustOpen(t, dir)
		wantOpens(t, s, kept)
		wantOpens(t, s, after)
		_, err := s.Unseal(here, hole)
		wantErr(t, err, ErrDamaged)
		must(t, s.Close())
	}
}
