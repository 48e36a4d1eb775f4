package calendar

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCalendarIsPure checks that the package uses no clock, no file and no local time zone.
func TestCalendarIsPure(t *testing.T) {
	files, _ := filepath.Glob("*.go")
	imports := regexp.MustCompile(`(?m)^(?:import |\t)(?:\w+ )?"([\w/.-]+)"$`)
	world := regexp.MustCompile(
		`\btime\.(Now|Since|Until|Sleep|After|AfterFunc|Tick|NewTimer|NewTicker|Local|LoadLocation)\b`)
	sources := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		sources++
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range imports.FindAllStringSubmatch(string(source), -1) {
			if !strings.Contains(" math slices strconv time ", " "+found[1]+" ") {
				t.Errorf("%s: got import %s, want math, slices, strconv, strings or time", name, found[1])
			}
		}
		if found := world.FindString(string(source)); found != "" {
			t.Errorf("%s: got a use of %s, want none", name, found)
		}
	}
	if sources == 0 {
		t.Error("source files: got 0, want at least 1")
	}
}
