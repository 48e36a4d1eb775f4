package seal

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRewrap(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	older, alice, gone := sealOlder(t, s, "user/older"), mustSeal(t, s, 1), mustSeal(t, s, 2)
	far := mustSeal(t, s, chunkSlots+1)
	must(t, s.syncOlder())
	must(t, s.Destroy([]uint32{2}, nil))
	bucket := s.Bucket("192.0.2.1")
	wrapped, key := rawKeyIn(t, s, 1)

	for fill := byte(2); fill < 5; fill++ { // also while an earlier rotation is in progress
		must(t, s.Rewrap(testMaster(fill)))
	}
	check := func() {
		t.Helper()
		s.cache.clear()
		for _, sealed := range []Sealed{older, alice, far} {
			wantOpens(t, s, sealed)
		}
		if s.Bucket("192.0.2.1") != bucket {
			t.Errorf("bucket after the rotation: got %d, want %d", s.Bucket("192.0.2.1"), bucket)
		}
		_, err := s.Unseal(here, gone)
		wantErr(t, err, ErrErased)
	}
	check()
	must(t, s.AwaitRotation())
	wantNowhere(t, dir, wrapped, key)
	for fill := byte(1); fill < 5; fill++ {
		if is, err := s.IsUnder(testMaster(fill)); is != (fill == 4) || err != nil {
			t.Errorf("store under master key 4: got IsUnder(%d) %t, %v, want %t", fill, is, err, fill == 4)
		}
	}
	check()
	bob := mustSeal(t, s, 3*chunkSlots) // a chunk under the new ring key
	must(t, s.Close())

	for _, old := range []byte{1, 3} {
		_, err := Open(dir, testMaster(old), Options{})
		wantErr(t, err, ErrWrongMaster)
	}
	s, err := Open(dir, testMaster(4), Options{})
	must(t, err)
	defer s.Close()
	check()
	wantOpens(t, s, bob)
	if s.ring.isRotating() {
		t.Error("after a complete rotation: got two ring keys, want one")
	}
	if err := s.Rewrap(Master{}); err == nil {
		t.Error("Rewrap with the zero Master: got nil, want an error")
	}
	check()
}

// TestOpen_CrashWhileCreating checks that a crash during the creation of a store leaves
// no store.
func TestOpen_CrashWhileCreating(t *testing.T) {
	t.Parallel() // the test waits for the disk
	dir := t.TempDir()
	s := mustOpen(t, dir)
	must(t, s.Close())
	empty := keysOf(t, dir)
	for cut := 0; cut < len(empty); cut += 37 {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, keysName+stageSuffix), empty[:cut], privateFile))
		s := mustOpen(t, dir)
		wantOpens(t, s, mustSeal(t, s, 1))
		must(t, s.Close())
	}
}

// TestRewrap_DamagedKey checks that a damaged key of an older program prevents a rotation, and that a
// damaged slot of the ring leaves it incomplete, with the previous ring key.
func TestRewrap_DamagedKey(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	older, alice := sealOlder(t, s, "user/older"), mustSeal(t, s, 1)
	must(t, s.syncOlder())
	f, err := os.OpenFile(filepath.Join(dir, keysName), os.O_RDWR, 0)
	must(t, err)
	defer f.Close()
	flipAt(t, f, offset(firstSlot)+60)
	wantErr(t, s.Rewrap(testMaster(2)), ErrDamaged)
	wantOpens(t, s, alice)
	flipAt(t, f, offset(firstSlot)+60)
	wantOpens(t, s, older)

	chunk, err := os.OpenFile(s.chunkPath(0), os.O_RDWR, 0)
	must(t, err)
	defer chunk.Close()
	flipAt(t, chunk, placeOf(9)+60)
	must(t, s.Rewrap(testMaster(2)))
	wantErr(t, s.AwaitRotation(), ErrDamaged)
	wantOpens(t, s, alice)
	wantErr(t, s.Rewrap(testMaster(3)), ErrDamaged)
	flipAt(t, chunk, placeOf(9)+60)
	must(t, s.Rewrap(testMaster(3)))
	s.background.Wait()
	wantOpens(t, s, alice)
	must(t, s.Close())
	_, err = Open(dir, testMaster(2), Options{})
	wantErr(t, err, ErrWrongMaster)
}

// flipAt changes a byte. It flips bits because keys are random and any fixed byte could
// be equal.
func flipAt(t *testing.T, f *os.File, at int64) {
	t.Helper()
	var b [1]byte
	_, err := f.ReadAt(b[:], at)
	must(t, err)
	b[0] ^= 0xFF
	_, err = f.WriteAt(b[:], at)
	must(t, err)
}
