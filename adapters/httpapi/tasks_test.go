package httpapi

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
)

// fakeTasks runs a function as each task.
type fakeTasks struct {
	run func(ctx context.Context, differs func(any) error) (any, error)
}

func (f fakeTasks) Verify(ctx context.Context, progress func(at, last uint64)) (Verified, error) {
	progress(1, 2)
	result, err := f.run(ctx, nil)
	return verified{result}, err
}

// verified is the result of a verification up to record 7.
type verified struct{ result any }

func (v verified) MarshalJSON() ([]byte, error) { return json.Marshal(v.result) }
func (verified) LastRecord() uint64             { return 7 }

func (f fakeTasks) Rebuild(ctx context.Context, _ func(at, last uint64)) (any, error) {
	return f.run(ctx, nil)
}

func (f fakeTasks) RotateKeys(ctx context.Context) (any, error) { return f.run(ctx, nil) }

func (f fakeTasks) WhatIf(
	ctx context.Context, p *domain.Policy, from, to uint64, differs func(any) error, _ func(at, last uint64),
) (any, error) {
	if err := differs(map[string]any{"policy": p.Version, "from": from, "to": to}); err != nil {
		return nil, err
	}
	return f.run(ctx, differs)
}

func newTaskServer(t *testing.T, run func(context.Context, func(any) error) (any, error)) *testServer {
	s := newTestServer(t)
	s.server.ServeTasks(fakeTasks{run})
	return s
}

// The last line of a task has its result or its problem.
func TestTaskAnswersWithLines(t *testing.T) {
	policy := `{"version":"other@1"}`
	damage := &eventstore.Fault{Stream: 3, Seq: 5, Err: errors.New("damaged")}
	for _, test := range []struct {
		name, path, body string
		role             access.Role
		err              error
		status           int
		want             string
	}{
		{"result", "/v1/verify", "", access.Operator, nil, 200, `{"done":{"records":7}}`},
		{"error", "/v1/rebuild", "", access.Operator, errors.New("full"), 200, `{"problem":{"detail":"full"}}`},
		{"fault", "/v1/verify", "", access.Operator, damage, 200,
			`{"problem":{"detail":"damaged","fault":{"stream":3,"seq":5}}}`},
		{"rotation", "/v1/keys/rotate", "", access.Operator, nil, 200, `{"done":{"records":7}}`},
		{"rotation of an officer", "/v1/keys/rotate", "", access.Officer, nil, 403, "may not rotate keys"},
		{"other role", "/v1/verify", "", access.Auditor, nil, 403, "may not verify"},
		{"incomplete policy", "/v1/policy/what-if", policy, access.Officer, nil, 400, "policy: "},
		{"no number", "/v1/policy/what-if?from=x", document(t), access.Officer, nil, 400, "from: invalid"},
		{"difference", "/v1/policy/what-if?from=2&to=9", document(t), access.Officer, nil, 200,
			`{"difference":{"from":2,"policy":"ibkr-sls@1","to":9}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newTaskServer(t, func(context.Context, func(any) error) (any, error) {
				return map[string]int{"records": 7}, test.err
			})
			s.request(test.role, "POST", test.path, test.body).want(t, test.status, test.want)
		})
	}
}

// document returns a complete policy document.
func document(t *testing.T) string {
	t.Helper()
	answer := newTestServer(t).get(access.Operator, "/v1/policy").body
	text, _, ok := strings.Cut(strings.TrimPrefix(answer, `{"policy":`), `,"asOf"`)
	if !ok {
		t.Fatalf("got the policy %s, want one before asOf", answer)
	}
	return text
}

// A node runs one task at a time, and a task ends when its client disconnects.
func TestTaskRunsAlone(t *testing.T) {
	started, ended := make(chan struct{}), make(chan error, 1)
	s := newTaskServer(t, func(ctx context.Context, _ func(any) error) (any, error) {
		close(started)
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	})
	ctx, disconnect := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, "POST", s.url+"/v1/verify", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.token[access.Operator])
	go func() {
		if answer, err := http.DefaultTransport.RoundTrip(request); err == nil {
			answer.Body.Close()
		}
	}()
	<-started
	s.request(access.Operator, "POST", "/v1/rebuild", "").want(t, 429, "another task")
	disconnect()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the task of a client that disconnected: got %v, want context.Canceled", err)
	}
}

// A request with an incomplete body starts no task, because the server would wait for the body while the
// task uses the only slot.
func TestTaskNeedsWholeBody(t *testing.T) {
	s := newTaskServer(t, func(context.Context, func(any) error) (any, error) { return 7, nil })
	incomplete := s.sendHeadTo("/v1/verify", s.token[access.Operator], "k-1")
	if err := incomplete.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(incomplete), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() // only read from
	if answer.StatusCode != 408 {
		t.Errorf("got %d, want 408 for an incomplete body", answer.StatusCode)
	}
	s.request(access.Operator, "POST", "/v1/verify", "").want(t, 200, `{"done":7}`)
}

// brokenConnection is the connection of a client that has disconnected.
type brokenConnection struct{ *httptest.ResponseRecorder }

func (brokenConnection) Write([]byte) (int, error)        { return 0, syscall.EPIPE }
func (brokenConnection) SetReadDeadline(time.Time) error  { return nil }
func (brokenConnection) SetWriteDeadline(time.Time) error { return nil }

// A client that disconnects during a task, as after Ctrl-C, is no fault of the node for its log.
func TestTaskOfDisconnectedClientLogsNoError(t *testing.T) {
	s := newTaskServer(t, func(ctx context.Context, _ func(any) error) (any, error) { return 7, nil })
	s.server.ServeAs(access.LocalCaller("ann"), brokenConnection{httptest.NewRecorder()},
		httptest.NewRequestWithContext(t.Context(), "POST", "/v1/verify", nil))
	log := s.log.String()
	if !strings.Contains(log, "POST /v1/verify") || strings.Contains(log, `"ERROR"`) ||
		strings.Contains(log, `"WARN"`) {
		t.Errorf("got the log %s, want the request without an error and without a warning", log)
	}
}

// A task that the stop of the node ends has a problem that names the stop.
func TestTaskEndsWithNode(t *testing.T) {
	s := newTaskServer(t, func(ctx context.Context, _ func(any) error) (any, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	s.server.Drain()
	s.request(access.Operator, "POST", "/v1/verify", "").
		want(t, 200, `"the node is stopping: run the task again`)
}

// A server without tasks answers 404.
func TestServerWithoutTasks(t *testing.T) {
	newTestServer(t).request(access.Operator, "POST", "/v1/verify", "").want(t, 404, "runs no tasks")
}
