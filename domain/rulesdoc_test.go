package domain

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEveryDocumentedRuleIsTested checks that a test cites every rule that has a heading in
// docs/rules.md.
func TestEveryDocumentedRuleIsTested(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "rules.md"))
	if err != nil {
		t.Fatal(err)
	}
	id := regexp.MustCompile(`\b[A-Z]{2,}-[0-9]+\b`)
	cited := citations(t, id)
	documented := 0
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			continue
		}
		for _, rule := range id.FindAllString(line, -1) {
			documented++
			if !cited[rule] {
				t.Errorf("rule %s: got no test that cites it, want one", rule)
			}
		}
	}
	if documented == 0 {
		t.Error("docs/rules.md: got no heading that names a rule, want at least 1")
	}
}

// citations returns the rule IDs that the tests of the repository contain.
func citations(t *testing.T, id *regexp.Regexp) map[string]bool {
	t.Helper()
	cited := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, rule := range id.FindAllString(string(source), -1) {
			cited[rule] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return cited
}
