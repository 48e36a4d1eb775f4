package tokens

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"authledger/domain/access"
	"authledger/eventstore/durable"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func newTokens(t testing.TB) *File {
	t.Helper()
	return Open(filepath.Join(t.TempDir(), "tokens.json"), func() time.Time { return noon })
}

func mustAdd(t testing.TB, tokens *File, s Spec) string {
	t.Helper()
	text, err := tokens.Add(s)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTokens(t *testing.T) {
	tokens := newTokens(t)
	if _, err := tokens.Caller("al_x_y"); !errors.Is(err, access.ErrNoToken) {
		t.Errorf("caller without a file: got error %v, want %v", err, access.ErrNoToken)
	}
	portal := mustAdd(t, tokens, Spec{Name: "portal", Role: access.Gateway})
	c, err := tokens.Caller(portal)
	if err != nil || c.Name != "portal" || c.Role != access.Gateway || c.Source != "gateway/portal" ||
		c.Rate != access.RateDefault {
		t.Fatalf("caller of a token: got %+v, %v, want portal with the default rate", c, err)
	}
	for _, wrong := range []string{"", "portal", portal[:len(portal)-1], portal + "A", strings.ToUpper(portal),
		" " + portal, tokenPrefix + "_", strings.Replace(portal, "_", "", 1)} {
		if _, err := tokens.Caller(wrong); !errors.Is(err, access.ErrNoToken) {
			t.Errorf("token %q: got error %v, want %v", wrong, err, access.ErrNoToken)
		}
	}
	if _, err := tokens.Add(Spec{Name: "portal", Role: access.Support}); err == nil {
		t.Error("add a second token named portal: got no error, want one")
	}
	// Another process, such as `token revoke`, changes the file. The next call sees the change.
	other := Open(tokens.path, tokens.now)
	if err := other.Revoke("portal"); err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.Caller(portal); !errors.Is(err, access.ErrNoToken) {
		t.Errorf("revoked token: got error %v, want %v", err, access.ErrNoToken)
	}
	if err := other.Revoke("portal"); err == nil {
		t.Error("revoke portal twice: got no error, want one")
	}
}

func TestTokenExpires(t *testing.T) {
	now := noon
	tokens := Open(filepath.Join(t.TempDir(), "tokens.json"), func() time.Time { return now })
	text := mustAdd(t, tokens, Spec{Name: "a", Role: access.Auditor, Expires: noon.Add(time.Hour)})
	now = noon.Add(time.Hour - 1)
	if _, err := tokens.Caller(text); err != nil {
		t.Errorf("token before its end: got error %v, want none", err)
	}
	now = noon.Add(time.Hour) // a token is no longer valid at its end
	if _, err := tokens.Caller(text); !errors.Is(err, access.ErrExpired) {
		t.Errorf("token at its end: got error %v, want %v", err, access.ErrExpired)
	}
}

func TestAddRejectsInvalidSpec(t *testing.T) {
	tokens := newTokens(t)
	for _, s := range []Spec{
		{}, {Name: "a"}, {Role: access.Gateway}, {Name: "a b", Role: access.Gateway},
		{Name: strings.Repeat("a", 65), Role: access.Gateway},
		{Name: "a", Role: "admin"}, {Name: "a", Role: access.Open},
		{Name: "a", Role: access.Gateway, Source: "timer"}, {Name: "a", Role: access.Local},
		{Name: "a", Role: access.Gateway, Source: " Local/ann"},
		{Name: "a", Role: access.Importer, Source: "import/2023"},
		{Name: "a", Role: access.Gateway, Source: "a\nb"},
		{Name: "a", Role: access.Gateway, Expires: noon},
		{Name: "a", Role: access.Gateway, Expires: noon.Add(expiresMax + 1)},
		{Name: "a", Role: access.Gateway, Rate: -1}, {Name: "a", Role: access.Gateway, Rate: access.RateMax + 1},
		{Name: "a", Role: access.Support, Persons: []string{"ann bo"}},
		{Name: "a", Role: access.Support, Persons: []string{"-ann"}},
		{Name: "-a", Role: access.Gateway}, {Name: "a", Role: access.Gateway, Source: " timer"},
		{Name: "a", Role: access.Gateway, Source: "TIMER"},
		{Name: "a", Role: access.Gateway, Source: "System\t"},
		{Name: "a", Role: access.Gateway, Source: "Import/x"}, {Name: "a", Role: access.Gateway, Source: "import"},
	} {
		var wrong *SpecError
		if _, err := tokens.Add(s); !errors.As(err, &wrong) {
			t.Errorf("add %+v: got error %v, want an invalid value", s, err)
		}
	}
}

// TestFileHasNoSecret checks that the content of the file is no valid token.
func TestFileHasNoSecret(t *testing.T) {
	tokens := newTokens(t)
	text := mustAdd(t, tokens, Spec{Name: "a", Role: access.Gateway})
	file, err := os.ReadFile(tokens.path)
	if err != nil {
		t.Fatal(err)
	}
	// the base64 of the secret may contain another _
	_, secret, _ := strings.Cut(strings.TrimPrefix(text, tokenPrefix), "_")
	if strings.Contains(string(file), secret[:10]) {
		t.Error("token file: got the beginning of the secret, want only its hash")
	}
	info, err := os.Stat(tokens.path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("token file: got mode %v, %v, want 0600", info.Mode(), err)
	}
}

// TestDamagedFile checks that a damaged file authenticates no caller and gets no new token.
func TestDamagedFile(t *testing.T) {
	tokens := newTokens(t)
	text := mustAdd(t, tokens, Spec{Name: "a", Role: access.Gateway})
	whole, err := os.ReadFile(tokens.path)
	if err != nil {
		t.Fatal(err)
	}
	for name, broken := range map[string]string{
		"cut": string(whole[:len(whole)/2]), "empty": "",
		"another role":      strings.Replace(string(whole), `"gateway"`, `"root"`, 1),
		"an unknown member": strings.Replace(string(whole), `"id"`, `"x":1,"id"`, 1),
		"a short hash":      strings.Replace(string(whole), `"sha256": "`, `"sha256": "00`, 1),
		"a duplicate token": "[" + strings.Trim(strings.TrimSpace(string(whole)), "[]") + "," +
			strings.Trim(strings.TrimSpace(string(whole)), "[]") + "]",
		"a name that is a wildcard": strings.Replace(string(whole), `"name": "a"`, `"name": "*"`, 1),
		"too large":                 strings.Repeat(" ", fileBytesMax+1),
	} {
		if err := durable.Replace(tokens.path, []byte(broken)); err != nil {
			t.Fatal(err)
		}
		if c, err := tokens.Caller(text); err == nil || errors.Is(err, access.ErrNoToken) {
			t.Errorf("%s: got caller %v, error %v, want an error of the file", name, c, err)
		}
		if _, err := tokens.Add(Spec{Name: "b", Role: access.Gateway}); err == nil {
			t.Errorf("%s, add a token: got no error, want one", name)
		}
	}
	if err := durable.Replace(tokens.path, whole); err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.Caller(text); err != nil {
		t.Errorf("caller after the file is restored: got error %v, want none", err)
	}
}

// TestConcurrentAdd checks that concurrent calls of Add keep all tokens.
func TestConcurrentAdd(t *testing.T) {
	tokens := newTokens(t)
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			own := Open(tokens.path, tokens.now)
			if _, err := own.Add(Spec{Name: fmt.Sprint("t", i), Role: access.Gateway}); err != nil {
				t.Errorf("add token t%d: got error %v, want none", i, err)
			}
		})
	}
	group.Wait()
	if list, err := tokens.List(); err != nil || len(list) != 20 {
		t.Errorf("tokens after concurrent adds: got %d, %v, want 20", len(list), err)
	}
}

func BenchmarkCaller(b *testing.B) {
	tokens := newTokens(b)
	text := mustAdd(b, tokens, Spec{Name: "a", Role: access.Gateway})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tokens.Caller(text); err != nil {
			b.Fatal(err)
		}
	}
}
