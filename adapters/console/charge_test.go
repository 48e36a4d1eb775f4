package console

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"authledger/adapters/tokens/tokenstest"
	"authledger/domain/access"
)

// visitorWith returns a browser that has signed in with a new token of one request a second, of which
// a number of requests are left. The test sets the clock.
func (c *testConsole) visitorWith(left int, name string, role access.Role) *visitor {
	c.t.Helper()
	text, err := c.tokens.Add(tokenstest.Spec{Name: name, Role: role, Rate: 1})
	if err != nil {
		c.t.Fatal(err)
	}
	caller, err := c.tokens.Caller(text)
	if err != nil {
		c.t.Fatal(err)
	}
	v := c.visitor("")
	if got := v.signIn(text); got.status != http.StatusSeeOther {
		c.t.Fatalf("sign in as %s: got %d %s, want 303", name, got.status, got.body)
	}
	if wait := c.api.LimitCaller(caller, access.BurstMin-left); wait > 0 {
		c.t.Fatalf("take %d requests: got a wait of %v, want none", access.BurstMin-left, wait)
	}
	return v
}

// TestRequestsThatFailAreCharged sends a request twice with a token that permits one request.
func TestRequestsThatFailAreCharged(t *testing.T) {
	c := newTestConsole(t, true)
	now := time.Now()
	c.now = func() time.Time { return now }
	for i, test := range []struct {
		name, method, path string
		want               int // status of the first request
	}{
		{"act of another role", "GET", "/work/token-add", http.StatusForbidden},
		{"unknown act", "GET", "/work/unknown", http.StatusNotFound},
		{"page of another role", "GET", "/records", http.StatusForbidden},
		{"invalid moment", "GET", "/users/alice?at=x", http.StatusBadRequest},
		{"form without its token", "POST", "/search", http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := c.visitorWith(1, "desk-"+strconv.Itoa(i), access.Support)
			v.request(test.method, test.path, nil).want(t, test.want)
			limited := v.request(test.method, test.path, nil)
			limited.want(t, http.StatusTooManyRequests)
			form := url.Values{"form": {limited.formToken(t)}}
			v.post("/sign-out", form).want(t, http.StatusSeeOther)
		})
	}
}

// TestPageAfterRetryAfter checks that a limited page is shown at the latest after two retries at the
// times that its answers state.
func TestPageAfterRetryAfter(t *testing.T) {
	for _, path := range []string{"/integrity", "/work/token-add", "/"} {
		for left := range 3 {
			t.Run(path+" "+strconv.Itoa(left), func(t *testing.T) {
				c := newTestConsole(t, true)
				now := time.Now()
				c.now = func() time.Time { return now }
				v := c.visitorWith(left, "desk", access.Operator)
				got := v.get(path)
				for retries := 0; retries < 2 && got.status == http.StatusTooManyRequests; retries++ {
					seconds, err := strconv.Atoi(got.header.Get("Retry-After"))
					if err != nil {
						t.Fatal(err)
					}
					now = now.Add(time.Duration(seconds) * time.Second)
					got = v.get(path)
				}
				got.want(t, http.StatusOK)
			})
		}
	}
}
