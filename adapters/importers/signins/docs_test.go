package signins_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authledger/adapters/importers/signins"
)

// TestDocumentedTablesAreTheCodes checks that the tables of docs/importing.md equal the tables of the
// code, row by row.
func TestDocumentedTablesAreTheCodes(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "importing.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, gateway := range gatewayNames {
		documented := section(string(text), "## "+gateway)
		if want := markdown(rows(t, gateway)); documented != want {
			t.Errorf("table below \"## %s\": got\n%s\nwant the table of the code\n%s", gateway, documented, want)
		}
	}
}

// section returns the table below a heading.
func section(text, heading string) string {
	_, rest, _ := strings.Cut(text, "\n"+heading+"\n")
	rest, _, _ = strings.Cut(rest, "\n## ")
	var table strings.Builder
	for line := range strings.Lines(rest) {
		if strings.HasPrefix(line, "|") {
			table.WriteString(line)
		}
	}
	return table.String()
}

func markdown(rows []signins.Row) string {
	var b strings.Builder
	b.WriteString("| event | code | becomes | because |\n|---|---|---|---|\n")
	for _, row := range rows {
		b.WriteString("| `" + row.Event + "` | `" + row.Code + "` | " + row.Becomes() + " | " + row.Why + " |\n")
	}
	return b.String()
}
