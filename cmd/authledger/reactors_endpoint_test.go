package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// deliveryTimeout is the time within which an endpoint must receive an event.
const deliveryTimeout = time.Minute

// testEndpoint is a webhook endpoint that reports its requests to the test.
type testEndpoint struct {
	*httptest.Server
	received  chan string // the user of each event
	cancelled chan bool   // one value for each request that the node cancelled before the response
}

// startEndpoint starts an endpoint. The function answer returns the status of a response; it may block.
func startEndpoint(t *testing.T, answer func(*http.Request) int) *testEndpoint {
	t.Helper()
	h := &testEndpoint{received: make(chan string, 100), cancelled: make(chan bool, 100)}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Entity string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		select {
		case h.received <- strings.TrimPrefix(body.Entity, "user/"):
		case <-r.Context().Done(): // the test reads no more events
			return
		}
		if status := answer(r); r.Context().Err() == nil {
			w.WriteHeader(status)
		} else {
			h.cancelled <- true
		}
	}))
	t.Cleanup(h.Close)
	return h
}

// accepts answers at once with status 200.
func accepts(*http.Request) int { return http.StatusOK }

// hangs sends no response, and returns when the node closes the connection.
func hangs(r *http.Request) int { <-r.Context().Done(); return 0 }

// wantUser waits for the next event, which must be of user.
func (h *testEndpoint) wantUser(t *testing.T, user string) {
	t.Helper()
	if got := h.next(t, user); got != user {
		t.Fatalf("event: got user %s, want %s", got, user)
	}
}

// wantUserAfter is wantUser, but skips repeated deliveries of the event of user before.
func (h *testEndpoint) wantUserAfter(t *testing.T, before, user string) {
	t.Helper()
	got := before
	for got == before {
		got = h.next(t, user)
	}
	if got != user {
		t.Fatalf("event: got user %s, want %s after %s", got, user, before)
	}
}

func (h *testEndpoint) next(t *testing.T, user string) (got string) {
	t.Helper()
	select {
	case got = <-h.received:
	case <-time.After(deliveryTimeout):
		t.Fatalf("timed out: got no event, want one of user %s", user)
	}
	return got
}
