package node

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"authledger/adapters/tokens"
	"authledger/adapters/tokens/tokenstest"
	"authledger/adapters/webhooks"
	"authledger/domain"
	"authledger/domain/access"
)

// legacyWebhooks is a file of an older version: one endpoint, and one whose secret was replaced.
const (
	firstSecret    = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	secondSecret   = "whsec_AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	legacyWebhooks = `[
 {"name":"desk","url":"https://desk.example/in","types":["lockout.started"],"made":"2026-01-02T03:04:05.6Z",
  "secret":"` + secondSecret + `","former":"` + firstSecret + `","formerUntil":"2026-02-01T12:00:00Z"},
 {"name":"audit","url":"http://127.0.0.1:1/in","types":["*"],"allowPrivate":true,
  "made":"2026-01-01T00:00:00Z","secret":"` + firstSecret + `"}
]`
	legacyCommands = 6 // for three tokens and the webhooks above
)

// writeLegacy writes the files of an older version, and returns the texts of the tokens.
func writeLegacy(t *testing.T, dir string) []string {
	t.Helper()
	made := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	texts, err := tokenstest.WriteLegacy(filepath.Join(dir, legacyTokensName), made,
		tokenstest.Spec{Name: "Portal", Role: access.Gateway, Source: "gateway/a", Rate: 5},
		tokenstest.Spec{Name: "desk", Role: access.Support, Persons: []string{"ann", "bo"}},
		tokenstest.Spec{Name: "old", Role: access.Auditor, Expires: made.Add(time.Hour)})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, legacyWebhooksName), []byte(legacyWebhooks), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

func openNode(t *testing.T, dir string) (*Node, error) {
	t.Helper()
	return Open(t.Context(), Options{
		Dir: dir, Realm: "main", Name: "test", Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC) },
	})
}

func mustOpen(t *testing.T, dir string) *Node {
	t.Helper()
	n, err := openNode(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func mustClose(t *testing.T, n *Node) {
	t.Helper()
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
}

// wantTakenOver checks that the ledger has each token and webhook once.
func wantTakenOver(t *testing.T, n *Node, texts []string) {
	t.Helper()
	if seq := n.Rows.Position().Seq; seq != legacyCommands {
		t.Errorf("records: got %d, want %d", seq, legacyCommands)
	}
	for i, want := range []struct {
		name string
		err  error
	}{{"Portal", nil}, {"desk", nil}, {"old", access.ErrExpired}} {
		c, err := n.Options.Tokens.Caller(texts[i])
		if !errors.Is(err, want.err) || want.err == nil && c.Name != want.name {
			t.Errorf("caller of the token %s: got %+v, %v, want error %v", want.name, c, err, want.err)
		}
	}
	if c, _ := n.Options.Tokens.Caller(texts[0]); c == nil || c.Rate != 5 || c.Source != "gateway/a" ||
		!c.Created.Equal(time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("token Portal: got %+v, want the values of the file", c)
	}
	list, err := n.endpoints(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("webhooks: got %+v, %v, want 2", list, err)
	}
	audit, desk := list[0], list[1]
	if audit.Secret != firstSecret || !audit.AllowPrivate || audit.Former != "" ||
		!audit.Made.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("webhook audit: got %+v, want the values of the file", audit)
	}
	if desk.Secret != secondSecret || desk.Former != firstSecret || desk.URL != "https://desk.example/in" ||
		!desk.FormerUntil.Equal(time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("webhook desk: got %+v, want the values of the file", desk)
	}
	for _, name := range []string{legacyTokensName, legacyWebhooksName} {
		_, gone := os.Stat(filepath.Join(n.Options.Dir, name))
		kept, err := os.Stat(filepath.Join(n.Options.Dir, name+migratedSuffix))
		if !errors.Is(gone, fs.ErrNotExist) || err != nil || kept.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: got %v, %v, want it renamed, with mode 0600", name, gone, err)
		}
	}
	for r, err := range n.Ledger.Records(t.Context(), 1, legacyCommands, false) {
		if err != nil || r.Command.Caller != MigrationCaller || r.Status != domain.Accepted {
			t.Errorf("record: got %+v, %v, want one accepted from %s", r, err, MigrationCaller)
		}
	}
}

func TestTakeOver(t *testing.T) {
	dir := t.TempDir()
	texts := writeLegacy(t, dir)
	n := mustOpen(t, dir)
	wantTakenOver(t, n, texts)
	mustClose(t, n)
	n = mustOpen(t, dir)
	wantTakenOver(t, n, texts)
	mustClose(t, n)
}

// A crash after any number of appends, before or between the renames, loses and doubles nothing.
func TestTakeOver_ContinuesAfterCrash(t *testing.T) {
	for done := range legacyCommands + 2 {
		t.Run(fmt.Sprint(done), func(t *testing.T) {
			dir := t.TempDir()
			n := mustOpen(t, dir)
			texts := writeLegacy(t, dir)
			all, err := n.legacyEntries()
			if err != nil || len(all) != legacyCommands {
				t.Fatalf("entries of the files: got %d, %v, want %d", len(all), err, legacyCommands)
			}
			for i := range min(done, len(all)) {
				if err := n.record(t.Context(), &all[i]); err != nil {
					t.Fatal(err)
				}
			}
			if done > len(all) {
				if err := n.keepMigrated(filepath.Join(dir, legacyTokensName)); err != nil {
					t.Fatal(err)
				}
			}
			mustClose(t, n)
			n = mustOpen(t, dir)
			wantTakenOver(t, n, texts)
			mustClose(t, n)
		})
	}
}

// A file that is restored after the takeover admits no token that was revoked since.
func TestTakeOver_RestoredFile(t *testing.T) {
	dir := t.TempDir()
	texts := writeLegacy(t, dir)
	n := mustOpen(t, dir)
	c := domain.Command{Source: "cli", ID: "r", Stamped: true, Data: &domain.ConfigTokenRevoke{Name: "desk"}}
	if v, err := n.Ledger.Do(t.Context(), c); err != nil || v.Status != domain.Accepted {
		t.Fatalf("revoke: got %+v, %v, want accepted", v, err)
	}
	mustClose(t, n)
	path := filepath.Join(dir, legacyTokensName)
	if err := os.Rename(path+migratedSuffix, path); err != nil {
		t.Fatal(err)
	}
	n = mustOpen(t, dir)
	defer mustClose(t, n)
	if _, err := n.Options.Tokens.Caller(texts[1]); !errors.Is(err, access.ErrNoToken) {
		t.Errorf("revoked token after the restore: got %v, want %v", err, access.ErrNoToken)
	}
}

// A damaged file stops the start with an error that names the file and no secret. Nothing is lost.
func TestTakeOver_DamagedFile(t *testing.T) {
	for says, change := range map[string]func(string) string{
		"half a file":    func(s string) string { return s[:len(s)/2] },
		"not a list":     func(string) string { return "{}" },
		"unknown member": func(s string) string { return strings.Replace(s, `"name"`, `"nome"`, 1) },
		"invalid role":   func(s string) string { return strings.Replace(s, `"gateway"`, `"local"`, 1) },
		"invalid hash":   func(s string) string { return strings.Replace(s, `"sha256": "`, `"sha256": "z`, 1) },
		"name twice":     func(s string) string { return strings.Replace(s, `"desk"`, `"PORTAL"`, 1) },
		"empty file":     func(string) string { return "" },
	} {
		t.Run(says, func(t *testing.T) {
			dir := t.TempDir()
			texts := writeLegacy(t, dir)
			path := filepath.Join(dir, legacyTokensName)
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(change(string(whole))), 0o600); err != nil {
				t.Fatal(err)
			}
			n, err := openNode(t, dir)
			if err == nil {
				mustClose(t, n)
			}
			if err == nil || !strings.Contains(err.Error(), legacyTokensName) {
				t.Errorf("start: got %v, want an error that names the file", err)
			}
			if err := os.WriteFile(path, whole, 0o600); err != nil {
				t.Fatal(err)
			}
			n = mustOpen(t, dir)
			for i := range 2 {
				if _, err := n.Options.Tokens.Caller(texts[i]); err != nil {
					t.Errorf("token %d after the repair: got %v, want its caller", i, err)
				}
			}
			mustClose(t, n)
		})
	}
}

// The records hold no secret of a webhook, and the callers' file follows the records.
func TestConfig_FollowsRecords(t *testing.T) {
	dir := t.TempDir()
	n := mustOpen(t, dir)
	var revoked []string
	n.Options.Revoked = func(name string) { revoked = append(revoked, name) }
	do := func(data domain.CommandData) {
		t.Helper()
		c := domain.Command{Source: "cli", ID: data.CommandType(), Stamped: true, Data: data}
		if v, err := n.Ledger.Do(t.Context(), c); err != nil || v.Status != domain.Accepted {
			t.Fatalf("%s: got %+v, %v, want accepted", data.CommandType(), v, err)
		}
	}
	text, hash := tokens.New()
	key, err := tokens.MakeKey(filepath.Join(t.TempDir(), "seed"))
	if err != nil {
		t.Fatal(err)
	}
	do(&domain.ConfigTokenAdd{Name: "desk", Role: "support", TokenHash: hash, NKey: key})
	if c, err := n.Options.Tokens.Caller(text); err != nil || c.Name != "desk" {
		t.Errorf("caller after the verdict: got %+v, %v, want desk", c, err)
	}
	secret := webhooks.NewSecret()
	do(&domain.ConfigWebhookAdd{Name: "hook", URL: "https://desk.example", Secret: secret})
	mustClose(t, n)
	file := tokens.OpenCallers(filepath.Join(dir, CallersName), n.Now)
	if c, err := file.Holder(key); err != nil || c.Name != "desk" {
		t.Errorf("caller in the file: got %+v, %v, want desk", c, err)
	}
	wantNowhere(t, dir, secret, text)
	n = mustOpen(t, dir)
	n.Options.Revoked = func(name string) { revoked = append(revoked, name) }
	if list, err := n.endpoints(t.Context()); err != nil || len(list) != 1 || list[0].Secret != secret {
		t.Errorf("webhook after a restart: got %+v, %v, want the secret", list, err)
	}
	do(&domain.ConfigTokenRevoke{Name: "desk"})
	_, err = n.Options.Tokens.Caller(text)
	if !errors.Is(err, access.ErrNoToken) || fmt.Sprint(revoked) != "[desk]" {
		t.Errorf("after the verdict on the revocation: got %v, revoked %v, want no token, [desk]", err, revoked)
	}
	mustClose(t, n)
	if _, err := file.Holder(key); !errors.Is(err, access.ErrNoToken) {
		t.Errorf("revoked caller in the file: got %v, want %v", err, access.ErrNoToken)
	}
}

// wantNowhere checks that no file of a directory contains one of the texts.
func wantNowhere(t *testing.T, dir string, texts ...string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, text := range texts {
			if strings.Contains(string(content), text) {
				t.Errorf("%s: got a secret in clear text, want none", path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
