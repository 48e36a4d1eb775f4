package httpapi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/access"
	"authledger/eventstore"
	"authledger/projections"
)

// Every error that can reach the edge has a status, and a way on (contract,
// "HTTP": a 503 means unknown).
func TestProblems(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		kind   string
		retry  string
	}{
		{eventstore.ErrBusy, 503, outcomeUnknown, "1"},
		{eventstore.ErrDiskFull, 503, outcomeUnknown, "30"},
		{fmt.Errorf("%w: closed", eventstore.ErrStopped), 503, outcomeUnknown, "2"},
		{&eventstore.Fault{Seq: 7, Err: errors.New("x")}, 503, notReady, "60"},
		{fmt.Errorf("rows: %w", projections.ErrDamaged), 503, notReady, "60"},
		{projections.ErrClosed, 503, outcomeUnknown, "2"},
		{eventstore.ErrTooManyFollowers, 503, notReady, "30"},
		{eventstore.ErrNoRecord, 404, notFound, ""},
		{projections.ErrAhead, 400, badRequest, ""},
		{context.DeadlineExceeded, 503, outcomeUnknown, "1"},
		{context.Canceled, statusGone, outcomeUnknown, ""},
		{&access.Denied{Says: "no"}, 403, forbidden, ""},
		{limited(1500 * time.Millisecond), 429, tooManyRequests, "2"},
		{errors.New("secret detail of the inside"), 500, internal, ""},
	} {
		w := httptest.NewRecorder()
		p := problemOf(c.err)
		p.write(w, "r-1")
		reply{w.Code, w.Header(), w.Body.String()}.want(t, c.status, `"type":"/docs/problems#`+c.kind+`"`, `"requestId":"r-1"`)
		if got := w.Header().Get("Retry-After"); got != c.retry {
			t.Errorf("%v: Retry-After %q, want %q", c.err, got, c.retry)
		}
		if got := w.Header().Get("Content-Length"); got != fmt.Sprint(w.Body.Len()) {
			t.Errorf("%v: says that it has %q bytes, and has %d", c.err, got, w.Body.Len())
		}
		if c.status == 500 && p.detail == c.err.Error() {
			t.Error("the inside is told outside")
		}
	}
}

// Before the ledger is open, and while it closes, the edge says so.
func TestNotReady(t *testing.T) {
	s := newSite(t)
	s.edge.node.Store(nil)
	s.edge.Progress(3, 10)
	s.get(access.Gateway, "/v1/policy").want(t, 503, notReady)
	s.typed(access.Gateway, "login.report", failed).want(t, 503, notReady)
	s.get("", "/readyz").want(t, 503, "catching up: commit 3 of 10")
	s.get("", "/healthz").want(t, 200)
	s.edge.Open(s.ledger, s.rows, nil)
	s.get("", "/readyz").want(t, 200, `"ready":true`)
	s.edge.Drain()
	s.get("", "/readyz").want(t, 503, "stopping")
	s.typed(access.Gateway, "login.report", failed).want(t, 200) // what is under way is answered
}

// A position that never comes is waited for, but not for ever.
func TestAtLeast(t *testing.T) {
	s := newSite(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if p := problemOf(waitFor(ctx, s.rows, 5)); p.status != 503 || p.retryAfter == 0 {
		t.Errorf("%+v", p)
	}
	heard := make(chan reply)
	go func() { heard <- s.get(access.Gateway, "/v1/users/alice/lockout?atLeast=3") }()
	for range 3 {
		s.ask(access.Gateway, "POST", "/v1/commands/login.report", failed, "Idempotency-Key", fmt.Sprint("w-", time.Now().UnixNano())).want(t, 200)
	}
	r := <-heard
	r.want(t, 200, `"failures":3`)
}

// What went wrong is logged, but not whom it concerned (issue 4: neither secrets nor users in a log).
func TestCauseNamesNobody(t *testing.T) {
	s := newSite(t)
	h := s.edge.guard(&route{method: "GET", path: "/wrong", always: true, serve: func(*Server, *call, *answer, *http.Request) error {
		return fmt.Errorf("lockout of %s: %w", "alice", errors.Join(errors.New("the disk is on fire"), fmt.Errorf("row of alice: %w", io.ErrUnexpectedEOF)))
	}})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/wrong", nil))
	log := s.log.String()
	if w.Code != 500 || strings.Contains(log+w.Body.String(), "alice") || !strings.Contains(log, "the disk is on fire") || !strings.Contains(log, "unexpected EOF") {
		t.Errorf("%d %s\n%s", w.Code, w.Body, log)
	}
}

// A panic is told as an error, without what it says: that may be anybody's.
func TestPanic(t *testing.T) {
	s := newSite(t)
	for begun, want := range map[bool]int{false: 500, true: 200} {
		h := s.edge.guard(&route{method: "GET", path: "/boom", always: true, serve: func(_ *Server, _ *call, w *answer, _ *http.Request) error {
			if begun {
				writeJSON(w, []byte("{"))
			}
			panic("hunter2")
		}})
		w := httptest.NewRecorder()
		func() {
			defer func() {
				if broken := recover(); (broken != nil) != begun {
					t.Errorf("begun: %t, the connection is broken: %v", begun, broken)
				}
			}()
			h.ServeHTTP(w, httptest.NewRequest("GET", "/boom", nil))
		}()
		if w.Code != want || strings.Contains(w.Body.String(), "hunter2") || strings.Contains(s.log.String(), "hunter2") {
			t.Errorf("begun: %t: %d %s", begun, w.Code, w.Body)
		}
	}
}

// Whoever only stopped sending still reads: a request that was given up is no 200,
// which would let somebody in at the gate (LOGIN-2, issue 4).
func TestGivenUpIsNoYes(t *testing.T) {
	s := newSite(t)
	asked := make(chan struct{})
	server := httptest.NewServer(s.edge.guard(&route{method: "GET", path: "/gate", always: true, serve: func(_ *Server, _ *call, _ *answer, r *http.Request) error {
		close(asked)
		<-r.Context().Done()
		return r.Context().Err()
	}}))
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := connection.Write([]byte("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	<-asked
	if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		return // nothing at all lets nobody in either
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("status %d, want 503", answer.StatusCode)
	}
}

// The page of problems tells of each kind that is answered: its type leads there.
func TestEachProblemIsExplained(t *testing.T) {
	source, err := os.ReadFile("problem.go")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(source), "\n// Kinds of problems.")
	list, _, _ = strings.Cut(list, "\n)\n")
	kinds := regexp.MustCompile(`= "([a-z-]+)"`).FindAllStringSubmatch(list, -1)
	if len(kinds) != len(problemSays) {
		t.Errorf("%d kinds, %d are explained", len(kinds), len(problemSays))
	}
	for _, kind := range kinds {
		if !slices.ContainsFunc(problemSays, func(p struct{ kind, says string }) bool { return p.kind == kind[1] && p.says != "" }) {
			t.Errorf("nothing explains %s", kind[1])
		}
	}
}
