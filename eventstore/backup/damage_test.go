package backup

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authledger/eventstore"
	"authledger/eventstore/seal"
)

// damageStep is the distance of the damaged bytes. It is a prime, so that they have every alignment.
const damageStep = 7

// TestDirectory_IsRefusedOrWhole flips bytes of each file of a backup, and cuts each file. Only the newline
// at the end of a JSON file has no meaning.
func TestDirectory_IsRefusedOrWhole(t *testing.T) {
	l, dir := newTestLog(t, 3), t.TempDir()
	l.backUp(dir)
	for _, name := range names(t, dir) {
		path := filepath.Join(dir, name)
		intact := read(t, path)
		for i := len(intact) - 1; i >= 0; i -= damageStep {
			broken := bytes.Clone(intact)
			broken[i] ^= 1
			for what, data := range map[string][]byte{"flipped": broken, "cut": intact[:i]} {
				must(t, os.WriteFile(path, data, 0o600))
				got, err := readDirectory(t, dir)
				if err == nil && !isSegmentName(name) && i == len(intact)-1 {
					wantCommits(t, got, l.data)
				} else if !errors.As(err, new(*DamageError)) {
					t.Fatalf("%s %s at byte %d: got %v, want a DamageError", name, what, i, err)
				}
			}
		}
		must(t, os.Remove(path))
		if _, err := readDirectory(t, dir); !errors.As(err, new(*DamageError)) {
			t.Errorf("without %s: got %v, want a DamageError", name, err)
		}
		must(t, os.WriteFile(path, intact, 0o600))
	}
}

func TestDirectory_NamesTheDamagedPosition(t *testing.T) {
	l, dir := newTestLog(t, 3), t.TempDir()
	l.backUp(dir)
	path := filepath.Join(dir, "000000000001-000000000003.commits")
	at := bytes.Index(read(t, path), l.data[1])
	flip(t, path, at+len(l.data[1])/2)
	_, err := readDirectory(t, dir)
	var damage *DamageError
	if !errors.As(err, &damage) || damage.Stream != 2 || damage.Path != path {
		t.Errorf("got %v, want position 2 of %s", err, path)
	}
}

// TestStream_IsRefusedOrWhole flips bytes of a stream and cuts it. Flipped padding of the archive has no
// effect.
func TestStream_IsRefusedOrWhole(t *testing.T) {
	l := newTestLog(t, 3)
	var out bytes.Buffer
	_, err := ToStream(t.Context(), &out, l.options())
	must(t, err)
	whole, refused := 0, 0
	for i := 0; i < out.Len(); i += damageStep {
		broken := bytes.Clone(out.Bytes())
		broken[i] ^= 1
		for _, data := range [][]byte{broken, out.Bytes()[:i]} {
			b, err := OpenStream(bytes.NewReader(data))
			got, err := readAll(t.Context(), b, err)
			if err == nil {
				wantCommits(t, got, l.data)
				whole++
			} else if !errors.As(err, new(*DamageError)) {
				t.Fatalf("byte %d: got %v, want a DamageError", i, err)
			} else {
				refused++
			}
		}
	}
	if whole == 0 || refused < out.Len()/damageStep {
		t.Errorf("got %d whole and %d refused streams of %d bytes, want both", whole, refused, out.Len())
	}
}

func TestStream_IsADirectory(t *testing.T) {
	l, dir := newTestLog(t, 3), t.TempDir()
	var out bytes.Buffer
	_, err := ToStream(t.Context(), &out, l.options())
	must(t, err)
	b, err := OpenStream(&out)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, ledgerName), b.Ledger.Encode(), 0o600))
	for f, err := range b.files {
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, f.name), f.data, 0o600))
	}
	l.grow(2, "")
	l.backUp(dir)
	got, err := readDirectory(t, dir)
	must(t, err)
	wantCommits(t, got, l.data)
}

// newRing creates a key ring with keys for personal data.
func newRing(t *testing.T) (dir string, master seal.Master) {
	t.Helper()
	root := t.TempDir()
	master, err := seal.CreateMaster(filepath.Join(root, "master.key"))
	must(t, err)
	dir = filepath.Join(root, "keys")
	s, err := seal.Open(dir, master, seal.Options{Create: true})
	must(t, err)
	must(t, s.Reserve(1))
	must(t, s.Close())
	return dir, master
}

// keysFlipStep is the distance of the flipped bytes in the copy of a key ring, which has half a MiB.
const keysFlipStep = 32749

func TestKeys_AreCopiedAsTheyAre(t *testing.T) {
	ring, master := newRing(t)
	path, ledger := filepath.Join(t.TempDir(), "keys"), eventstore.NewManifest("main", "{}")
	must(t, WriteKeys(path, ledger, ring))
	must(t, WriteKeys(path, ledger, ring)) // replaces the copy
	restored := filepath.Join(t.TempDir(), "data", "keys")
	must(t, ReadKeys(path, ledger, restored, false))
	for _, name := range []string{"keys", "ring/0000000"} {
		if !bytes.Equal(read(t, filepath.Join(restored, name)), read(t, filepath.Join(ring, name))) {
			t.Errorf("%s: got other bytes, want those of the key ring", name)
		}
	}
	s, err := seal.Open(restored, master, seal.Options{})
	must(t, err)
	must(t, s.Close())

	intact := read(t, path)
	for i := 0; i < len(intact); i += keysFlipStep {
		broken := bytes.Clone(intact)
		broken[i] ^= 1
		for _, data := range [][]byte{broken, intact[:i]} {
			must(t, os.WriteFile(path, data, 0o600))
			err := ReadKeys(path, ledger, filepath.Join(t.TempDir(), "keys"), false)
			if !errors.As(err, new(*DamageError)) {
				t.Fatalf("byte %d of %d: got %v, want a DamageError", i, len(intact), err)
			}
		}
	}
}

func TestKeys_AreRefused(t *testing.T) {
	ring, _ := newRing(t)
	dir, ledger := t.TempDir(), eventstore.NewManifest("main", "{}")
	path := filepath.Join(dir, "keys")
	must(t, WriteKeys(path, ledger, ring))
	err := ReadKeys(path, eventstore.NewManifest("main", "{}"), filepath.Join(dir, "to"), false)
	if !errors.As(err, new(*DamageError)) || !strings.Contains(err.Error(), "keys of another ledger") {
		t.Errorf("keys of another ledger: got %v, want a DamageError", err)
	}
	letter := filepath.Join(dir, "letter.txt")
	must(t, os.WriteFile(letter, []byte("dear"), 0o600))
	if err := WriteKeys(letter, ledger, ring); err == nil || string(read(t, letter)) != "dear" {
		t.Errorf("file that is no copy of keys: got %v, want an error and the file unchanged", err)
	}
	before := read(t, path)
	err = WriteKeys(path, eventstore.NewManifest("main", "{}"), ring)
	isRefused := err != nil && strings.Contains(err.Error(), "holds the keys of another ledger")
	if !isRefused || !bytes.Equal(read(t, path), before) {
		t.Errorf("copy of the keys of another ledger: got %v, want an error and the file unchanged", err)
	}
	flip(t, filepath.Join(ring, "ring", "0000000"), 5000)
	if err := WriteKeys(path, ledger, ring); !errors.As(err, new(*seal.DamageError)) {
		t.Errorf("damaged key ring: got %v, want a DamageError", err)
	}
	must(t, ReadKeys(path, ledger, filepath.Join(dir, "former"), false))
}

// TestKeys_DropDamaged checks that one damaged key does not make the other keys of the copy useless.
func TestKeys_DropDamaged(t *testing.T) {
	ring, master := newRing(t)
	path, ledger := filepath.Join(t.TempDir(), "copy"), eventstore.NewManifest("main", "{}")
	must(t, WriteKeys(path, ledger, ring))
	flip(t, path, 1000)
	err := ReadKeys(path, ledger, filepath.Join(t.TempDir(), "keys"), false)
	if !errors.As(err, new(*DamageError)) || !strings.Contains(err.Error(), "--drop-damaged-keys") {
		t.Errorf("damaged key: got %v, want a DamageError that names --drop-damaged-keys", err)
	}
	restored := filepath.Join(t.TempDir(), "keys")
	must(t, ReadKeys(path, ledger, restored, true))
	if _, err := seal.Open(restored, master, seal.Options{}); err == nil {
		t.Error("open the damaged keys: got nil, want an error")
	}
	s, err := seal.Open(restored, master, seal.Options{DropDamaged: true})
	must(t, err)
	must(t, s.Close())
	must(t, os.Truncate(path, 1000))
	err = ReadKeys(path, ledger, filepath.Join(t.TempDir(), "keys"), true)
	if !errors.As(err, new(*DamageError)) {
		t.Errorf("copy that was cut off: got %v, want a DamageError", err)
	}
}

// TestKeys_ConcurrentCopies checks that concurrent copies to one path leave a whole copy.
func TestKeys_ConcurrentCopies(t *testing.T) {
	ring, _ := newRing(t)
	path, ledger := filepath.Join(t.TempDir(), "copy"), eventstore.NewManifest("main", "{}")
	const copies = 8
	done := make(chan error, copies)
	for range copies {
		go func() { done <- WriteKeys(path, ledger, ring) }()
	}
	for range copies {
		if err := <-done; err != nil {
			t.Errorf("concurrent copy: got %v, want nil", err)
		}
	}
	must(t, ReadKeys(path, ledger, filepath.Join(t.TempDir(), "keys"), false))
}

func TestCommits_EndsWithItsContext(t *testing.T) {
	l, dir := newTestLog(t, 3), t.TempDir()
	l.backUp(dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b, err := OpenDirectory(dir)
	if _, err := readAll(ctx, b, err); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the error of the context", err)
	}
}
