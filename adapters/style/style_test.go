package style

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var properties = regexp.MustCompile(`var\((--[a-z-]+)\)`)

// TestSheetDefinesEachProperty checks that a style sheet begins with the colours, and that it defines each
// custom property that its rules use.
func TestSheetDefinesEachProperty(t *testing.T) {
	for _, path := range []string{"console/assets/console.css", "httpapi/docs.css"} {
		rules, err := os.ReadFile(filepath.Join("..", path))
		if err != nil {
			t.Fatal(err)
		}
		sheet := string(Sheet(rules))
		if !strings.HasSuffix(sheet, string(rules)) || strings.Contains(string(rules), "--page:") {
			t.Errorf("%s: got a sheet without the rules, or rules with colours of their own", path)
		}
		for _, used := range properties.FindAllStringSubmatch(sheet, -1) {
			if !strings.Contains(sheet, used[1]+":") {
				t.Errorf("%s: got no value of %s, want one", path, used[1])
			}
		}
	}
}

// TestThemesHaveTheSameColours checks that the dark theme has a value of each colour of the light one.
func TestThemesHaveTheSameColours(t *testing.T) {
	light, dark, _ := strings.Cut(string(colours), "@media")
	for _, defined := range regexp.MustCompile(`--[a-z-]+:`).FindAllString(light, -1) {
		if !strings.Contains(dark, defined) {
			t.Errorf("got no dark value of %s want one", defined)
		}
	}
}
