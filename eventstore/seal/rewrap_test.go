package seal

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRewrap(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	alice, gone := mustSeal(t, s, "user/alice"), mustSeal(t, s, "user/gone")
	must(t, s.Destroy("user/gone"))
	bucket := s.Bucket("192.0.2.1")
	wrapped, key := rawKey(t, s, "user/alice")

	must(t, s.Rewrap(testMaster(2)))
	wantNowhere(t, dir, wrapped, key)
	check := func() {
		t.Helper()
		s.cache.clear()
		wantOpens(t, s, alice)
		if kid, err := s.Key("user/alice"); err != nil || kid != alice.KID {
			t.Errorf("key of alice: got %s, %v, want %s", kid, err, alice.KID)
		}
		if s.Bucket("192.0.2.1") != bucket {
			t.Errorf("bucket after the rotation: got %d, want %d", s.Bucket("192.0.2.1"), bucket)
		}
		_, err := s.Unseal(here, gone)
		wantErr(t, err, ErrErased)
	}
	check()
	bob := mustSeal(t, s, "user/bob") // the store uses the new file
	must(t, s.Sync())
	must(t, s.Close())

	_, err := Open(dir, testMaster(1), Options{})
	wantErr(t, err, ErrWrongMaster)
	s, err = Open(dir, testMaster(2), Options{})
	must(t, err)
	defer s.Close()
	check()
	wantOpens(t, s, bob)
	if err := s.Rewrap(Master{}); err == nil {
		t.Error("Rewrap with the zero Master: got nil, want an error")
	}
	check()
}

// TestRewrap_Crash checks a crash that leaves any part of the new file beside the old
// one, or the whole new file in its place.
func TestRewrap_Crash(t *testing.T) {
	t.Parallel() // the test waits for the disk
	f := makeSmall(t, true)
	dir := dirWith(t, f.keys)
	s := mustOpen(t, dir)
	must(t, s.Rewrap(testMaster(2)))
	rewrapped := keysOf(t, dir)
	must(t, s.Close())

	for cut := 0; cut <= len(rewrapped); cut++ {
		dir := dirWith(t, f.keys)
		must(t, os.WriteFile(filepath.Join(dir, stageName), rewrapped[:cut], privateFile))
		s, err := Open(dir, testMaster(1), Options{})
		must(t, err)
		must(t, f.check(s))
		wantOpens(t, s, f.sealed["user/alice"])
		if _, err := os.Stat(filepath.Join(dir, stageName)); !os.IsNotExist(err) {
			t.Fatalf("cut at %d: got staged file, %v, want none", cut, err)
		}
		if cut%slotBytes == 0 {
			must(t, s.Rewrap(testMaster(3))) // a second rotation succeeds
			wantOpens(t, s, f.sealed["user/alice"])
		}
		must(t, s.Close())
		os.RemoveAll(dir)
	}

	s, err := Open(dirWith(t, rewrapped), testMaster(2), Options{})
	must(t, err)
	defer s.Close()
	must(t, f.check(s))
	wantOpens(t, s, f.sealed["month/2026-11"])
}

// TestOpen_CrashWhileCreating checks that a crash during the creation of a store leaves
// no store.
func TestOpen_CrashWhileCreating(t *testing.T) {
	t.Parallel() // the test waits for the disk
	dir := t.TempDir()
	s := mustOpen(t, dir)
	must(t, s.Close())
	empty := keysOf(t, dir)
	for cut := range empty {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, stageName), empty[:cut], privateFile))
		s := mustOpen(t, dir)
		wantOpens(t, s, mustSeal(t, s, "user/alice"))
		must(t, s.Close())
	}
}

func TestRewrap_DamagedKey(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	alice := mustSeal(t, s, "user/alice")
	bob := mustSeal(t, s, "user/bob")
	f, err := os.OpenFile(filepath.Join(dir, keysName), os.O_RDWR, 0)
	must(t, err)
	defer f.Close()
	flipAt(t, f, offset(firstSlot)+60)
	wantErr(t, s.Rewrap(testMaster(2)), ErrDamaged)
	wantOpens(t, s, bob)
	_, err = s.Unseal(here, alice)
	wantErr(t, err, ErrDamaged)
	_, err = s.Key("user/new")
	must(t, err)
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
