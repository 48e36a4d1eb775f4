package httpapi

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"authledger/domain/access"
)

// requestOverHTTP10 sends a request over HTTP/1.0, as some proxies do.
func (s *testServer) requestOverHTTP10(t *testing.T, role access.Role,
	method, path, kind, body string) (*http.Response, string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn,
		"%s %s HTTP/1.0\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", method,
		path, s.token[role], kind, len(body), body); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

// Over HTTP/1.0 only the Content-Length marks the end of an answer. Every answer has one,
// and the server rejects a request whose answer is too long for it.
func TestAnswersOverHTTP10HaveLength(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("alice", 5)
	event := `{"specversion":"1.0","id":"%d","source":"gateway/gateway","type":"login.report",` +
		`"time":"2026-01-01T00:00:00Z","data":{"user":"bob","outcome":"succeeded"}}`
	var events []string
	for i := range 200 {
		events = append(events, fmt.Sprintf(event, i))
	}
	const batch = "application/cloudevents-batch+json"
	for _, c := range []struct {
		role                     access.Role
		method, path, kind, body string
		status                   int
	}{
		{access.Gateway, "POST", "/v1/commands", batch, "[" + strings.Join(events, ",") + "]", 200},
		{access.Gateway, "POST", "/v1/commands", batch, "[", 400},
		{access.Gateway, "GET", "/v1/users/alice/lockout", "", "", 200},
		{access.Auditor, "GET", "/v1/users/alice/timeline", "", "", 200},
		{access.Auditor, "GET", "/v1/records", "", "", 200},
		{access.Auditor, "GET", "/v1/records?limit=2", "", "", 200},
		{access.Auditor, "GET", "/v1/records?from=1000000", "", "", 200},
	} {
		answer, text := s.requestOverHTTP10(t, c.role, c.method, c.path, c.kind, c.body)
		if answer.StatusCode != c.status || answer.ContentLength != int64(len(text)) {
			t.Errorf("%s %s: got status %d and length %d, want %d and %d", c.method, c.path, answer.StatusCode,
				answer.ContentLength, c.status, len(text))
		}
	}
	for len(s.get(access.Auditor, "/v1/records").body) <= 2*linesBytes {
		s.reportFailures("carol", 100)
	}
	answer, text := s.requestOverHTTP10(t, access.Auditor, "GET", "/v1/records", "", "")
	if answer.StatusCode != http.StatusRequestEntityTooLarge || strings.Contains(text, `"seq"`) {
		t.Errorf("long answer: got status %d, want 413 without records: %.100s", answer.StatusCode, text)
	}
}

// The server answers an incomplete body with 408, so that the client retries, and records no command.
func TestIncompleteBodyGets408(t *testing.T) {
	s := newTestServer(t)
	for _, head := range []string{"POST /v1/commands/login.report HTTP/1.1\r\nIdempotency-Key: x\r\n",
		"POST /v1/commands HTTP/1.1\r\nContent-Type: application/cloudevents-batch+json\r\n"} {
		for _, body := range []string{"Content-Length: 99\r\n\r\n", "Content-Length: 99\r\n\r\n{",
			"Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n"} {
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := fmt.Fprintf(conn, "%sHost: ledger\r\nAuthorization: Bearer %s\r\n%s", head,
				s.token[access.Gateway], body); err != nil {
				t.Fatal(err)
			}
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusRequestTimeout {
				t.Errorf("incomplete body %q: got status %d, want 408", body, answer.StatusCode)
			}
		}
	}
	if end := s.rows.Position().Seq; end != 0 {
		t.Errorf("records of incomplete bodies: got %d, want 0", end)
	}
}
