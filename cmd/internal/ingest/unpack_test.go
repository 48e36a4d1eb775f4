package ingest

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authledger/cmd/internal/packtest"
)

// opened writes the bytes to a file, opens it as an import does, and reads all of it.
func opened(t *testing.T, file []byte) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "auth.log")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	inputs, _, err := OpenInputs(nil, []string{path}, "authledger import -")
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(inputs[0].Reader)
	return string(text), errors.Join(err, CloseInputs(inputs))
}

func TestInput_DetectsPackedForm(t *testing.T) {
	plain := []byte(strings.Repeat("Mar 29 10:42:45 host sshd[7]: Failed password\n", 1000))
	for _, c := range []struct {
		name string
		file []byte
	}{
		{"plain", plain},
		{"gzip", packtest.Packers["gzip"](plain)},
		{"two members of gzip",
			append(packtest.Packers["gzip"](plain[:460]), packtest.Packers["gzip"](plain[460:])...)},
		{"zstd", packtest.Packers["zstd"](plain)},
		{"zstd after a skippable frame",
			append([]byte("\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"), packtest.Packers["zstd"](plain)...)},
	} {
		if text, err := opened(t, c.file); err != nil || text != string(plain) {
			t.Errorf("%s: got %d bytes, error %v, want %d bytes", c.name, len(text), err, len(plain))
		}
	}
}

// TestInput_UnsupportedForm checks that the error for an unsupported form names the form and a command
// that converts the file to plain text.
func TestInput_UnsupportedForm(t *testing.T) {
	plain := []byte(strings.Repeat("Failed password\n", 100))
	for _, c := range []struct {
		file []byte
		want []string
	}{
		{packtest.Packers["xz"](plain), []string{"looks like xz data", "xz -dc "}},
		{packtest.Packers["bzip2"](plain), []string{"looks like bzip2 data", "bzip2 -dc "}},
		{packtest.Packers["zip"](plain), []string{"looks like a zip archive", "unzip -p "}},
		{packtest.Packers["tar"](plain), []string{"looks like a tar archive", "tar -xOf "}},
		{packtest.Packers["utf16"](plain), []string{"looks like UTF-16 text", "iconv -f UTF-16 -t UTF-8 "}},
		{packtest.Packers["utf16le"](plain), []string{"looks like UTF-16 text", "iconv -f UTF-16LE "}},
		{packtest.Packers["utf16be"](plain), []string{"looks like UTF-16 text", "iconv -f UTF-16BE "}},
		{[]byte("LPKSHHRH\x00\x00"), []string{"looks like a systemd journal", "journalctl "}},
		{packtest.Packers["gzip"](packtest.Packers["gzip"](plain)),
			[]string{"looks like gzip data in gzip data", "gzip -dc - | authledger import -"}},
		{packtest.Packers["gzip"](packtest.Packers["xz"](plain)),
			[]string{"looks like xz data in gzip data", "| xz -dc - | authledger import -"}},
		{packtest.Packers["zstd"](packtest.Packers["tar"](plain)),
			[]string{"looks like a tar archive in zstd data", "| tar -xOf - | authledger import -"}},
	} {
		_, err := opened(t, c.file)
		for _, want := range append(c.want, "which import does not read", "auth.log") {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got error %v, want one that contains %q", err, want)
			}
		}
	}
}

// TestInput_UnpackError checks that reading an incomplete file, or a file that needs too much memory,
// returns an error that names the file, not io.EOF.
func TestInput_UnpackError(t *testing.T) {
	plain := []byte(strings.Repeat("Failed password\n", 100_000))
	damaged := packtest.Packers["gzip"](plain)
	damaged[len(damaged)-5] ^= 1
	for name, file := range map[string][]byte{
		"incomplete gzip":   packtest.Packers["gzip"](plain)[:200],
		"wrong checksum":    damaged,
		"incomplete zstd":   packtest.Packers["zstd"](plain)[:40],
		"window of 32 MiB":  packtest.Packers["long"](bytes.Repeat(plain, 30)),
		"only a gzip magic": []byte("\x1f\x8b"),
	} {
		text, err := opened(t, file)
		if err == nil || !strings.Contains(err.Error(), "auth.log") || !strings.Contains(err.Error(), "unpack ") {
			t.Errorf("%s: got %d bytes, error %v, want an error that names the file", name, len(text), err)
		}
	}
}

func TestShellWord(t *testing.T) {
	for word, want := range map[string]string{
		"auth.log": "auth.log", "--from=sshd": "--from=sshd", "my log": "'my log'", "a'b": `'a'\''b'`,
		"$HOME": "'$HOME'", "": "''", "a;b": "'a;b'", "~": "'~'",
		"a$b": "'a$b'",
	} {
		if got := ShellWord(word); got != want {
			t.Errorf("ShellWord(%q): got %s, want %s", word, got, want)
		}
	}
}
