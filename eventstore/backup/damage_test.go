package backup

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
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
