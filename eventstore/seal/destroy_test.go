package seal

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// rawKeyIn returns the bytes of a key of the ring in its file and in memory.
func rawKeyIn(t *testing.T, s *Store, n uint32) (wrapped, key []byte) {
	t.Helper()
	b, err := s.readSlots(n, 1)
	must(t, err)
	raw, err := s.ringKey(n)
	must(t, err)
	sl, _ := decode(n, b)
	return sl.wrapped[:], raw[:]
}

func wantNowhere(t *testing.T, dir string, needles ...[]byte) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for i, needle := range needles {
			for _, part := range [][]byte{needle[:8], needle[len(needle)-8:]} {
				if bytes.Contains(b, part) {
					t.Errorf("%s: got bytes of needle %d, want none", path, i)
				}
			}
		}
		return err
	}))
}

func TestDestroy_LeavesNoCopy(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	bob, alice := mustSeal(t, s, 1), mustSeal(t, s, 2)
	wrapped, key := rawKeyIn(t, s, 2)
	wantNowhere(t, dir, key)
	for range 2 {
		must(t, s.Destroy([]uint32{2}, nil))
		wantNowhere(t, dir, wrapped, key)
		_, err := s.Seal(2, here, plain)
		wantErr(t, err, ErrErased)
		_, err = s.Unseal(here, alice)
		wantErr(t, err, ErrErased)
		wantOpens(t, s, bob)
	}
	must(t, s.Close())

	s = mustOpen(t, dir)
	_, err := s.Seal(2, here, plain)
	wantErr(t, err, ErrErased)
	must(t, s.Rewrap(testMaster(2)))
	s.background.Wait()
	wantNowhere(t, dir, wrapped, key)
	_, err = s.Unseal(here, alice)
	wantErr(t, err, ErrErased)
	wantOpens(t, s, bob)
}

// TestDestroy_SyncError checks that after a failed fsync no key is destroyed or made until the store
// is opened again, and that keys can still be read.
func TestDestroy_SyncError(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	kept := mustSeal(t, s, 1)
	s.failWrites(os.ErrInvalid)
	wantErr(t, s.Destroy([]uint32{2}, nil), os.ErrInvalid)
	wantErr(t, s.Reserve(uint32(s.Slots())+1), os.ErrInvalid)
	wantOpens(t, s, kept)
}

// TestDestroy_ManyKeys checks that one call destroys the keys in several chunks and the keys of older
// programs, keeps the other keys, and skips the slots that hold no key.
func TestDestroy_ManyKeys(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	must(t, s.Reserve(chunkSlots+1))
	alice, bob, carol := mustSeal(t, s, 1), mustSeal(t, s, chunkSlots), mustSeal(t, s, chunkSlots+1)
	wrapped1, key1 := rawKeyIn(t, s, 1)
	wrapped2, key2 := rawKeyIn(t, s, chunkSlots+1)
	beyond := uint32(s.Slots()) + 1
	for range 2 {
		must(t, s.Destroy([]uint32{chunkSlots + 1, beyond, 1, 0, 1}, []string{"user/nobody"}))
		wantNowhere(t, dir, wrapped1, key1, wrapped2, key2)
		for _, sealed := range []Sealed{alice, carol} {
			_, err := s.Unseal(here, sealed)
			wantErr(t, err, ErrErased)
		}
		wantOpens(t, s, bob)
	}
	must(t, s.Destroy(nil, nil))
	must(t, s.Close())
	wantErr(t, s.Destroy([]uint32{1}, nil), ErrClosed)
}
