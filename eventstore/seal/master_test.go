package seal

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMaster_CreateAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master")
	_, err := LoadMaster(path)
	wantErr(t, err, fs.ErrNotExist)
	made, err := CreateMaster(path)
	must(t, err)
	loaded, err := LoadMaster(path)
	must(t, err)
	if made != loaded || made.none() {
		t.Error("LoadMaster: got another key than CreateMaster")
	}
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("key file: got mode %v, want 0600", info.Mode())
	}
	_, err = CreateMaster(path)
	wantErr(t, err, fs.ErrExist)
	if again, err := LoadMaster(path); err != nil || again != made {
		t.Errorf("key after a second CreateMaster: got another key, %v, want the first", err)
	}
}

func TestParseMaster_Invalid(t *testing.T) {
	good := strings.Repeat("a1", keyBytes)
	for _, text := range []string{"", "zz", good[2:], good + "00", "x" + good[1:], strings.Repeat("0", 64)} {
		m, err := ParseMaster(text)
		if err == nil || !m.none() {
			t.Errorf("ParseMaster(%q): got nil, want an error", text)
		} else if len(text) > 60 && strings.Contains(err.Error(), text[10:20]) {
			t.Errorf("invalid key: got an error that quotes the key, want none: %v", err)
		}
	}
	if _, err := ParseMaster(" " + strings.ToUpper(good) + "\n"); err != nil {
		t.Error(err)
	}
}

// TestLoadMaster_FlippedBits checks that a flipped bit in the file yields an error, the
// same key in another spelling, or another key.
func TestLoadMaster_FlippedBits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master")
	m, err := CreateMaster(path)
	must(t, err)
	text, err := os.ReadFile(path)
	must(t, err)
	dir := t.TempDir()
	s, err := Open(dir, m, Options{Create: true})
	must(t, err)
	must(t, s.Close())
	for bit := range 8 * len(text) {
		b := bytes.Clone(text)
		b[bit/8] ^= 1 << (bit % 8)
		must(t, os.WriteFile(path, b, 0o600))
		flipped, err := LoadMaster(path)
		if err != nil || flipped == m {
			continue
		}
		if _, err := Open(dir, flipped, Options{}); !errors.Is(err, ErrWrongMaster) {
			t.Fatalf("bit %d: got error %v, want %v", bit, err, ErrWrongMaster)
		}
	}
}

func TestMasterNeverPrints(t *testing.T) {
	text := "00112233445566778899aabbccddeeff102132435465768798a9bacbdcedfe0f"
	m, err := ParseMaster(text)
	must(t, err)
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c",
		"%U", "%t"} {
		fmt.Fprintf(&out, verb+" ", m)
		fmt.Fprintf(&out, verb+" ", &m)
		fmt.Fprintf(&out, verb+" ", struct{ M Master }{m})
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "m", m, "p", &m)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "m", m, "p", &m)
	//lint:ignore SA9005 the test checks that no part of a key is marshalled
	j, _ := json.Marshal(m)
	out.Write(j)
	raw, _ := hex.DecodeString(text)
	for _, leak := range []string{text[:8], strings.ToUpper(text[24:32]), string(raw[8:12]), "17 34 51",
		"0x11, 0x22", "U+0011"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("output: got %q of the key, want none: %s", leak, &out)
		}
	}
}
