package httpapi

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"authledger/domain/access"
)

// closes reports whether the server closes the connection after its answer to a request.
func (s *testServer) closes(method, path, token string) (status int, closed bool) {
	s.t.Helper()
	c, err := net.Dial("tcp", s.url[len("http://"):])
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close() // only read from
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		s.t.Fatal(err)
	}
	if token != "" {
		token = "Authorization: Bearer " + token + "\r\n"
	}
	fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", method, path, token)
	in := bufio.NewReader(c)
	answer, err := http.ReadResponse(in, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		s.t.Fatal(err)
	}
	if !answer.Close {
		return answer.StatusCode, false
	}
	_, err = in.ReadByte()
	return answer.StatusCode, err == io.EOF
}

func TestServerClosesConnection_CallerWithoutToken(t *testing.T) {
	s := newTestServer(t)
	s.stopRates()
	for _, test := range []struct {
		method, path, token string
		status              int
		closed              bool
	}{
		{"GET", "/v1/lockouts", "", 401, true},
		{"GET", "/v1/lockouts", "guess", 401, true},
		{"GET", "/admin", "", 404, true},
		{"GET", "//admin/../x", "", 307, true},
		{"PUT", "/v1/lockouts", "", 405, true},
		{"GET", "/healthz", "", 200, false},
		{"GET", "/v1/records/999", s.token[access.Auditor], 404, false},
	} {
		status, closed := s.closes(test.method, test.path, test.token)
		if status != test.status || closed != test.closed {
			t.Errorf("%s %s: got %d, closed %v, want %d, %v", test.method, test.path, status, closed, test.status,
				test.closed)
		}
	}
	for range addressBurst {
		s.request("", "GET", "/healthz", "")
	}
	if status, _ := s.closes("GET", "//admin/../x", ""); status != 429 {
		t.Errorf("a redirect above the rate: got %d, want 429", status)
	}
	if status, closed := s.closes("GET", "/healthz", ""); status != 429 || !closed {
		t.Errorf("above the rate: got %d, closed %v, want 429 and a closed connection", status, closed)
	}
}
