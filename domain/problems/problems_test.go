package problems

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"testing"
)

func TestTableIsComplete(t *testing.T) {
	names := map[string]bool{}
	for i, p := range All() {
		if names[p.Name] || !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(p.Name) {
			t.Errorf("row %d: got name %q, want a unique name of lower-case words", i, p.Name)
		}
		names[p.Name] = true
		if p.Status < 400 || i > 0 && p.Status < All()[i-1].Status {
			t.Errorf("%s: got status %d, want one of at least 400, in ascending order", p.Name, p.Status)
		}
		if !regexp.MustCompile(`^[A-Z].*[^.]$`).MatchString(p.Title) || len(p.Title) > 60 {
			t.Errorf("%s: got title %q, want at most 60 characters without a full stop", p.Name, p.Title)
		}
		for _, text := range []string{p.Happened, p.Next} {
			if !regexp.MustCompile(`^[A-Z].*\.$`).MatchString(text) {
				t.Errorf("%s: got %q, want sentences", p.Name, text)
			}
		}
	}
	for _, name := range constants(t) {
		if !names[name] {
			t.Errorf("constant %q: got no row, want one", name)
		}
	}
}

// constants returns the values of the constants of the package that are names.
func constants(t *testing.T) (names []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "problems.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if d, ok := n.(*ast.GenDecl); ok && d.Tok == token.CONST && d.Lparen.IsValid() {
			for _, s := range d.Specs {
				name, err := strconv.Unquote(s.(*ast.ValueSpec).Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				names = append(names, name)
			}
		}
		return true
	})
	if len(names) != len(All()) {
		t.Errorf("got %d constants, want %d", len(names), len(All()))
	}
	return names
}

func TestNameOfReference(t *testing.T) {
	for reference, want := range map[string]string{
		Reference(CutOff): CutOff, "https://node.example/problems/cut-off": CutOff,
		"/docs/problems#cut-off": CutOff, "about:blank": "about:blank", "": "",
	} {
		if got := Name(reference); got != want {
			t.Errorf("Name(%q): got %q, want %q", reference, got, want)
		}
	}
}

func TestTitleOfUnknownType(t *testing.T) {
	if got, want := Title("no-such-type"), Find(Internal).Title; got != want {
		t.Errorf("Title of an unknown name: got %q, want %q", got, want)
	}
}
