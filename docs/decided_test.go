package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCitedDecisionsAreDocumented checks that rules.md states every decision that a Go file or
// a page cites by an ID such as A-07. Sentences of `authledger why` contain such IDs.
func TestCitedDecisionsAreDocumented(t *testing.T) {
	rules, err := os.ReadFile("rules.md")
	if err != nil {
		t.Fatal(err)
	}
	decision := regexp.MustCompile(`\bA-[0-9]{2}\b`)
	documented := map[string]bool{}
	for _, id := range decision.FindAllString(string(rules), -1) {
		documented[id] = true
	}
	cited := 0
	err = filepath.WalkDir(moduleRoot, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != moduleRoot {
			return fs.SkipDir
		}
		if extension := filepath.Ext(path); extension != ".go" && extension != ".md" {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, id := range decision.FindAllString(string(text), -1) {
			cited++
			if !documented[id] {
				t.Errorf("%s cites %s: got no statement in rules.md, want one", path, id)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if cited == 0 {
		t.Error("citations of decisions: got 0, want at least 1: correct the pattern of IDs")
	}
}
