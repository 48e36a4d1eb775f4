package seal

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// rawKey returns the bytes of a subject's key in the file and in memory.
func rawKey(t *testing.T, s *Store, name string) (wrapped, key []byte) {
	t.Helper()
	id, err := s.subjectOf(name)
	must(t, err)
	n, sl, err := s.find(id)
	must(t, err)
	key, err = s.wrapping.unwrap(n, &sl)
	must(t, err)
	return sl.wrapped[:], key
}

func wantNowhere(t *testing.T, dir string, needles ...[]byte) {
	t.Helper()
	files, err := os.ReadDir(dir)
	must(t, err)
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		must(t, err)
		for i, needle := range needles {
			for _, part := range [][]byte{needle[:8], needle[len(needle)-8:]} {
				if bytes.Contains(b, part) {
					t.Errorf("%s: got bytes of needle %d, want none", f.Name(), i)
				}
			}
		}
	}
}

func TestDestroy_LeavesNoCopy(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	bob := mustSeal(t, s, "user/bob")
	alice := mustSeal(t, s, "user/alice")
	wrapped, key := rawKey(t, s, "user/alice")
	wantNowhere(t, dir, key)
	if !bytes.Contains(keysOf(t, dir), wrapped) {
		t.Fatal("file before Destroy: got no wrapped key, want it")
	}
	for range 2 {
		must(t, s.Destroy("user/alice"))
		wantNowhere(t, dir, wrapped, key)
		_, err := s.Seal("user/alice", here, plain)
		wantErr(t, err, ErrErased)
		_, err = s.Key("user/alice")
		wantErr(t, err, ErrErased)
		_, err = s.Unseal(here, alice)
		wantErr(t, err, ErrErased)
		wantOpens(t, s, bob)
	}

	// Killed right after: durable.
	dir = dirWith(t, keysOf(t, dir))
	s = mustOpen(t, dir)
	_, err := s.Key("user/alice")
	wantErr(t, err, ErrErased)
	must(t, s.Rewrap(testMaster(2)))
	wantNowhere(t, dir, wrapped, key)
	_, err = s.Unseal(here, alice)
	wantErr(t, err, ErrErased)
	wantOpens(t, s, bob)
}

func TestDestroy_NoKey(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	must(t, s.Destroy("user/alice"))
	size := len(keysOf(t, dir))
	must(t, s.Destroy("user/alice"))
	if len(keysOf(t, dir)) != size {
		t.Errorf("file after a second Destroy: got %d bytes, want %d", len(keysOf(t, dir)), size)
	}
	s = mustOpen(t, dirWith(t, keysOf(t, dir)))
	_, err := s.Key("user/alice")
	wantErr(t, err, ErrErased)
}

func TestStore_NoSubjectInFile(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	mustSeal(t, s, "user/alice")
	if strings.Contains(string(keysOf(t, dir)), "alice") {
		t.Error("key file: got the subject's name, want none")
	}
}
