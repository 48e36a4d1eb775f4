package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// A task ends with its result, with the error of the node, or with the error of a connection that
// broke before the last line.
func TestTask(t *testing.T) {
	const progress = `{"progress":{"at":1,"last":2}}` + "\n"
	for _, test := range []struct {
		name, body string
		status     int
		done       string
		check      func(error) bool
	}{
		{"result", progress + `{"done":{"records":7}}` + "\n", 200, `{"records":7}`, nil},
		{"fault", `{"problem":{"detail":"damaged","fault":{"seq":5}}}` + "\n", 200, "", func(err error) bool {
			failed := (*TaskFailed)(nil)
			return errors.As(err, &failed) && failed.Fault.Seq == 5 && failed.Error() == "damaged"
		}},
		{"no last line", progress, 200, "", func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		{"part of the last line", progress + `{"done":{"records":7}}`, 200, "",
			func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		{"page of a proxy", "<html>\n", 200, "", func(err error) bool { return errors.Is(err, ErrAnswer) }},
		{"a long line", strings.Repeat("x", taskLineMax+1), 200, "",
			func(err error) bool { return errors.Is(err, ErrAnswer) }},
		{"refused", `{"type":"/problems/forbidden","detail":"no"}`, 403, "", func(err error) bool {
			refused := (*Problem)(nil)
			return errors.As(err, &refused) && refused.Status == 403
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			node := roundTrip(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: test.status, Body: io.NopCloser(strings.NewReader(test.body))}, nil
			})
			c, err := New(Options{URL: "http://localhost", Transport: node})
			if err != nil {
				t.Fatal(err)
			}
			updates := 0
			count := func(TaskUpdate) error { updates++; return nil }
			done, err := c.Task(t.Context(), "/v1/verify", nil, nil, count)
			if string(done) != test.done || (err == nil) != (test.check == nil) || err != nil && !test.check(err) {
				t.Errorf("got %s, %v, want %s", done, err, test.done)
			}
			if want := strings.Count(test.body, "progress"); updates != want {
				t.Errorf("got %d updates, want %d", updates, want)
			}
		})
	}
}

// A node that does not answer, or stops to answer, ends a task with an error that names the cause.
func TestTaskOfSilentNode(t *testing.T) {
	for name, hasAnswered := range map[string]bool{"no answer": false, "no line": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				body, sender := io.Pipe()
				node := roundTrip(func(r *http.Request) (*http.Response, error) {
					if hasAnswered {
						context.AfterFunc(r.Context(), func() { sender.CloseWithError(context.Cause(r.Context())) })
						return &http.Response{StatusCode: 200, Body: body}, nil
					}
					<-r.Context().Done()
					return nil, context.Cause(r.Context())
				})
				c, err := New(Options{URL: "http://localhost", Transport: node})
				if err != nil {
					t.Fatal(err)
				}
				_, err = c.Task(t.Context(), "/v1/verify", nil, nil, func(TaskUpdate) error { return nil })
				if !errors.Is(err, errSilent) {
					t.Errorf("got %v, want %v", err, errSilent)
				}
			})
		})
	}
}
