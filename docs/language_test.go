package docs

import (
	"io/fs"
	"path/filepath"
	"regexp"
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
		"sentence without its noun", regexp.MustCompile(
			`(?i)\b(is|are|was|were) (gone|through|over|of|there|one|none|the same)\s*([.;:,)]|$)`),
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
			t.Errorf("pattern %q: got no match of its bad example %q, want one", b.name, b.bad)
		}
		if b.pattern.MatchString(b.good) {
			t.Errorf("pattern %q: got a match of its good example %q, want none", b.name, b.good)
		}
		if b.why == "" {
			t.Errorf("pattern %q: got no reason, want one", b.name)
		}
	}
	for _, a := range allowedPhrases {
		if a.why == "" {
			t.Errorf("allowed phrase %q: got no reason, want one", a.pattern)
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
