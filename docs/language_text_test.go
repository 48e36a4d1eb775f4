package docs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// text is a comment, a paragraph, a message or the name of a test.
type text struct {
	line  int
	words string
}

// textsOf returns the texts of a Go or Markdown file, and nothing for other files.
// This file is exempt because it lists the banned wording.
func textsOf(t *testing.T, path string) []text {
	t.Helper()
	switch {
	case filepath.Base(path) == "language_test.go":
		return nil
	case strings.HasSuffix(path, ".go"):
		return goTexts(t, path)
	case strings.HasSuffix(path, ".txtar"):
		return scriptComments(t, path)
	case strings.HasSuffix(path, ".md"):
		return paragraphs(t, path)
	}
	return nil
}

// scriptComments returns the comments of a test script, without the files below it.
func scriptComments(t *testing.T, path string) []text {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	script, _, _ := strings.Cut(string(data), "\n-- ")
	var found []text
	for i, line := range strings.Split(script, "\n") {
		if comment, ok := strings.CutPrefix(line, "# "); ok {
			found = append(found, text{i + 1, comment})
		}
	}
	return found
}

// paragraphs returns the paragraphs and table rows of a Markdown file, without code.
func paragraphs(t *testing.T, path string) []text {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var found []text
	var paragraph text
	flush := func() {
		if paragraph.words != "" {
			found = append(found, paragraph)
		}
		paragraph = text{}
	}
	code := false
	for i, line := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			code = !code
			line = ""
		}
		if code || strings.TrimSpace(line) == "" {
			flush()
			continue
		}
		if strings.HasPrefix(line, "|") {
			flush()
		}
		if paragraph.line == 0 {
			paragraph.line = i + 1
		}
		paragraph.words = strings.TrimSpace(paragraph.words + " " + line)
	}
	flush()
	return found
}

// goTexts returns the comments, the messages and the test names of a Go file.
func goTexts(t *testing.T, path string) []text {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var found []text
	add := func(at token.Pos, words string) {
		found = append(found, text{files.Position(at).Line, words})
	}
	for _, comment := range file.Comments {
		add(comment.Pos(), strings.Join(strings.Fields(comment.Text()), " "))
	}
	isTest := strings.HasSuffix(path, "_test.go")
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if isTest && isTestName(n.Name.Name) {
				add(n.Pos(), wordsOfName(n.Name.Name))
			}
		case *ast.CallExpr:
			if isTest && isFailure(n) {
				addMessages(n, add)
			}
		case *ast.BasicLit:
			if !isTest && n.Kind == token.STRING {
				addMessage(n, add)
			}
		}
		return true
	})
	return found
}

func isTestName(name string) bool {
	return slices.ContainsFunc([]string{"Test", "Benchmark", "Fuzz"},
		func(p string) bool { return strings.HasPrefix(name, p) })
}

var wordStart = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// wordsOfName returns "Import Resumes After Kill" for TestImportResumesAfterKill.
func wordsOfName(name string) string {
	for _, prefix := range []string{"Test", "Benchmark", "Fuzz"} {
		name = strings.TrimPrefix(name, prefix)
	}
	return wordStart.ReplaceAllString(strings.ReplaceAll(name, "_", ": "), "$1 $2")
}

// isFailure reports whether a call of a test makes a failure message.
func isFailure(call *ast.CallExpr) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	return slices.Contains([]string{"Error", "Errorf", "Fatal", "Fatalf", "Fatalln", "Skip", "Skipf", "Log",
		"Logf"}, selector.Sel.Name)
}

func addMessages(call *ast.CallExpr, add func(token.Pos, string)) {
	for _, arg := range call.Args {
		if literal, ok := arg.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			addMessage(literal, add)
		}
	}
}

// messageWordsMin is the fewest words of a string literal that counts as a sentence.
const messageWordsMin = 3

func addMessage(literal *ast.BasicLit, add func(token.Pos, string)) {
	words, err := strconv.Unquote(literal.Value)
	if err != nil {
		panic(fmt.Sprintf("the parser accepted the literal %s: %v", literal.Value, err))
	}
	if len(strings.Fields(words)) >= messageWordsMin {
		add(literal.Pos(), strings.Join(strings.Fields(words), " "))
	}
}
