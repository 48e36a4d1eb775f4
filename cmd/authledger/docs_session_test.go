package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"authledger/cmd/internal/node"
)

// A docsSession runs the sh blocks of a page that uses curl, in order, and compares
// the output of each with the console block below it. It understands the part of the
// shell that the pages use: words, quotes, NAME=$(command), export, $NAME, a final &, kill %1, curl,
// and go run of the example gateway. So the test needs neither a shell nor curl.
type docsSession struct {
	page      string
	dir       string
	env       map[string]string // variables of the shell
	exported  map[string]string // the variables that commands get
	addresses map[string]string // address on the page → free address
	output    strings.Builder   // of the block that ran last
	processes []*exec.Cmd
}

// docsAddress matches an address that a page shows; the session uses a free one in its place.
var docsAddress = regexp.MustCompile(`127\.0\.0\.1:\d{4,5}`)

func TestDocsSessions(t *testing.T) {
	t.Parallel()
	for _, name := range pagesWithCurl(t) {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".md"), func(t *testing.T) {
			t.Parallel()
			runDocsSession(t, name)
		})
	}
}

func runDocsSession(t *testing.T, page string) {
	s := &docsSession{page: page, dir: t.TempDir(), env: map[string]string{}, exported: map[string]string{},
		addresses: map[string]string{}}
	t.Cleanup(func() { s.stop(t) })
	for _, b := range docsBlocks(t, page) {
		switch b.kind {
		case "sh":
			s.output.Reset()
			for _, line := range strings.Split(strings.ReplaceAll(b.text, "\\\n", ""), "\n") {
				s.run(t, b.line, line)
			}
		case "console":
			s.compare(t, b)
		}
	}
}

// stop terminates the servers that the page started, and waits for them. An interrupt could be
// without effect: a shell starts its background commands with the interrupt ignored, the tests
// inherit that, and the example does not handle interrupts.
func (s *docsSession) stop(t *testing.T) {
	for _, p := range s.processes {
		if err := p.Process.Signal(syscall.SIGTERM); err != nil {
			t.Errorf("%s: terminate %v: %v", s.page, p.Args, err)
		}
		if err := p.Wait(); err != nil && !isTerminated(p) {
			t.Errorf("%s: %v ended: %v", s.page, p.Args, err)
		}
	}
	s.processes = nil
}

var assignment = regexp.MustCompile(`^([A-Z_]+)=\$\((.*)\)$`)

func (s *docsSession) run(t *testing.T, at int, line string) {
	t.Helper()
	line = docsAddress.ReplaceAllStringFunc(strings.TrimSpace(line),
		func(shown string) string { return s.address(t, shown) })
	if line == "" || strings.HasPrefix(line, "#") {
		return
	}
	if set := assignment.FindStringSubmatch(line); set != nil {
		s.env[set[1]] = strings.TrimSpace(s.command(t, at, set[2]))
		return
	}
	if set, ok := strings.CutPrefix(line, "export "); ok {
		name, value, _ := strings.Cut(set, "=")
		s.exported[name] = s.expand(value)
		return
	}
	if line == "kill %1" {
		s.stop(t)
		return
	}
	if server, ok := strings.CutSuffix(line, " &"); ok {
		s.start(t, at, server)
		return
	}
	s.output.WriteString(s.command(t, at, line))
}

// address returns the free address that stands for an address of the page.
func (s *docsSession) address(t *testing.T, shown string) string {
	t.Helper()
	if free, ok := s.addresses[shown]; ok {
		return free
	}
	free, err := node.UnusedAddress()
	if err != nil {
		t.Fatal(err)
	}
	s.addresses[shown] = free
	return free
}

// command runs one command and returns its standard output.
func (s *docsSession) command(t *testing.T, at int, line string) string {
	t.Helper()
	words := s.words(t, at, line)
	switch words[0] {
	case "authledger":
		c := s.program(words)
		var errs bytes.Buffer
		c.Stderr = &errs
		out, err := c.Output()
		if err != nil {
			t.Fatalf("%s, block at line %d: %q: %v\n%s%s", s.page, at, line, err, out, &errs)
		}
		return string(out)
	case "curl":
		out, err := curl(words[1:])
		if err != nil {
			t.Fatalf("%s, block at line %d: %q: %v", s.page, at, line, err)
		}
		return out
	}
	t.Fatalf("%s, block at line %d: %q: want a command authledger or curl", s.page, at, line)
	return ""
}

func (s *docsSession) program(words []string) *exec.Cmd {
	c := exec.Command(words[0], words[1:]...)
	c.Dir = s.dir
	c.Env = append(os.Environ(), "HOME="+s.dir)
	for name, value := range s.exported {
		c.Env = append(c.Env, name+"="+value)
	}
	return c
}

// start runs a server until the end of the page.
func (s *docsSession) start(t *testing.T, at int, line string) {
	t.Helper()
	words := s.words(t, at, line)
	if example, ok := strings.CutPrefix(line, "go run ./docs/gateway "); ok {
		words = []string{buildGateway(t), example}
	} else if words[0] != "authledger" {
		t.Fatalf("%s, block at line %d: %q: want a command authledger or the example before &", s.page, at, line)
	}
	c := s.program(words)
	if err := c.Start(); err != nil {
		t.Fatalf("%s, block at line %d: %q: %v", s.page, at, line, err)
	}
	s.processes = append(s.processes, c)
}

var shellVariable = regexp.MustCompile(`\$\{?([A-Z_]+)\}?`)

// words splits a command at blanks, as a POSIX shell does with single and double
// quotes, and replaces $NAME outside single quotes.
func (s *docsSession) words(t *testing.T, at int, line string) []string {
	t.Helper()
	var words []string
	var word strings.Builder
	inWord := false
	for line != "" {
		c := line[0]
		line = line[1:]
		switch c {
		case ' ', '\t':
			if inWord {
				words = append(words, word.String())
				word.Reset()
			}
			inWord = false
			continue
		case '\'', '"':
			quoted, rest, ok := strings.Cut(line, string(c))
			if !ok {
				t.Fatalf("%s, block at line %d: unmatched quote %c", s.page, at, c)
			}
			if c == '"' {
				quoted = s.expand(quoted)
			}
			word.WriteString(quoted)
			line = rest
		case '$':
			name := shellVariable.FindString("$" + line)
			word.WriteString(s.expand(name))
			line = line[max(len(name)-1, 0):]
		default:
			word.WriteByte(c)
		}
		inWord = true
	}
	if inWord {
		words = append(words, word.String())
	}
	return words
}

func (s *docsSession) expand(text string) string {
	return shellVariable.ReplaceAllStringFunc(text,
		func(name string) string { return s.env[strings.Trim(name, "${}")] })
}
