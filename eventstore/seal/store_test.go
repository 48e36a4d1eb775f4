package seal

import (
	"bytes"
	"encoding/binary"
	"errors"
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

func mustSeal(t testing.TB, s *Store, n uint32) Sealed {
	t.Helper()
	must(t, s.Reserve(n))
	sealed, err := s.Seal(n, here, plain)
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

// dirWith returns a store directory with the given key file and no chunk.
func dirWith(t testing.TB, keys []byte) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, keysName), keys, privateFile))
	must(t, os.Mkdir(filepath.Join(dir, ringName), privateDir))
	return dir
}

func TestStore_RoundTripAndReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys of", "main")
	s := mustOpen(t, dir)
	sealed := mustSeal(t, s, 1)
	wantOpens(t, s, sealed)
	bucket := s.Bucket("203.0.113.7")
	must(t, s.Close())

	s, err := Open(dir, testMaster(1), Options{})
	must(t, err)
	defer s.Close()
	wantOpens(t, s, sealed)
	if got := s.Bucket("203.0.113.7"); got != bucket {
		t.Errorf("after reopening, bucket %d, want %d", got, bucket)
	}
	sealed.Slot = 2
	_, err = s.Unseal(here, sealed)
	wantErr(t, err, ErrDamaged)
}

func TestUnseal_OtherAAD(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	sealed := mustSeal(t, s, 1)
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
		if _, err := s.Seal(1, aad, plain); err == nil {
			t.Errorf("Seal under %+v: got nil, want an error", aad)
		}
	}
}

func TestUnseal_FlippedBits(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	sealed := mustSeal(t, s, 1)
	mustSeal(t, s, 2)
	all := append(binary.BigEndian.AppendUint32(nil, sealed.Slot), sealed.Nonce...)
	all = append(all, sealed.Ciphertext...)
	for bit := range 8 * len(all) {
		b := bytes.Clone(all)
		b[bit/8] ^= 1 << (bit % 8)
		bad := Sealed{Slot: binary.BigEndian.Uint32(b), Nonce: b[4 : 4+nonceBytes], Ciphertext: b[4+nonceBytes:]}
		if got, err := s.Unseal(here, bad); err == nil {
			t.Fatalf("bit %d: got plaintext %q, want an error", bit, got)
		}
	}
	for cut := range sealed.Ciphertext {
		_, err := s.Unseal(here, Sealed{Slot: 1, Nonce: sealed.Nonce, Ciphertext: sealed.Ciphertext[:cut]})
		wantErr(t, err, ErrDamaged)
	}
	_, err := s.Unseal(here, Sealed{Slot: 1, Ciphertext: sealed.Ciphertext})
	wantErr(t, err, ErrDamaged)
	_, err = s.Unseal(here, Sealed{})
	wantErr(t, err, ErrUnknownKey)
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
	mustSeal(t, s, 1)
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
	sealed := mustSeal(t, s, 1)
	must(t, s.Close())
	_, err := s.Seal(1, here, plain)
	wantErr(t, err, ErrClosed)
	_, err = s.Unseal(here, sealed)
	wantErr(t, err, ErrClosed)
	wantErr(t, s.Destroy([]uint32{1}, nil), ErrClosed)
	wantErr(t, s.Rewrap(testMaster(2)), ErrClosed)
}

func TestStore_FileModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	s := mustOpen(t, dir)
	mustSeal(t, s, 1)
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
