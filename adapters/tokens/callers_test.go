package tokens

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"authledger/domain/access"
)

// A file of callers admits the callers of its table that have a NATS key, and follows its changes.
func TestCallersFile(t *testing.T) {
	at := &clock{noon}
	path := filepath.Join(t.TempDir(), "callers.json")
	file := OpenCallers(path, at.now)
	table, key := NewTable(at.now), newKey(t)
	find := func(says string, want error) {
		t.Helper()
		_, byKey := file.Holder(key)
		c, byName := file.Named("desk")
		if !errors.Is(byKey, want) || !errors.Is(byName, want) {
			t.Errorf("%s: got %v, %v by key and name, want %v", says, byKey, byName, want)
		}
		if want == nil && (c == nil || c.Role != access.Support || c.Rate != 7 || !c.Created.Equal(noon)) {
			t.Errorf("%s: got %+v, want the values of the token", says, c)
		}
	}
	write := func() {
		t.Helper()
		if err := WriteCallers(path, table.NATSCallers()); err != nil {
			t.Fatal(err)
		}
	}
	find("no file", access.ErrNoToken)
	text := add(t, table, "desk", key)
	add(t, table, "http", "")
	write()
	find("written", nil)
	content, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(content), text) || strings.Contains(string(content), "http") ||
		strings.Contains(string(content), "sha256") {
		t.Errorf("file: got %s, %v, want one caller without its token and hash", content, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("mode of the file: got %v, %v, want 0600", info.Mode(), err)
	}
	at.at = noon.Add(time.Hour)
	find("expired", access.ErrExpired)
	if _, err := file.NamedAt("desk", noon); err != nil {
		t.Errorf("message from before the expiry: got %v, want the caller", err)
	}
	at.at = noon
	table.Remove("desk")
	write()
	find("revoked", access.ErrNoToken)
}

// While the file is damaged, it admits no caller.
func TestCallersFile_Damaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "callers.json")
	key := newKey(t)
	entry := `{"name":"desk","role":"support","source":"s","made":"2026-03-02T12:00:00Z",` +
		`"expires":"2027-03-02T12:00:00Z","rate":1,"nkey":"` + key + `"}`
	for says, text := range map[string]string{
		"half a file": "[" + entry[:40], "another type": `{"a":1}`, "data after the list": "[" + entry + "] []",
		"unknown member": `[{"x":1}]`, "one key twice": "[" + entry + "," + entry + "]",
		"no key":       "[" + strings.Replace(entry, key, "", 1) + "]",
		"unknown role": "[" + strings.Replace(entry, "support", "local", 1) + "]",
		"rate 0":       "[" + strings.Replace(entry, `"rate":1`, `"rate":0`, 1) + "]",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := OpenCallers(path, func() time.Time { return noon }).Holder(key)
		if err == nil || errors.Is(err, access.ErrNoToken) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v, want an error that names the file", says, err)
		}
	}
	if err := os.WriteFile(path, []byte("["+entry+"]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCallers(path, func() time.Time { return noon }).Holder(key); err != nil {
		t.Errorf("intact file: got %v, want the caller", err)
	}
}
