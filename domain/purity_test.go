package domain

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport lists the imports of the package. These packages read no clock, file or
// random number, except package time: see forbidden.
var mayImport = []string{
	"authledger/domain/calendar", "cmp", "crypto/sha256", "encoding/base32", "encoding/base64",
	"errors", "fmt", "iter", "maps", "math", "math/bits",
	"net/netip", "net/url", "regexp", "slices",
	"sort", "strconv", "strings", "sync", "time", "time/tzdata", "unicode", "unicode/utf8",
}

// forbidden lists the functions of package time that read a clock, those of fmt that print, and all of
// sync but OnceValue, which computes a constant when it is first needed.
var forbidden = map[string][]string{
	"sync": {"Cond", "Map", "Mutex", "NewCond", "Once", "OnceFunc", "OnceValues", "Pool", "RWMutex",
		"WaitGroup"},
	"time": {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Local"},
	"fmt":  {"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
}

func TestDomainIsPure(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	sources := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		sources++
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range file.Imports {
			if path, _ := strconv.Unquote(i.Path.Value); !slices.Contains(mayImport, path) {
				t.Errorf("%s: got import %s, want one of %v", set.Position(i.Pos()), path, mayImport)
			}
			if i.Name != nil && i.Name.Name != "_" {
				t.Errorf("%s: got import %s with another name, want its own, to check calls", set.Position(i.Pos()),
					i.Path.Value)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if of, ok := s.X.(*ast.Ident); ok && slices.Contains(forbidden[of.Name], s.Sel.Name) {
					t.Errorf("%s: got a use of %s.%s, want none", set.Position(s.Pos()), of.Name, s.Sel.Name)
				}
			}
			if g, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s: got a goroutine, want none", set.Position(g.Pos()))
			}
			return true
		})
	}
	if sources == 0 {
		t.Error("source files: got 0, want at least 1")
	}
}
