package explain

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestExplainIsPure checks that an explanation depends on no clock, file or network.
func TestExplainIsPure(t *testing.T) {
	const allowed = " authledger/domain authledger/domain/calendar errors fmt maps slices strconv strings time "
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	clock := regexp.MustCompile(
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
		file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range file.Imports {
			if path := strings.Trim(i.Path.Value, `"`); !strings.Contains(allowed, " "+path+" ") {
				t.Errorf("%s imports %s, want one of%s", name, path, allowed)
			}
		}
		if found := clock.FindString(string(source)); found != "" {
			t.Errorf("%s: got a use of %s, want none", name, found)
		}
	}
	if sources == 0 {
		t.Error("got no source file, want at least 1")
	}
}
