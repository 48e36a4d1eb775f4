package backup

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/seal"
)

// noHead is a head that states no number of keys.
var noHead = new(eventstore.Head)

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
	must(t, WriteKeys(path, ledger, ring, noHead))
	must(t, WriteKeys(path, ledger, ring, noHead)) // replaces the copy
	restored := filepath.Join(t.TempDir(), "data", "keys")
	must(t, ReadKeys(path, ledger, restored, false))
	must(t, CheckKeys(path, ledger))
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
			if err := CheckKeys(path, ledger); !errors.As(err, new(*DamageError)) {
				t.Fatalf("check, byte %d of %d: got %v, want a DamageError", i, len(intact), err)
			}
		}
	}
}

func TestKeys_AreRefused(t *testing.T) {
	ring, _ := newRing(t)
	dir, ledger := t.TempDir(), eventstore.NewManifest("main", "{}")
	path := filepath.Join(dir, "keys")
	must(t, WriteKeys(path, ledger, ring, noHead))
	err := ReadKeys(path, eventstore.NewManifest("main", "{}"), filepath.Join(dir, "to"), false)
	if !errors.As(err, new(*DamageError)) || !strings.Contains(err.Error(), "keys of another ledger") {
		t.Errorf("keys of another ledger: got %v, want a DamageError", err)
	}
	if err := CheckKeys(path, eventstore.NewManifest("main", "{}")); !errors.As(err, new(*DamageError)) {
		t.Errorf("check of the keys of another ledger: got %v, want a DamageError", err)
	}
	letter := filepath.Join(dir, "letter.txt")
	must(t, os.WriteFile(letter, []byte("dear"), 0o600))
	if err := WriteKeys(letter, ledger, ring, noHead); err == nil || string(read(t, letter)) != "dear" {
		t.Errorf("file that is no copy of keys: got %v, want an error and the file unchanged", err)
	}
	before := read(t, path)
	err = WriteKeys(path, eventstore.NewManifest("main", "{}"), ring, noHead)
	isRefused := err != nil && strings.Contains(err.Error(), "holds the keys of another ledger")
	if !isRefused || !bytes.Equal(read(t, path), before) {
		t.Errorf("copy of the keys of another ledger: got %v, want an error and the file unchanged", err)
	}
	if err := WriteKeys(filepath.Join(dir, "absent", "keys"), ledger, ring, noHead); err == nil ||
		!strings.Contains(err.Error(), "find the directory of the copy of the keys") {
		t.Errorf("path in an absent directory: got %v, want an error", err)
	}
}

// TestKeys_LostOrDamagedRing checks that no copy of a ring that lacks keys replaces the former copy.
func TestKeys_LostOrDamagedRing(t *testing.T) {
	chunk := filepath.Join("ring", "0000000")
	for name, change := range map[string]func(t *testing.T, ring, other string){
		"lost chunk": func(t *testing.T, ring, _ string) {
			must(t, os.Remove(filepath.Join(ring, chunk)))
		},
		"lost ring": func(t *testing.T, ring, _ string) {
			must(t, os.RemoveAll(filepath.Join(ring, "ring")))
		},
		"damaged chunk": func(t *testing.T, ring, _ string) {
			flip(t, filepath.Join(ring, chunk), 5000)
		},
		"damaged header": func(t *testing.T, ring, _ string) {
			flip(t, filepath.Join(ring, "keys"), 50)
		},
		"damaged ring key": func(t *testing.T, ring, _ string) {
			flip(t, filepath.Join(ring, "keys"), 6*128+50)
		},
		"empty key file": func(t *testing.T, ring, _ string) {
			must(t, os.Truncate(filepath.Join(ring, "keys"), 0))
		},
		"lost key file": func(t *testing.T, ring, _ string) {
			must(t, os.Remove(filepath.Join(ring, "keys")))
		},
		"text as a key file": func(t *testing.T, ring, _ string) {
			must(t, os.WriteFile(filepath.Join(ring, "keys"), bytes.Repeat([]byte("dear "), 1000), 0o600))
		},
		"key file after a rotation": func(t *testing.T, ring, other string) {
			must(t, os.WriteFile(filepath.Join(ring, "keys"), read(t, filepath.Join(other, "keys")), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			ring, _ := newRing(t)
			data, ledger := t.TempDir(), eventstore.NewManifest("main", "{}")
			must(t, eventstore.CreateHead(data, domain.Position{}))
			open, err := eventstore.OpenHead(data)
			must(t, err)
			must(t, errors.Join(open.Write(domain.Position{Seq: 1, Stream: 1}, 4096), open.Close()))
			head, err := eventstore.ReadHead(data)
			must(t, err)
			path := filepath.Join(t.TempDir(), "copy")
			must(t, WriteKeys(path, ledger, ring, head))
			before := read(t, path)
			change(t, ring, rotatedRing(t))
			if err := WriteKeys(path, ledger, ring, head); err == nil {
				t.Error("got no error, want one")
			}
			if !bytes.Equal(read(t, path), before) {
				t.Error("the former copy was replaced")
			}
		})
	}
}

// rotatedRing creates a key ring whose master key was rotated.
func rotatedRing(t *testing.T) string {
	t.Helper()
	ring, master := newRing(t)
	next, err := seal.CreateMaster(filepath.Join(t.TempDir(), "master.key"))
	must(t, err)
	s, err := seal.Open(ring, master, seal.Options{})
	must(t, err)
	must(t, errors.Join(s.Rewrap(next), s.AwaitRotation(), s.Close()))
	return ring
}

// TestKeys_DropDamaged checks that one damaged key does not make the other keys of the copy useless.
func TestKeys_DropDamaged(t *testing.T) {
	ring, master := newRing(t)
	path, ledger := filepath.Join(t.TempDir(), "copy"), eventstore.NewManifest("main", "{}")
	must(t, WriteKeys(path, ledger, ring, noHead))
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
		go func() { done <- WriteKeys(path, ledger, ring, noHead) }()
	}
	for range copies {
		if err := <-done; err != nil {
			t.Errorf("concurrent copy: got %v, want nil", err)
		}
	}
	must(t, ReadKeys(path, ledger, filepath.Join(t.TempDir(), "keys"), false))
}
