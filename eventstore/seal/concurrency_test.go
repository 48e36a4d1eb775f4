package seal

import (
	"errors"
	"sync"
	"testing"
)

// TestStore_ConcurrentUse checks that sealed data is never lost, that destroyed keys stay destroyed,
// and that rotations and new chunks at the same time have no effect on callers.
func TestStore_ConcurrentUse(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	const users, rounds, workers = 40, 60, 8
	must(t, s.Reserve(1))
	var wg sync.WaitGroup
	for worker := range uint32(workers) {
		wg.Go(func() {
			for i := range uint32(rounds) {
				n := 1 + (worker*7+i)%users
				sealed, err := s.Seal(n, here, plain)
				if errors.Is(err, ErrErased) {
					continue
				}
				if err == nil {
					_, err = s.Unseal(here, sealed)
				}
				if err != nil && !errors.Is(err, ErrErased) {
					t.Errorf("seal and unseal in slot %d: got error %v, want none or %v", n, err, ErrErased)
				}
				s.Bucket("192.0.2.1")
			}
		})
	}
	wg.Go(func() {
		for n := uint32(1); n <= users; n += 2 {
			if err := s.Destroy([]uint32{n}, nil); err != nil {
				t.Error(err)
			}
			if _, err := s.Seal(n, here, plain); !errors.Is(err, ErrErased) {
				t.Errorf("Seal in slot %d after Destroy: got error %v, want %v", n, err, ErrErased)
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
	wg.Go(func() {
		for n := uint32(1); n < 3*chunkSlots; n += 100 {
			if err := s.Reserve(n); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	must(t, s.Close())
	s, err := Open(dir, testMaster(6), Options{})
	must(t, err)
	defer s.Close()
	for n := uint32(1); n <= users; n++ {
		_, err := s.Seal(n, here, plain)
		if erased := errors.Is(err, ErrErased); erased != (n%2 == 1) || (err != nil && !erased) {
			t.Errorf("Seal in slot %d: got error %v, want erased %t", n, err, n%2 == 1)
		}
	}
}
