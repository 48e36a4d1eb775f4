package sshd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"authledger/domain"
)

// The tables of docs/importing.md are the tables of the code, row by row.
func TestDocumentedTablesAreTheCodes(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "importing.md"))
	if err != nil {
		t.Fatal(err)
	}
	for heading, want := range map[string]string{
		"### Messages": messageTable(), "### Prefixes": prefixTable(), "### Times": stampTable(),
	} {
		if got := tableBelow(string(text), heading); got != want {
			t.Errorf("table below %q: got\n%s\nwant the table of the code\n%s", heading, got, want)
		}
	}
}

func tableBelow(text, heading string) string {
	_, rest, _ := strings.Cut(text, "\n"+heading+"\n")
	rest, _, _ = strings.Cut(rest, "\n#")
	var table strings.Builder
	for line := range strings.Lines(rest) {
		if strings.HasPrefix(line, "|") {
			table.WriteString(line)
		}
	}
	return table.String()
}

func messageTable() string {
	var b strings.Builder
	b.WriteString("| message | becomes | because |\n|---|---|---|\n")
	for _, f := range messageForms {
		b.WriteString("| `" + f.pattern("USER", "ADDRESS", "N") + "` | " + becomes(f.outcome, f.reason) + " | " +
			f.why + " |\n")
	}
	marks := "`" + strings.Join(unknownUserMarks, "NAME`, `") + "NAME` or `" + unknownUserName +
		"` as the user of a failure"
	b.WriteString("| " + marks + " | " + becomes(domain.Failed, domain.UnknownUser) +
		" | the host has no user of that name |\n")
	b.WriteString("| any other | nothing | the message reports no attempt, or an attempt that a message above " +
		"also reports |\n")
	return b.String()
}

// pattern writes a message of the form.
func (f *messageForm) pattern(user, address, portNumber string) string {
	method := f.method
	if method == "" {
		method = "METHOD"
	}
	if f.isPAM() {
		return f.verb + " ERROR for " + user + " from " + address
	}
	return f.verb + " " + method + " for " + user + " from " + address + " port " + portNumber
}

func becomes(outcome domain.Outcome, reason string) string {
	switch {
	case outcome == "":
		return "nothing"
	case reason == "":
		return string(outcome)
	}
	return string(outcome) + ", " + reason
}

func prefixTable() string {
	var b strings.Builder
	b.WriteString("| form | line |\n|---|---|\n")
	for _, f := range prefixForms {
		for _, example := range f.examples {
			b.WriteString("| " + f.name + " | `" + example + "` |\n")
		}
	}
	return b.String()
}

func stampTable() string {
	var b strings.Builder
	b.WriteString("| form | time |\n|---|---|\n")
	for _, f := range stampForms {
		b.WriteString("| " + f.name + " | `" + f.example + "` |\n")
	}
	return b.String()
}

// TestDocumentedExamplesAreRead checks that each documented message gives the result in the table,
// after each documented prefix and time.
func TestDocumentedExamplesAreRead(t *testing.T) {
	const head = "Mar 27 13:08:09 host1 sshd[101]: "
	for _, f := range messageForms {
		check(t, head+f.pattern("alice", "192.0.2.7", "50022"), f.outcome, f.reason)
	}
	for _, mark := range unknownUserMarks {
		check(t, head+messageForms[0].pattern(mark+"bob", "192.0.2.7", "50022"), domain.Failed, domain.UnknownUser)
	}
	check(t, head+messageForms[0].pattern(unknownUserName, "192.0.2.7", "50022"), domain.Failed,
		domain.UnknownUser)
	message := messageForms[0].pattern("alice", "192.0.2.7", "50022")
	for i := range prefixForms {
		for _, example := range prefixForms[i].examples {
			line := strings.Replace(example, "…", message, 1)
			check(t, line, domain.Failed, badCredentials)
			if got := formIndex([]byte(line)); got != i {
				t.Errorf("%s: got form %d, want %d", line, got, i)
			}
		}
	}
	for _, f := range stampForms {
		check(t, f.example+" host1 sshd[101]: "+message, domain.Failed, badCredentials)
	}
}

func formIndex(line []byte) int {
	for i := range prefixForms {
		if _, ok := prefixForms[i].read(line); ok {
			return i
		}
	}
	return -1
}

// check reads a line of a host in Zurich. An empty outcome stands for no attempt.
func check(t *testing.T, text string, outcome domain.Outcome, reason string) {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(strings.NewReader(text+"\n"), 2024, zone)
	if err != nil {
		t.Fatal(err)
	}
	line, err := r.Next()
	if err != nil || line.Rejection != nil || len(line.Commands) > 1 {
		t.Errorf("%s: got %d attempts, rejection %v, error %v, want at most 1 attempt", text, len(line.Commands),
			line.Rejection, err)
		return
	}
	var got domain.LoginReport
	if len(line.Commands) == 1 {
		got = *line.Commands[0].Data.(*domain.LoginReport)
		if at := line.Commands[0].Time.Truncate(time.Second).Format(time.RFC3339); at != "2024-03-27T12:08:09Z" {
			t.Errorf("%s: got the time %s, want 2024-03-27T12:08:09Z", text, at)
		}
	}
	if got.Outcome != outcome || got.Reason != reason {
		t.Errorf("%s: got %q, %q, want %q, %q", text, got.Outcome, got.Reason, outcome, reason)
	}
}
