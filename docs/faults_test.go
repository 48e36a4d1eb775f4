package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// foreignMessages are messages of other programs in the table of faults.
var foreignMessages = map[string]string{
	"maximum bytes exceeded":    "the NATS server",
	"maximum messages exceeded": "the NATS server",
	"no space left on device":   "the operating system",
}

var quoted = regexp.MustCompile("`([^`]+)`")

// TestFaultTable_QuotesMessages checks that the program prints each message that the table
// of faults in docs/operations.md quotes. The sign … and a number N stand for any text.
func TestFaultTable_QuotesMessages(t *testing.T) {
	source := programText(t)
	_, table, found := strings.Cut(readPage(t, "operations.md"), "## Repair faults\n")
	if !found {
		t.Fatal("docs/operations.md: got no section Repair faults, want one")
	}
	table, _, _ = strings.Cut(table, "\n## ")
	messages := 0
	for _, row := range strings.Split(table, "\n") {
		cells := strings.Split(row, "|")
		if len(cells) < 4 {
			continue
		}
		for _, message := range quoted.FindAllStringSubmatch(cells[1], -1) {
			if messages++; foreignMessages[strings.Trim(message[1], "… ")] == "" {
				checkMessage(t, source, message[1])
			}
		}
	}
	if messages < 20 {
		t.Errorf("got %d messages in the table of faults, want at least 20", messages)
	}
}

var anyText = regexp.MustCompile(`…|\bN\b|/`)

func checkMessage(t *testing.T, source, message string) {
	t.Helper()
	for _, fragment := range anyText.Split(message, -1) {
		if fragment = strings.Trim(fragment, " :"); fragment != "" && !strings.Contains(source, fragment) {
			t.Errorf("docs/operations.md, message %q: got no package that contains %q, want one", message, fragment)
		}
	}
}

// programText returns the text of all packages without their tests.
func programText(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(moduleRoot, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
