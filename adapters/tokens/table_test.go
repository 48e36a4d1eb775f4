package tokens

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nkeys"

	"authledger/domain"
	"authledger/domain/access"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// clock is a clock that a test sets.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// add puts a token that expires an hour after noon into a table, and returns its text.
func add(t *testing.T, table *Table, name, nkey string) string {
	t.Helper()
	text, hash := New()
	err := table.Put(&domain.Token{
		Name: name, Role: "support", Source: "support/" + name, Hash: hash, NKey: nkey, Rate: 7, Made: noon,
		Expires: noon.Add(time.Hour), Persons: []string{"ann"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func newKey(t *testing.T) string {
	t.Helper()
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return public
}

func TestTable(t *testing.T) {
	at := &clock{noon}
	table, key := NewTable(at.now), newKey(t)
	text := add(t, table, "desk", key)
	plain := add(t, table, "http", "")
	find := func(says, text, key, name string, want error) {
		t.Helper()
		_, byToken := table.Caller(text)
		_, byKey := table.Holder(key)
		_, byName := table.Named(name)
		for _, err := range []error{byToken, byKey, byName} {
			if !errors.Is(err, want) {
				t.Errorf("%s: got %v, %v, %v by token, key and name, want %v", says, byToken, byKey, byName, want)
				return
			}
		}
	}
	find("valid", text, key, "desk", nil)
	c, err := table.Caller(text)
	if err != nil || c.Name != "desk" || c.Role != access.Support || c.Source != "support/desk" || c.Rate != 7 ||
		!c.Created.Equal(noon) || fmt.Sprint(c.Persons) != "[ann]" {
		t.Errorf("caller: got %+v, %v, want the values of the token", c, err)
	}
	for _, wrong := range []string{"", "al_", text + "x", text[:len(text)-1], strings.ToUpper(text)} {
		if _, err := table.Caller(wrong); !errors.Is(err, access.ErrNoToken) {
			t.Errorf("token %q: got %v, want %v", wrong, err, access.ErrNoToken)
		}
	}
	if _, err := table.Named("http"); !errors.Is(err, access.ErrNoToken) {
		t.Errorf("name of a token without a NATS key: got %v, want %v", err, access.ErrNoToken)
	}
	at.at = noon.Add(time.Hour)
	find("expired", text, key, "desk", access.ErrExpired)
	if _, err := table.NamedAt("desk", noon); err != nil {
		t.Errorf("message from before the expiry: got %v, want the caller", err)
	}
	at.at = noon
	again := add(t, table, "desk", key)
	find("replaced", text, "", "", access.ErrNoToken)
	find("replacement", again, key, "desk", nil)
	table.Remove("desk")
	find("revoked", again, key, "desk", access.ErrNoToken)
	if _, err := table.Caller(plain); err != nil {
		t.Errorf("other token: got %v, want its caller", err)
	}
	if err := table.Put(&domain.Token{Name: "x", Hash: hex.EncodeToString([]byte("short"))}); err == nil {
		t.Error("token without a SHA-256: got no error, want one")
	}
}

// Concurrent look-ups and changes are safe.
func TestTable_Concurrently(t *testing.T) {
	table := NewTable(func() time.Time { return noon })
	text := add(t, table, "desk", "")
	_, hash := New()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 500 {
				if _, err := table.Caller(text); err != nil {
					t.Errorf("look-up during changes: got %v, want the caller", err)
					return
				}
			}
		})
		all.Go(func() {
			for range 500 {
				_ = table.Put(&domain.Token{Name: "other", Hash: hash})
				table.Remove("other")
			}
		})
	}
	all.Wait()
}

// New returns 256 random bits with their SHA-256.
func TestNew(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		text, hash := New()
		if !strings.HasPrefix(text, "al_") || len(text) != len("al_")+16+1+43 || len(hash) != 64 || seen[text] {
			t.Fatalf("token: got %q with the hash %q, want another text of 63 bytes and 64 digits", text, hash)
		}
		seen[text] = true
	}
}
