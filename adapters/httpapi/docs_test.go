package httpapi

import (
	"bufio"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"authledger/access"
)

// TestDocumentation sends every request of docs/http.md, and wants the answer that
// it promises.
func TestDocumentation(t *testing.T) {
	text, err := os.ReadFile("../../docs/http.md")
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t)
	now := time.Now().UTC().Format(time.RFC3339)
	blocks := regexp.MustCompile("(?s)```http\n(.*?)```\n\nAnswer: ([0-9]+)").FindAllStringSubmatch(strings.ReplaceAll(string(text), "NOW", now), -1)
	if want := strings.Count(string(text), "```http"); len(blocks) != want || want == 0 {
		t.Fatalf("%d of %d blocks say what is answered", len(blocks), want)
	}
	for _, b := range blocks {
		status, err := strconv.Atoi(b[2])
		if err != nil {
			t.Fatal(err)
		}
		s.send(t, b[1]).want(t, status)
	}
}

// send sends a request as it is written down.
func (s *site) send(t *testing.T, text string) reply {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	lines := bufio.NewScanner(strings.NewReader(head))
	lines.Scan()
	method, path, _ := strings.Cut(lines.Text(), " ")
	var role access.Role
	var headers []string
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		if name == "Authorization" {
			role = access.Role(strings.TrimPrefix(value, "Bearer "))
			continue
		}
		headers = append(headers, name, value)
	}
	return s.ask(role, method, path, body, headers...)
}
