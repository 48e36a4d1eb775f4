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
		must(t, s.Destroy(2))
		wantNowhere(t, dir, wrapped, key)
		_, err := s.Seal(2, here, plain)
		wantErr(t, err, ErrErased)
		_, err = s.Unseal(here, alice)
		wantErr(t, err, ErrErased)
		wantOpens(t, s, bob)
	}
	wantErr(t, s.Destroy(0), ErrUnknownKey)
	wantErr(t, s.Destroy(uint32(s.Slots())+1), ErrUnknownKey)
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
	wantErr(t, s.Destroy(2), os.ErrInvalid)
	wantErr(t, s.Reserve(uint32(s.Slots())+1), os.ErrInvalid)
	wantOpens(t, s, kept)
}
