package ingest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authledger/cmd/internal/usage"
)

func TestGuessFormat(t *testing.T) {
	for _, c := range []struct{ sample, what, from string }{
		{`{"specversion":"1.0","id":"1","type":"login.report"}`, "CloudEvents", "cloudevents"},
		{"\uFEFF{\"id\":\"k\",\"type\":\"LOGIN\",\"realmId\":\"main\"}", "Keycloak events", "keycloak"},
		{`[{"uuid":"u","published":"2026-03-02T15:09:00Z","eventType":"user.session.start"}]`,
			"Okta events", "okta"},
		{"{\n \"value\": [\n {\"userPrincipalName\":\"x\"", "Entra events", "entra"},
		{`{"operationName":"Sign-in activity","resourceId":"/tenants/x"}`, "Entra events", "entra"},
		{`{"MESSAGE":"Failed password for root","_COMM":"sshd"}`, "an sshd log in JSON", "sshd"},
		{`{"eventSource":"signin.amazonaws.com","awsRegion":"us-east-1"}`, "CloudTrail events", ""},
		{`{"a":1}`, "JSON in an unknown format", ""},
		{"Mar 29 10:42:45 host sshd[7]: Failed password for root", "an sshd log", "sshd"},
		{"Failed password for root from 192.0.2.7 port 4022 ssh2", "an sshd log", "sshd"},
		{"Mar 29 10:42:45 host CRON[7]: session opened", "a log without lines of sshd", ""},
		{"2026-03-29T10:42:45Z host CRON[7]: session opened", "a log without lines of sshd", ""},
		{"2026-03-29 10:42:45,1 WARN [org.keycloak.events] type=LOGIN_ERROR", "the server log of Keycloak", ""},
		{"time,user,result,address\n1,2,3,4", "CSV", ""},
		{"<!doctype html><html>", "a web page", ""},
		{"<?xml version=\"1.0\"?>", "XML", ""},
		{"\x7fELF\x00\x00", "binary data", ""},
		{"ElfFile\x00\x00", "a Windows event log", ""},
		{"lorem ipsum", "text in an unknown format", ""},
	} {
		l := guessFormat([]byte(c.sample))
		if l.kind != c.what || l.from != c.from || l.from == "" && l.advice == "" {
			t.Errorf("guessFormat(%.60q): got %+v, want %s, --from %q", c.sample, l, c.what, c.from)
		}
	}
}

// TestEveryFormatIsRecognized checks that every format has a name for its entries.
func TestEveryFormatIsRecognized(t *testing.T) {
	for _, from := range FormatNames {
		if entryNames[from] == "" {
			t.Errorf("format %s: got no name of its entries, want one", from)
		}
	}
}

// TestInput_OpenPipe checks that OpenInputs does not wait for the end of a pipe. Otherwise a program
// that writes one line and waits for its verdict would wait for ever.
func TestInput_OpenPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := w.WriteString(`{"specversion":"1.0"}` + "\n"); err != nil {
		t.Fatal(err)
	}
	inputs, m, err := OpenInputs(r, []string{Stdio}, "")
	if err != nil || !strings.HasPrefix(string(inputs[0].sample), `{"specversion"`) || m.end() != 0 {
		t.Errorf("open a pipe: got %+v, error %v, want the first line and an unknown size", inputs, err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenInputs_FileLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for range filesMost + 1 {
		paths = append(paths, path)
	}
	if _, _, err := OpenInputs(nil, paths, ""); !errors.As(err, new(usage.Error)) {
		t.Errorf("open %d files: got error %v, want a usage error", len(paths), err)
	}
	inputs, m, err := OpenInputs(nil, paths[1:], "")
	if err != nil || m.end() != filesMost {
		t.Fatalf("open the maximum of files: got %d files, %d bytes, error %v, want %d of 1 byte", len(inputs),
			m.end(), err, filesMost)
	}
	if err := CloseInputs(inputs); err != nil {
		t.Error(err)
	}
}
