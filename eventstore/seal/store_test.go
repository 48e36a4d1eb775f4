package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

var (
	here  = AAD{Ledger: "ledger-1", Source: "gateway/portal", ID: "e-10"}
	plain = []byte(`{"ip":"203.0.113.7","userAgent":"Mozilla/5.0","note":"asked on the phone"}`)
)

func testMaster(fill byte) Master {
	return Master{key: [keyBytes]byte(bytes.Repeat([]byte{fill}, keyBytes))}
}

func mustOpen(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(dir, testMaster(1), Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func mustSeal(t testing.TB, s *Store, name string) Sealed {
	t.Helper()
	sealed, err := s.Seal(name, here, plain)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantOpens(t testing.TB, s *Store, sealed Sealed) {
	t.Helper()
	got, err := s.Unseal(here, sealed)
	if err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("Unseal: got %q, %v, want %q", got, err, plain)
	}
}

func wantErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}

// keysOf returns the key file as a kill at this moment leaves it.
func keysOf(t testing.TB, dir string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, keysName))
	must(t, err)
	return b
}

// dirWith returns a store directory with the given key file.
func dirWith(t testing.TB, keys []byte) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, keysName), keys, privateFile))
	return dir
}

func TestStore_RoundTripAndReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys of", "main")
	s := mustOpen(t, dir)
	sealed := mustSeal(t, s, "user/alice")
	wantOpens(t, s, sealed)
	bucket := s.Bucket("203.0.113.7")
	must(t, s.Sync())
	must(t, s.Close())

	s, err := Open(dir, testMaster(1), Options{})
	must(t, err)
	defer s.Close()
	wantOpens(t, s, sealed)
	if kid, err := s.Key("user/alice"); err != nil || kid != sealed.KID {
		t.Errorf("after reopening, key %s, %v; want %s", kid, err, sealed.KID)
	}
	if got := s.Bucket("203.0.113.7"); got != bucket {
		t.Errorf("after reopening, bucket %d, want %d", got, bucket)
	}
	if kid, _ := s.Key("user/bob"); kid == sealed.KID {
		t.Errorf("keys of two subjects: got one key %s, want two", kid)
	}
}

func TestUnseal_OtherAAD(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	sealed := mustSeal(t, s, "user/alice")
	for _, aad := range []AAD{
		{"ledger-2", here.Source, here.ID},
		{here.Ledger, "gateway/other", here.ID},
		{here.Ledger, here.Source, "e-11"},
		{here.Ledger, here.ID, here.Source},
		{here.Ledger + here.Source[:1], here.Source[1:], here.ID},
	} {
		got, err := s.Unseal(aad, sealed)
		wantErr(t, err, ErrDamaged)
		if got != nil {
			t.Errorf("%v: got plaintext %q, want none", aad, got)
		}
	}
	for _, aad := range []AAD{{}, {Ledger: "l", Source: "s"}, {Ledger: "l", ID: "i"}, {Source: "s", ID: "i"}} {
		if _, err := s.Seal("user/alice", aad, plain); err == nil {
			t.Errorf("Seal under %+v: got nil, want an error", aad)
		}
	}
}

func TestUnseal_FlippedBits(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	sealed := mustSeal(t, s, "user/alice")
	mustSeal(t, s, "user/bob")
	all := append(append([]byte(sealed.KID), sealed.Nonce...), sealed.Ciphertext...)
	for bit := range 8 * len(all) {
		b := bytes.Clone(all)
		b[bit/8] ^= 1 << (bit % 8)
		bad := Sealed{string(b[:kidDigits]), b[kidDigits : kidDigits+nonceBytes], b[kidDigits+nonceBytes:]}
		if got, err := s.Unseal(here, bad); err == nil {
			t.Fatalf("bit %d: got plaintext %q, want an error", bit, got)
		}
	}
	for cut := range sealed.Ciphertext {
		_, err := s.Unseal(here, Sealed{sealed.KID, sealed.Nonce, sealed.Ciphertext[:cut]})
		wantErr(t, err, ErrDamaged)
	}
	_, err := s.Unseal(here, Sealed{sealed.KID, nil, sealed.Ciphertext})
	wantErr(t, err, ErrDamaged)
	_, err = s.Unseal(here, Sealed{})
	wantErr(t, err, ErrUnknownKey)
}

func TestKey_SubjectLength(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	for _, name := range []string{"", string(make([]byte, subjectBytesMax+1))} {
		if _, err := s.Key(name); err == nil {
			t.Errorf("Key for a subject of %d bytes: got nil, want an error", len(name))
		}
		if err := s.Destroy(name); err == nil {
			t.Errorf("Destroy of a subject of %d bytes: got nil, want an error", len(name))
		}
	}
}

func TestOpen_Errors(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(dir, testMaster(1), Options{})
	wantErr(t, err, ErrNoStore)
	_, err = Open(filepath.Join(dir, "absent"), testMaster(1), Options{})
	wantErr(t, err, ErrNoStore)
	if _, err = Open(dir, Master{}, Options{Create: true}); err == nil || errors.Is(err, ErrMasterMissing) {
		t.Errorf("Open without a master key and a store: got error %v, want one that is not %v", err,
			ErrMasterMissing)
	}
	if found, err := Exists(dir); found || err != nil {
		t.Errorf("after a failed Open: got a store %t, %v, want none", found, err)
	}

	s := mustOpen(t, dir)
	mustSeal(t, s, "user/alice")
	if _, err = Open(dir, testMaster(1), Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("second Open: got error %v, want %v", err, ErrLocked)
	}
	must(t, s.Close())
	must(t, s.Close())

	before := keysOf(t, dir)
	_, err = Open(dir, Master{}, Options{Create: true, DropDamaged: true})
	wantErr(t, err, ErrMasterMissing)
	_, err = Open(dir, testMaster(2), Options{Create: true, DropDamaged: true})
	wantErr(t, err, ErrWrongMaster)
	if !bytes.Equal(before, keysOf(t, dir)) {
		t.Error("key file after a failed Open: got a change, want none")
	}
	mustOpen(t, dir) // and holds no lock
}

func TestStore_Closed(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	sealed := mustSeal(t, s, "user/alice")
	must(t, s.Close())
	_, err := s.Seal("user/alice", here, plain)
	wantErr(t, err, ErrClosed)
	_, err = s.Unseal(here, sealed)
	wantErr(t, err, ErrClosed)
	wantErr(t, s.Destroy("user/alice"), ErrClosed)
	wantErr(t, s.Rewrap(testMaster(2)), ErrClosed)
	must(t, s.Sync())
}

func TestKey_LostBeforeSync(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	kept := mustSeal(t, s, "user/alice")
	must(t, s.Sync())
	keys := keysOf(t, dir)
	orphan := mustSeal(t, s, "user/bob")

	s = mustOpen(t, dirWith(t, keys)) // bob's key was not on disk
	wantOpens(t, s, kept)
	_, err := s.Unseal(here, orphan)
	wantErr(t, err, ErrUnknownKey)
	again := mustSeal(t, s, "user/bob") // in the same slot
	if again.KID == orphan.KID || again.KID[:8] != orphan.KID[:8] {
		t.Errorf("key id: got %s, want the slot of %s with another key", again.KID, orphan.KID)
	}
	_, err = s.Unseal(here, orphan)
	wantErr(t, err, ErrUnknownKey)
	wantOpens(t, s, again)
}

func TestCache_Bounded(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	first := mustSeal(t, s, "user/0")
	for i := range 2 * cachedKeysMax {
		if _, err := s.Key(fmt.Sprint("user/", i)); err != nil {
			t.Fatal(err)
		}
	}
	cached := 0
	for i := range s.cache.shards {
		cached += len(s.cache.shards[i].keys)
	}
	if cached > cachedKeysMax {
		t.Errorf("cached keys: got %d, want at most %d", cached, cachedKeysMax)
	}
	if kid, err := s.Key("user/0"); err != nil || kid != first.KID {
		t.Errorf("key of user/0: got %s, %v, want %s", kid, err, first.KID)
	}
}

func TestIndex_EqualFirstBytes(t *testing.T) {
	a, b, c := subject{1, 15: 1}, subject{1, 15: 2}, subject{1, 15: 3}
	x := newIndex(0)
	x.put(a, 8)
	x.put(b, 9)
	if n, ok := x.candidate(a); n != 8 || !ok {
		t.Errorf("candidate of a: got %d, %t, want 8", n, ok)
	}
	if n, ok := x.candidate(b); n != 9 || !ok {
		t.Errorf("candidate of b: got %d, %t, want 9", n, ok)
	}
	if n, ok := x.candidate(c); n != 8 || !ok {
		t.Errorf("candidate of an unknown subject: got %d, %t, want 8, to compare it with the slot", n, ok)
	}

	// In a store: a live slot, a second one with the same first bytes, and an unknown subject.
	s := mustOpen(t, t.TempDir())
	for _, id := range []subject{a, b} {
		if _, err := s.add(&slot{state: stateLive, subject: id}, make([]byte, keyBytes)); err != nil {
			t.Fatal(err)
		}
	}
	must(t, s.Sync())
	s = mustOpen(t, dirWith(t, keysOf(t, s.dir)))
	for id, want := range map[subject]uint32{a: firstSlot, b: firstSlot + 1, c: 0} {
		if n, _, err := s.find(id); n != want || err != nil {
			t.Errorf("find %x = %d, %v; want %d", id, n, err, want)
		}
	}
}

func TestStore_FileModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	s := mustOpen(t, dir)
	mustSeal(t, s, "user/alice")
	must(t, s.Rewrap(testMaster(2)))
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: got mode %v, want no permission of others", path, info.Mode())
		}
		return err
	}))
}
