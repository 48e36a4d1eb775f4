package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// root is the path of the module's root, relative to this package.
const root = "../.."

// docsFixture contains the files that the snippets read: a log of sshd, and events of gateways.
const docsFixture = `
-- auth.log --
Mar  2 15:09:00 host sshd[77]: Failed password for alice from 192.0.2.7 port 4242 ssh2
Mar  2 15:09:05 host sshd[77]: Accepted publickey for alice from 192.0.2.7 port 4242 ssh2
-- okta.jsonl --
{"uuid":"u-1","published":"2026-03-02T15:09:00Z","eventType":"user.session.start",` +
	`"actor":{"type":"User","alternateId":"Ann@example.com"},"outcome":{"result":"SUCCESS"}}
-- entra.jsonl --
{"time":"2026-03-02T15:09:00Z","category":"SignInLogs","tenantId":"t-1","resultType":"50126",` +
	`"properties":{"id":"s-1","userPrincipalName":"Ann@example.com"}}
-- keycloak.jsonl --
{"time":1772464140000,"type":"LOGIN","realmId":"main","details":{"username":"ann@example.com"}}
`

// TestDocs runs every command that the README and docs/ show, page by page, in the order of the page.
func TestDocs(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	var scripts []string
	for _, page := range append(pages, filepath.Join(root, "README.md")) {
		if usesCurl(t, page) {
			continue // TestDocsSessions runs it
		}
		if script := docsScript(t, page); script != "" {
			path := filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(page), ".md")+".txtar")
			if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
				t.Fatal(err)
			}
			scripts = append(scripts, path)
		}
	}
	if len(scripts) < 3 {
		t.Fatalf("got %d pages with commands, want at least 3", len(scripts))
	}
	testscript.Run(t,
		testscript.Params{Files: scripts, RequireExplicitExec: true, Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			return nil
		}})
}

// docsScript returns a script of the sh blocks of a page, "" if the page has none.
func docsScript(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	shell := false
	for n, line := range strings.Split(string(text), "\n") {
		switch {
		case strings.HasPrefix(strings.TrimSpace(line), "```"):
			shell = strings.TrimSpace(line) == "```sh"
		case shell && strings.TrimSpace(line) != "":
			command, err := docsCommand(line)
			if err != nil {
				t.Fatalf("%s:%d: %v", page, n+1, err)
			}
			script.WriteString(command)
		}
	}
	if script.Len() == 0 {
		return ""
	}
	return "exec authledger --data ledger do login.report user=alice outcome=succeeded\n" + script.String() +
		docsFixture
}

// docsCommand returns the line of a script for a command on a page.
func docsCommand(line string) (string, error) {
	typed, _, _ := strings.Cut(line, " #")
	typed = strings.TrimSpace(typed)
	switch {
	case typed == "go run ./cmd/authledger demo":
		return "exec authledger demo --once\n", nil
	case typed == "go test ./...":
		return "", nil // this test runs as part of it
	case strings.HasPrefix(typed, "authledger "):
		return "exec " + typed + "\n", nil
	}
	return "", fmt.Errorf("%q: unknown command, want an authledger command", typed)
}

// TestDecisionsAreListed checks that docs/decisions.md lists every package whose documentation has a
// section "Decisions", and no other package.
func TestDecisionsAreListed(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "decisions.md"))
	if err != nil {
		t.Fatal(err)
	}
	listed, _, _ := strings.Cut(string(page), "\n## ")
	err = filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), "\n// # Decisions\n") {
			return err
		}
		of, err := filepath.Rel(root, filepath.Dir(path))
		row := "| `" + filepath.ToSlash(of) + "` |"
		if err == nil && !strings.Contains(listed, row) {
			t.Errorf("docs/decisions.md: got no row of package %s, want one, because it has a section Decisions", of)
		}
		listed = strings.Replace(listed, row, "", 1)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(listed, "| `") {
		t.Errorf("docs/decisions.md: got rows of packages without a section Decisions, want none:\n%s", listed)
	}
}

// TestReadmeCommandIsRunByCI checks that .ci/run runs the test command of the README. With -v the
// command lists its skipped tests too, and the time limit permits a slow machine.
func TestReadmeCommandIsRunByCI(t *testing.T) {
	ci, err := os.ReadFile(filepath.Join(root, ".ci", "run"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(ci), "go test -v -timeout 1150s ./... |") {
		t.Fatal("suites of .ci/run: got no `go test -v ./...`, want it, because the README has `go test ./...`")
	}
}
