package access

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"authledger/durable"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func newTokens(t testing.TB) *Tokens {
	t.Helper()
	return OpenTokens(filepath.Join(t.TempDir(), "tokens.json"), func() time.Time { return noon })
}

func mustAdd(t testing.TB, tokens *Tokens, s Spec) string {
	t.Helper()
	text, err := tokens.Add(s)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTokens(t *testing.T) {
	tokens := newTokens(t)
	if _, err := tokens.Caller("al_x_y"); !errors.Is(err, ErrNoToken) {
		t.Errorf("without a file: %v", err)
	}
	portal := mustAdd(t, tokens, Spec{Name: "portal", Role: Gateway})
	c, err := tokens.Caller(portal)
	if err != nil || c.Name != "portal" || c.Role != Gateway || c.Source != "gateway/portal" || c.Rate != RateDefault {
		t.Fatalf("%+v %v", c, err)
	}
	for _, wrong := range []string{"", "portal", portal[:len(portal)-1], portal + "A", strings.ToUpper(portal), " " + portal, tokenPrefix + "_", strings.Replace(portal, "_", "", 1)} {
		if _, err := tokens.Caller(wrong); !errors.Is(err, ErrNoToken) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if _, err := tokens.Add(Spec{Name: "portal", Role: Support}); err == nil {
		t.Error("two tokens of one name")
	}
	// Another process, as `token revoke` is: it holds from the next call on.
	other := OpenTokens(tokens.path, tokens.now)
	if err := other.Revoke("portal"); err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.Caller(portal); !errors.Is(err, ErrNoToken) {
		t.Errorf("after it was revoked: %v", err)
	}
	if err := other.Revoke("portal"); err == nil {
		t.Error("revoked twice")
	}
}

func TestTokenExpires(t *testing.T) {
	now := noon
	tokens := OpenTokens(filepath.Join(t.TempDir(), "tokens.json"), func() time.Time { return now })
	text := mustAdd(t, tokens, Spec{Name: "a", Role: Auditor, Expires: noon.Add(time.Hour)})
	now = noon.Add(time.Hour - 1)
	if _, err := tokens.Caller(text); err != nil {
		t.Error(err)
	}
	now = noon.Add(time.Hour) // what has an end is over at its end
	if _, err := tokens.Caller(text); !errors.Is(err, ErrExpired) {
		t.Errorf("at its end: %v", err)
	}
}

func TestSpecIsJudged(t *testing.T) {
	tokens := newTokens(t)
	for _, s := range []Spec{
		{}, {Name: "a"}, {Role: Gateway}, {Name: "a b", Role: Gateway}, {Name: strings.Repeat("a", 65), Role: Gateway},
		{Name: "a", Role: "admin"}, {Name: "a", Role: Open}, {Name: "a", Role: Gateway, Source: "timer"},
		{Name: "a", Role: Importer, Source: "import/2023"}, {Name: "a", Role: Gateway, Source: "a\nb"},
		{Name: "a", Role: Gateway, Expires: noon}, {Name: "a", Role: Gateway, Expires: noon.Add(expiresMax + 1)},
		{Name: "a", Role: Gateway, Rate: -1}, {Name: "a", Role: Gateway, Rate: rateMax + 1},
		{Name: "a", Role: Support, Persons: []string{"ann bo"}},
	} {
		var wrong *SpecError
		if _, err := tokens.Add(s); !errors.As(err, &wrong) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

// TestFileKeepsNoToken: who reads the file can't log in with it.
func TestFileKeepsNoToken(t *testing.T) {
	tokens := newTokens(t)
	text := mustAdd(t, tokens, Spec{Name: "a", Role: Gateway})
	file, err := os.ReadFile(tokens.path)
	if err != nil {
		t.Fatal(err)
	}
	_, secret, _ := strings.Cut(strings.TrimPrefix(text, tokenPrefix), "_") // whose base64 may hold another
	if strings.Contains(string(file), secret[:10]) {
		t.Error("the file holds the token")
	}
	info, err := os.Stat(tokens.path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// TestDamagedFile lets nobody in, rather than somebody wrong.
func TestDamagedFile(t *testing.T) {
	tokens := newTokens(t)
	text := mustAdd(t, tokens, Spec{Name: "a", Role: Gateway})
	whole, err := os.ReadFile(tokens.path)
	if err != nil {
		t.Fatal(err)
	}
	for name, broken := range map[string]string{
		"cut": string(whole[:len(whole)/2]), "empty": "", "another role": strings.Replace(string(whole), `"gateway"`, `"root"`, 1),
		"a member too many": strings.Replace(string(whole), `"id"`, `"x":1,"id"`, 1), "a short hash": strings.Replace(string(whole), `"sha256": "`, `"sha256": "00`, 1),
		"twice":                     "[" + strings.Trim(strings.TrimSpace(string(whole)), "[]") + "," + strings.Trim(strings.TrimSpace(string(whole)), "[]") + "]",
		"a name that is a wildcard": strings.Replace(string(whole), `"name": "a"`, `"name": "*"`, 1),
		"too large":                 strings.Repeat(" ", fileBytesMax+1),
	} {
		if err := durable.Replace(tokens.path, []byte(broken)); err != nil {
			t.Fatal(err)
		}
		if c, err := tokens.Caller(text); err == nil || errors.Is(err, ErrNoToken) {
			t.Errorf("%s: %v, %v", name, c, err)
		}
		if _, err := tokens.Add(Spec{Name: "b", Role: Gateway}); err == nil {
			t.Errorf("%s: a token was added to it", name)
		}
	}
	if err := durable.Replace(tokens.path, whole); err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.Caller(text); err != nil {
		t.Errorf("whole again: %v", err)
	}
}

// TestManyAdd: those who add at the same time lose nothing of each other's.
func TestManyAdd(t *testing.T) {
	tokens := newTokens(t)
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			own := OpenTokens(tokens.path, tokens.now)
			if _, err := own.Add(Spec{Name: fmt.Sprint("t", i), Role: Gateway}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if list, err := tokens.List(); err != nil || len(list) != 20 {
		t.Errorf("%d tokens, %v", len(list), err)
	}
}

func BenchmarkCaller(b *testing.B) {
	tokens := newTokens(b)
	text := mustAdd(b, tokens, Spec{Name: "a", Role: Gateway})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tokens.Caller(text); err != nil {
			b.Fatal(err)
		}
	}
}
