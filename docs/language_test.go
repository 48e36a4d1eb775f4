package docs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// moduleRoot is the root of the module, seen from this package.
const moduleRoot = ".."

// A banned pattern matches wording that a reader of this project had to read
// twice. TestBannedPatternsMatchTheirExamples checks the two examples.
type banned struct {
	name    string
	pattern *regexp.Regexp
	why     string // the reason, and the wording to use
	bad     string // an example that the pattern matches
	good    string // the same sentence, rewritten; the pattern does not match it
}

var bannedPatterns = []banned{
	{
		"headless clause as a subject",
		regexp.MustCompile(`(^|[.;:(]\s+)(Who|Whoever|Whatever|Those who|Those that|` +
			`What (is|was|it|they|has|had|comes|goes|waits|lies|follows))\b[^?]*$`),
		"the reader does not learn the actor: name the client, the caller, the operator, the record",
		"Whoever asks for too much gets 413.", "A client that requests too much gets 413.",
	},
	{
		"headless clause as an object",
		regexp.MustCompile(`\b(of|by|to|for|from|with|than|and|or) (who|whoever|whatever|those (who|that))\b`),
		"the reader does not learn the actor: name it",
		"It goes to whoever waits.", "The answer goes to the waiting caller.",
	},
	{
		"what with a verb",
		regexp.MustCompile(
			`\bwhat (is|was|it|they|has|had|comes|came|goes|went|waits|lies|stands|follows|there)\b`),
		"the clause replaces a noun: name the thing",
		"The reader holds what is taken.", "The reader holds at most 64 MiB of messages.",
	},
	{
		"person without a role", regexp.MustCompile(`(?i)\b(nobody|somebody|anybody|everybody)('s)?\b`),
		"a rule binds roles: name the role, or say that no caller has the right",
		"Nobody may read it.", "No role may read the key.",
	},
	{
		"speech metaphor",
		regexp.MustCompile(`(?i)\b(tells?|told|telling|untold|hears?|heard|unheard|says? so|` +
			`say (of|what|that)|said (of|that)|speaks?|spoken|vouch(es)?)\b`),
		"programs send, return, receive, log and report",
		"The node tells the endpoint.", "The node sends the event to the endpoint.",
	},
	{
		"house metaphor",
		regexp.MustCompile(`(?i)\b(rooms?|homes?|doors?|beds?|roused?|asleep|let in|lets in|letting in|` +
			`come in|comes in|comes? again|set aside|keepers?|neighbou?rs?)\b`),
		"the field has words: package, capacity, directory, connect, authenticate, quarantine",
		"The server lets in each key.", "The server authenticates each key.",
	},
	{
		"metaphor of sleep", regexp.MustCompile(`(?i)\bsleeps?\b[^(]`),
		"a goroutine blocks or waits",
		"A follower sleeps until the next record.", "A follower blocks until the next record.",
	},
	{
		"everyday word for a term",
		regexp.MustCompile(`(?i)\b(letters?|mend(s|ed)?|mislaid|ripens?|hurry|hurries|poke[sd]?|wander(s|ed)?|` +
			`crowd|spells?|otherwise comes|turned down|turns? (them|it|him)? ?away|rubbish|lies there|` +
			`as it stands|rests on|horizon|for play|left (in|behind|there|by))\b`),
		"the field has a term: dead letter, repair, watermark, lockout, load, reject",
		"The horizon of the intake.", "The watermark of the intake.",
	},
	{
		"sentence without its noun", regexp.MustCompile(`(?i)\b(is|are|was|were) (gone|through|over|of)\s*[.;:]`),
		"the reader must fill in a noun: finish the sentence",
		"It ends when the read is over.", "The session ends when the client has read the last page.",
	},
}

// An allowedPhrase is removed from a text before it is checked.
type allowedPhrase struct {
	pattern *regexp.Regexp
	why     string
}

var allowedPhrases = []allowedPhrase{
	{regexp.MustCompile("`[^`]*`"), "code and former names in a page"},
	{regexp.MustCompile(`(?i)dead[- ]?letters?`), "the field's term for a message that could not be processed"},
	{regexp.MustCompile(`(?i)(upper|lower)[- ]?case letters?|letters? (or|and) digits?|` +
		`letters?,? (a-z|digits)|first letter|capital letters?|(ASCII|Latin) letters?`),
		"a letter of the alphabet"},
	{regexp.MustCompile(`(?i)what-if`), "the name of a command"},
	{regexp.MustCompile(`(?i)home directory|\$?HOME\b`), "the directory of a Unix user"},
	{regexp.MustCompile(`time\.Sleep`), "a function of the standard library"},
}

func TestPlainLanguage(t *testing.T) {
	err := filepath.WalkDir(moduleRoot, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() &&
			(entry.Name() == "testdata" && !strings.Contains(filepath.ToSlash(path), "cmd/authledger") ||
				strings.HasPrefix(entry.Name(), ".") && path != moduleRoot) {
			return fs.SkipDir
		}
		for _, part := range textsOf(t, path) {
			checkText(t, path, part)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestBannedPatternsMatchTheirExamples(t *testing.T) {
	for _, b := range bannedPatterns {
		if !b.pattern.MatchString(b.bad) {
			t.Errorf("pattern %q does not match its bad example %q", b.name, b.bad)
		}
		if b.pattern.MatchString(b.good) {
			t.Errorf("pattern %q matches its good example %q", b.name, b.good)
		}
		if b.why == "" {
			t.Errorf("pattern %q has no reason", b.name)
		}
	}
	for _, a := range allowedPhrases {
		if a.why == "" {
			t.Errorf("allowed phrase %q has no reason", a.pattern)
		}
	}
}

func checkText(t *testing.T, path string, part text) {
	t.Helper()
	checked := part.words
	for _, a := range allowedPhrases {
		checked = a.pattern.ReplaceAllString(checked, "")
	}
	for _, b := range bannedPatterns {
		if found := b.pattern.FindString(checked); found != "" {
			t.Errorf("%s:%d: %q is a %s in %.120q: %s", path, part.line, found, b.name, part.words, b.why)
		}
	}
}

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
