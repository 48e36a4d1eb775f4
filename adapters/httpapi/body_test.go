package httpapi

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"authledger/adapters/tokens/tokenstest"
	"authledger/domain/access"
)

// sendHead sends the head of a command and the first byte of its body.
func (s *testServer) sendHead(token, key string) net.Conn {
	s.t.Helper()
	return s.sendHeadTo("/v1/commands/login.report", token, key)
}

// sendHeadTo sends the head of a request to a path and the first byte of its body.
func (s *testServer) sendHeadTo(path, token, key string) net.Conn {
	s.t.Helper()
	c, err := net.Dial("tcp", s.url[len("http://"):])
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() }) // the server may have closed it
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		s.t.Fatal(err)
	}
	fmt.Fprintf(c,
		"POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "+
			"%s\r\nIdempotency-Key: %s\r\nContent-Length: 60\r\n\r\n{", path, token, key)
	return c
}

// A caller with slow bodies reaches its own limit and does not use the limit of all callers.
func TestSlowBodiesDelayTheirCallerOnly(t *testing.T) {
	s := newTestServer(t)
	s.server.commands, s.server.batches = newConcurrency(8, 4), newConcurrency(2, 1)
	for i := range 32 {
		s.sendHead(s.token[access.Importer], fmt.Sprint("slow-", i))
	}
	await(t, "32 slow bodies wait at the limit of their caller", func() bool {
		s.server.commands.mu.Lock()
		defer s.server.commands.mu.Unlock()
		of := s.server.commands.callers[string(access.Importer)]
		return of != nil && of.requests == 32 && !of.served.TryAcquire(1)
	})
	if !s.server.commands.all.TryAcquire(8) {
		t.Error("slow bodies use the limit of all callers, want it unused")
	} else {
		s.server.commands.all.Release(8)
	}
	begun := time.Now()
	for range 16 {
		s.submit(access.Gateway, "login.report", `{"user":"alice","outcome":"succeeded"}`).want(t, 200, "accepted")
	}
	if took := time.Since(begun); took > commandBodyWithin {
		t.Errorf("16 commands of another caller took %v, want less than %v", took, commandBodyWithin)
	}
}

func TestCallerIsChargedBeforeItsBodyIsRead(t *testing.T) {
	s := newTestServer(t)
	s.stopRates()
	token, err := s.tokens.Add(tokenstest.Spec{Name: "slow", Role: access.Gateway, Rate: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range access.BurstMin {
		s.request("", "POST", "/v1/commands/login.report", `{}`, "Authorization", "Bearer "+token,
			"Idempotency-Key", fmt.Sprint("k-", i)).want(t, 422)
	}
	c := s.sendHead(token, "never")
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() // only read from
	if answer.StatusCode != 429 {
		t.Errorf("got %d, want 429 before the body is sent", answer.StatusCode)
	}
}

func TestConcurrencyRemovesIdleCallers(t *testing.T) {
	s := newTestServer(t)
	s.submit(access.Gateway, "login.report", `{"user":"alice","outcome":"succeeded"}`).want(t, 200)
	await(t, "no caller is counted", func() bool {
		s.server.commands.mu.Lock()
		defer s.server.commands.mu.Unlock()
		return len(s.server.commands.callers) == 0
	})
}

// await polls until a condition is met, and fails the test after [patience].
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !holds(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("timed out after %v, want: %s", patience, what)
		}
	}
}

// closedConnection is a connection that the server has closed, for example to admit another one.
type closedConnection struct{ *httptest.ResponseRecorder }

func (closedConnection) SetReadDeadline(time.Time) error { return net.ErrClosed }

// TestClosedConnectionLogsNoError checks that a connection that is closed before its request was read is
// no error of the node, so that many of them can't fill its log.
func TestClosedConnectionLogsNoError(t *testing.T) {
	s := newTestServer(t)
	r := httptest.NewRequestWithContext(t.Context(), "POST", commandsPath, strings.NewReader("{}"))
	r.Header.Set("Content-Type", "application/cloudevents+json")
	s.server.ServeAs(access.LocalCaller("ann"), closedConnection{httptest.NewRecorder()}, r)
	log := s.log.String()
	if !strings.Contains(log, `"status":499`) || strings.Contains(log, `"ERROR"`) {
		t.Errorf("got the log %s, want the request with status 499 and without an error", log)
	}
}
