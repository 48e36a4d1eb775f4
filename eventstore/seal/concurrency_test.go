package seal

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
)

func TestOneKeyForSixtyFour(t *testing.T) {
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
				t.Fatalf("round %d: keys %q and %q", round, kid, kids[0])
			}
		}
	}
	if n := len(keysOf(t, dir))/slotBytes - firstSlot; n != 50 {
		t.Errorf("%d slots for 50 subjects", n)
	}
}

// Everything at once: nothing sealed before Sync is ever lost, nothing destroyed
// ever comes back, and a rotation in between is not noticed.
func TestEverythingAtOnce(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	const users, rounds = 40, 60
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range rounds {
				name := fmt.Sprintf("user/%d", (worker*7+i)%users)
				sealed, err := s.Seal(name, here, plain)
				if errors.Is(err, ErrForgotten) {
					continue
				}
				if err == nil {
					err = s.Sync()
				}
				if err == nil {
					_, err = s.Unseal(here, sealed)
				}
				if err != nil && !errors.Is(err, ErrForgotten) {
					t.Error(err)
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
			if _, err := s.Seal(name, here, plain); !errors.Is(err, ErrForgotten) {
				t.Errorf("%s after Destroy: %v", name, err)
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
		if forgotten := errors.Is(err, ErrForgotten); forgotten != (i%2 == 0) || (err != nil && !forgotten) {
			t.Errorf("user/%d: %v", i, err)
		}
	}
	must(t, s.Close())
	s, err := Open(dir, testMaster(6), Options{})
	must(t, err)
	must(t, s.Close())
}

// After a failed fsync nothing is promised.
func TestFailedSyncStays(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	kept := mustSeal(t, s, "user/alice")
	must(t, s.Sync())
	sound := s.file
	mustSeal(t, s, "user/bob")
	s.file, _ = os.Open(os.DevNull)
	s.file.Close()
	if err := s.Sync(); err == nil {
		t.Fatal("synced a closed file")
	}
	s.file = sound
	if err := s.Sync(); err == nil {
		t.Error("a second Sync forgot the failure of the first")
	}
	if _, err := s.Key("user/carol"); err == nil {
		t.Error("a new key after a failed sync")
	}
	if err := s.Destroy("user/alice"); err == nil {
		t.Error("destroyed after a failed sync")
	}
	wantOpens(t, s, kept)
}
