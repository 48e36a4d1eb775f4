package seal

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
)

func TestKey_ConcurrentCallers(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	for round := range 50 {
		var wg sync.WaitGroup
		var kids [64]string
		for i := range kids {
			wg.Go(func() {
				kids[i], _ = s.Key(fmt.Sprint("user/", round))
				if err := s.Sync(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, kid := range kids {
			if kid != kids[0] || kid == "" {
				t.Fatalf("round %d: got key %q, want %q", round, kid, kids[0])
			}
		}
	}
	if n := len(keysOf(t, dir))/slotBytes - firstSlot; n != 50 {
		t.Errorf("slots: got %d, want 50", n)
	}
}

// TestStore_ConcurrentUse checks that data sealed before Sync is never lost, that
// destroyed keys stay destroyed, and that a rotation at the same time has no effect on
// callers.
func TestStore_ConcurrentUse(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	const users, rounds = 40, 60
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range rounds {
				name := fmt.Sprintf("user/%d", (worker*7+i)%users)
				sealed, err := s.Seal(name, here, plain)
				if errors.Is(err, ErrErased) {
					continue
				}
				if err == nil {
					err = s.Sync()
				}
				if err == nil {
					_, err = s.Unseal(here, sealed)
				}
				if err != nil && !errors.Is(err, ErrErased) {
					t.Errorf("seal and unseal %s: got error %v, want none or %v", name, err, ErrErased)
				}
				s.Bucket(name)
			}
		})
	}
	wg.Go(func() {
		for i := range users / 2 {
			name := fmt.Sprintf("user/%d", 2*i)
			if err := s.Destroy(name); err != nil {
				t.Error(err)
			}
			if _, err := s.Seal(name, here, plain); !errors.Is(err, ErrErased) {
				t.Errorf("Seal of %s after Destroy: got error %v, want %v", name, err, ErrErased)
			}
		}
	})
	wg.Go(func() {
		for i := range 5 {
			if err := s.Rewrap(testMaster(byte(2 + i))); err != nil {
				t.Error(err)
			}
			s.cache.clear()
		}
	})
	wg.Wait()
	for i := range users {
		_, err := s.Key(fmt.Sprintf("user/%d", i))
		if forgotten := errors.Is(err, ErrErased); forgotten != (i%2 == 0) || (err != nil && !forgotten) {
			t.Errorf("Key of user/%d: got error %v, want erased %t", i, err, i%2 == 0)
		}
	}
	must(t, s.Close())
	s, err := Open(dir, testMaster(6), Options{})
	must(t, err)
	must(t, s.Close())
}

// TestSync_ErrorIsPermanent checks that after a failed fsync Sync, new keys and Destroy
// fail.
func TestSync_ErrorIsPermanent(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	kept := mustSeal(t, s, "user/alice")
	must(t, s.Sync())
	sound := s.file
	mustSeal(t, s, "user/bob")
	s.file, _ = os.Open(os.DevNull)
	s.file.Close()
	if err := s.Sync(); err == nil {
		t.Fatal("Sync of a closed file: got nil, want an error")
	}
	s.file = sound
	if err := s.Sync(); err == nil {
		t.Error("second Sync: got nil, want the first error")
	}
	if _, err := s.Key("user/carol"); err == nil {
		t.Error("Key after a failed Sync: got nil, want an error")
	}
	if err := s.Destroy("user/alice"); err == nil {
		t.Error("Destroy after a failed Sync: got nil, want an error")
	}
	wantOpens(t, s, kept)
}
