package httpapi

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"authledger/domain/problems"
)

// Each type is a path on the node, with a page as text and as HTML.
func TestEachProblemTypeHasPage(t *testing.T) {
	s := newTestServer(t)
	base, err := url.Parse(s.url + commandsPath + "/login.report?x=y")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems.All() {
		page, err := base.Parse(problems.Reference(p.Name)) // as RFC 9457 resolves the type
		if err != nil {
			t.Fatal(err)
		}
		path := strings.TrimPrefix(page.String(), s.url)
		text := s.request("", "GET", path, "", "Accept", "*/*")
		text.want(t, 200, p.Name, p.Title, p.Happened, p.Next)
		if got := text.header.Get("Content-Type"); got != "text/plain; charset=utf-8" {
			t.Errorf("%s for curl: got Content-Type %q, want text/plain", path, got)
		}
		html := s.request("", "GET", path, "", "Accept", "text/html,*/*;q=0.8")
		html.want(t, 200, "<!doctype html>", "<code>"+p.Name+"</code>")
		if got := html.header.Get("Content-Type"); got != "text/html; charset=utf-8" {
			t.Errorf("%s for a browser: got Content-Type %q, want text/html", path, got)
		}
		s.get("", problems.Path).want(t, 200, p.Name, p.Next)
	}
	unknown := s.get("", problems.Path+"%3Cb%3Ehunter2")
	unknown.want(t, 404, `"type":"/problems/not-found"`)
	if strings.Contains(unknown.body, "hunter2") {
		t.Errorf("page of an unknown type: got %s, want a problem without the name", unknown.body)
	}
}

// wantPage checks that the type of a problem has a page. Each test that receives a problem
// calls it.
func (r reply) wantPage(t testing.TB) {
	t.Helper()
	if r.header.Get("Content-Type") != "application/problem+json" {
		return
	}
	var p problemBody
	if err := json.Unmarshal([]byte(r.body), &p); err != nil {
		t.Errorf("problem: %v: %s", err, r.body)
		return
	}
	found := problems.Find(problems.Name(p.Type))
	switch {
	case found == nil || p.Type != problems.Reference(found.Name):
		t.Errorf("got problem type %q, want one with a page", p.Type)
	case r.status == statusGone: // of the log, never of an answer
	case p.Status != found.Status || p.Status != r.status || p.Title != found.Title:
		t.Errorf("problem %s: got status %d, %d in the answer, title %q, want %d, %q", p.Type, p.Status, r.status,
			p.Title, found.Status, found.Title)
	}
}

// Every problem in the source names its kind by a constant, and each constant has a page.
func TestHandlersSendOnlyProblemsWithPage(t *testing.T) {
	kinds, literals := kindConstants(t), 0
	for _, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if name, isName := literalType(literal); !ok || !isName || name != "problem" {
				return true
			}
			literals++
			for _, element := range literal.Elts {
				pair, ok := element.(*ast.KeyValueExpr)
				if !ok || pair.Key.(*ast.Ident).Name != "kind" {
					continue
				}
				if constant, ok := pair.Value.(*ast.Ident); ok && !slices.Contains(kinds, constant.Name) {
					t.Errorf("problem with the kind %s: got no page, want a constant of package problems", constant.Name)
				}
				if text, ok := pair.Value.(*ast.BasicLit); ok {
					t.Errorf("problem with the kind %s: got a text, want a constant of package problems", text.Value)
				}
			}
			return true
		})
	}
	if literals < 20 || len(kinds) != len(problems.All()) {
		t.Errorf("got %d problems and %d kinds, want at least 20 and %d", literals, len(kinds), len(problems.All()))
	}
}

// sources returns the syntax of the package without its tests.
func sources(t *testing.T) (all []*ast.File) {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, file)
	}
	return all
}

func literalType(l *ast.CompositeLit) (name string, ok bool) {
	if l == nil {
		return "", false
	}
	of, ok := l.Type.(*ast.Ident)
	if !ok {
		return "", false
	}
	return of.Name, true
}

// kindConstants returns the names of the constants of problem.go that package problems
// defines.
func kindConstants(t *testing.T) (names []string) {
	t.Helper()
	source, err := os.ReadFile("problem.go")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(source)) {
		if name, value, ok := strings.Cut(line, "="); ok && strings.HasPrefix(value, " problems.") {
			names = append(names, strings.TrimSpace(name))
		}
	}
	return names
}
