package sshd_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"authledger/adapters/importers/sshd"
	"authledger/domain"
)

func sourceOf(firstLine string) string {
	sum := sha256.Sum256([]byte(firstLine))
	return "import/sshd/" + hex.EncodeToString(sum[:8])
}

// FuzzParse reads any log, and any user name in a line as sshd prints it.
func FuzzParse(f *testing.F) {
	logs, err := filepath.Glob("testdata/*.log")
	if err != nil || len(logs) == 0 {
		f.Fatalf("seeds: got %d files, %v, want at least 1", len(logs), err)
	}
	for _, log := range logs {
		data, err := os.ReadFile(log)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, "root")
		for line := range bytes.Lines(data) {
			f.Add(line, string(line))
		}
	}
	f.Add([]byte("Feb 29 01:30:00\xff sshd[1]: message repeated 9999 times: [ Accepted  for  from  port 1]"),
		"x from 1.2.3.4 port 5 ssh2")
	zone := newYork(f)
	f.Fuzz(func(t *testing.T, log []byte, name string) {
		each(t, open(t, bytes.NewReader(log), 2024, zone), func(line sshd.Line) { checkLine(t, line, log) })
		checkName(t, name)
	})
}

func checkLine(t *testing.T, line sshd.Line, log []byte) {
	if line.Rejection != nil && len(line.Commands) > 0 {
		t.Fatalf("line %d: got a rejection and %d commands, want one of both", line.Number, len(line.Commands))
	}
	first, _, _ := bytes.Cut(log, []byte("\n"))
	repetition := 1
	for i := range line.Commands {
		c := &line.Commands[i]
		if i == 0 && c.ID == strconv.Itoa(line.Number)+".2" {
			repetition = 2 // a PAM error recorded the first repetition
		}
		if c.Source != sourceOf(string(first)) || c.ID != strconv.Itoa(line.Number)+"."+strconv.Itoa(repetition+i) {
			t.Fatalf("line %d, repetition %d: got source %s, id %s, want the source of the log and the id of the line",
				line.Number, repetition+i, c.Source, c.ID)
		}
		wrong := domain.WrongEnvelope(c.Source, domain.SourceBytesMax) +
			domain.WrongEnvelope(c.ID, domain.IDBytesMax)
		if wrong != "" {
			t.Fatalf("line %d: got source %q, id %q, want valid ones: %s", line.Number, c.Source, c.ID, wrong)
		}
		if c.Time.Year() < 1969 || c.Time.Year() > 9999 || !c.Backfill {
			t.Fatalf("line %d: got %+v, want a backfill of the years 1969 to 9999", line.Number, c)
		}
		checkReport(t, c.Data.(*domain.LoginReport))
	}
}

func checkReport(t *testing.T, report *domain.LoginReport) {
	if r := report.Check(); r != nil {
		t.Fatalf("report %+v: got rejection %v, want none", report, r)
	}
	if !utf8.ValidString(report.User) {
		t.Fatalf("user: got %q, want valid UTF-8", report.User)
	}
	if report.IP == "" {
		return
	}
	if _, err := netip.ParseAddr(report.IP); err != nil || len(report.IP) > 64 || !utf8.ValidString(report.IP) {
		t.Fatalf("ip: got %q, %v, want an address of at most 64 bytes", report.IP, err)
	}
}

// checkName checks that the reader returns any user name unchanged, and the address that
// sshd printed.
func checkName(t *testing.T, name string) {
	if strings.Contains(name, "\n") || len(name) > 10<<10 {
		return // syslog escapes newlines, and sshd cuts names
	}
	const head, tail = "Mar  7 08:00:00 h sshd[1]: ", " from 192.0.2.66 port 6 ssh2"
	for _, printed := range []struct{ line, reason string }{
		{head + "Failed password for invalid user " + name + tail, "unknown_user"},
		{head + "Failed publickey for invalid user " + name + tail + ": RSA SHA256:abc", "unknown_user"},
		{`<38>1 2024-03-07T13:00:00Z h sshd 1 - [a b="\]"] Failed password for illegal user ` + name + tail,
			"unknown_user"},
		{"7 2024-03-07 08:00:00.000 Failed none for invalid user " + name + tail, "unknown_user"},
		{`{"log":"Failed none for invalid user ` + quoted(strings.ToValidUTF8(name, "\uFFFD")) + tail +
			`\n","stream":"stderr","time":"2024-03-07T13:00:00Z"}`, "unknown_user"},
		{head + "error: PAM: Authentication failure for illegal user " + name + " from 192.0.2.66\n",
			"unknown_user"},
		{head + "message repeated 2 times: [ Failed password for invalid user " + name + tail + "]",
			"unknown_user"},
		{head + "Accepted publickey for " + name + tail + ": RSA SHA256:abc", ""},
	} {
		line, err := open(t, strings.NewReader(printed.line), 2024, newYork(t)).Next()
		if err != nil || len(line.Commands) == 0 {
			t.Fatalf("%q: got error %v, rejection %v, want a command", printed.line, err, line.Rejection)
		}
		report := line.Commands[len(line.Commands)-1].Data.(*domain.LoginReport)
		want := strings.ToValidUTF8(name, "\uFFFD")
		if report.User != want || report.IP != "192.0.2.66" || report.Reason != printed.reason {
			t.Fatalf("%q: got %+v, want user %q, IP 192.0.2.66 and reason %q", printed.line, report, want,
				printed.reason)
		}
	}
}
