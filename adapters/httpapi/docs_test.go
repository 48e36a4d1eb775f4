package httpapi

import (
	"bufio"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"authledger/domain/access"
)

// TestDocumentation sends every request of docs/http.md and checks the status of the
// answer.
func TestDocumentation(t *testing.T) {
	text, err := os.ReadFile("../../docs/http.md")
	if err != nil {
		t.Fatal(err)
	}
	s := newTestServer(t)
	now := time.Now().UTC().Format(time.RFC3339)
	blocks := regexp.MustCompile("(?s)```http\n(.*?)```\n\nAnswer: ([0-9]+)").FindAllStringSubmatch(
		strings.ReplaceAll(string(text), "NOW", now), -1)
	if want := strings.Count(string(text), "```http"); len(blocks) != want || want == 0 {
		t.Fatalf("got %d requests with an answer, want %d", len(blocks), want)
	}
	for _, b := range blocks {
		status, err := strconv.Atoi(b[2])
		if err != nil {
			t.Fatal(err)
		}
		s.send(t, b[1]).want(t, status)
	}
}

// send sends a request as the page shows it.
func (s *testServer) send(t *testing.T, text string) reply {
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
	return s.request(role, method, path, body, headers...)
}
