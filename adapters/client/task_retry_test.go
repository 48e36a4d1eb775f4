package client

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The client repeats a request for a task that has not started. It never repeats a task that may
// have started, and it ends the retries after Patience.
func TestTaskRetries(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	broken := &net.OpError{Op: "read", Err: errors.New("connection reset")}
	reply := func(status int, body string) *http.Response {
		return &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {"1"}},
			Body: io.NopCloser(strings.NewReader(body))}
	}
	for _, test := range []struct {
		name     string
		err      error // of the first attempts
		status   int   // of the first attempts without an error
		failures int
		attempts int
		isDone   bool
	}{
		{"node that opens its ledger", nil, 503, 2, 3, true},
		{"node that starts", refused, 0, 2, 3, true},
		{"connection that breaks", broken, 0, 1, 1, false},
		{"other task runs", nil, 429, 1, 1, false},
		{"node that stays away", nil, 503, 1000, 4, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				attempts, reports := 0, 0
				node := roundTrip(func(*http.Request) (*http.Response, error) {
					if attempts++; attempts > test.failures {
						return reply(200, `{"done":{}}`+"\n"), nil
					}
					if test.err != nil {
						return nil, test.err
					}
					return reply(test.status, `{"type":"/docs/problems#not-ready","detail":"opening"}`), nil
				})
				c, err := New(Options{URL: "http://localhost", Transport: node, Patience: 3500 * time.Millisecond,
					Retrying: func(Retry) { reports++ }})
				if err != nil {
					t.Fatal(err)
				}
				_, err = c.Task(t.Context(), "/v1/verify", nil, nil, func(TaskUpdate) error { return nil })
				if (err == nil) != test.isDone || attempts != test.attempts {
					t.Errorf("got %v after %d attempts, want done %v after %d", err, attempts, test.isDone,
						test.attempts)
				}
				if want := min(test.failures, test.attempts); (reports > 0) != (test.attempts > 1) || reports > want {
					t.Errorf("got %d reports, want at most %d", reports, want)
				}
			})
		})
	}
}
