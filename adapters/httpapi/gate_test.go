package httpapi

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"authledger/domain/access"
)

// The gate permits at most ten attempts in flight for any number of concurrent requests (LOCK-6).
func TestGateLimitsParallelAttempts(t *testing.T) {
	s := newTestServer(t)
	var accepted atomic.Int64
	var group sync.WaitGroup
	for i := range 200 {
		group.Go(func() {
			r := s.request(access.Gateway, []string{"GET", "POST"}[i%2], "/v1/gate/login", "", "X-Login-User", "alice",
				"X-Login-Attempt", fmt.Sprint("a-", i), "X-Login-Address", "192.0.2.7")
			switch {
			case r.status == 200 && r.header.Get("X-Login-Attempt") == fmt.Sprint("a-", i):
				accepted.Add(1)
				s.request(access.Gateway, "POST", "/v1/commands/login.finish",
					fmt.Sprintf(`{"user":"alice","attempt":"a-%d","outcome":"failed","reason":"bad_credentials"}`, i),
					"Idempotency-Key", fmt.Sprint("f-", i)).want(t, 200, "accepted")
			case r.status != 403 ||
				(r.header.Get("X-Login-Reason") != "attempts_in_flight" &&
					r.header.Get("X-Login-Reason") != "locked_out"):
				t.Errorf("attempt a-%d: got %d %v, want 200, or 403 with a reason", i, r.status, r.header)
			}
		})
	}
	group.Wait()
	if accepted.Load() != 10 {
		t.Errorf("got %d accepted attempts, want 10", accepted.Load())
	}
	r := s.request(access.Gateway, "GET", "/v1/gate/login", "", "X-Login-User", "alice")
	r.want(t, 403)
	wait, err := strconv.Atoi(r.header.Get("Retry-After"))
	if err != nil || wait < 24*3600-60 || wait > 24*3600 || r.header.Get("X-Login-Reason") != "locked_out" {
		t.Errorf("locked user: got headers %v, want Retry-After of a day (A-35)", r.header)
	}
	bad := s.request(access.Gateway, "GET", "/v1/gate/login", "", "X-Login-User", "Alice!")
	bad.want(t, 403)
	if bad.header.Get("X-Login-Reason") != "invalid_character" {
		t.Errorf("user Alice!: got headers %v, want the reason invalid_character", bad.header)
	}
	// The gate never answers an invalid request with 200.
	for _, headers := range [][]string{nil, {"X-Login-User", ""}, {"X-Login-User", "a", "X-Login-User", "b"},
		{"X-Login-User", "bob", "X-Login-Platform", "fax"}, {"X-Login-User", "bob", "X-Login-Attempt", "a b"},
		{"X-Login-User", strings.Repeat("a", 5000)}} {
		if r := s.request(access.Gateway, "GET", "/v1/gate/login", "", headers...); r.status == 200 {
			t.Errorf("headers %v: got 200, want a refusal", headers)
		}
	}
	s.request("", "GET", "/v1/gate/login", "", "X-Login-User", "bob").want(t, 401)
}

func TestGateChallengesVisitorWithoutCredentials(t *testing.T) {
	s := newTestServer(t)
	before := s.rows.Position().Seq
	for _, headers := range [][]string{nil, {"X-Login-User", ""}, {"X-Login-Address", "192.0.2.7"}} {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			r := s.request(access.Gateway, method, "/v1/gate/login", "", headers...)
			if r.status != 401 || !strings.HasPrefix(r.header.Get("WWW-Authenticate"), "Basic ") {
				t.Errorf("%s %v: got %d, WWW-Authenticate %q, want 401 with a Basic challenge", method, headers, r.status,
					r.header.Get("WWW-Authenticate"))
			}
		}
	}
	r := s.request("", "GET", "/v1/gate/login", "")
	if r.status != 401 || !strings.HasPrefix(r.header.Get("WWW-Authenticate"), "Bearer ") {
		t.Errorf("a gateway without a token: got %d %v, want 401 with a Bearer challenge", r.status, r.header)
	}
	r = s.submit(access.Gateway, "login.report", `{"user":"alice","outcome":"succeeded"}`)
	if !strings.Contains(r.body, fmt.Sprintf(`"seq":"%d"`, before+1)) &&
		!strings.Contains(r.body, fmt.Sprintf(`"seq":%d`, before+1)) {
		t.Errorf("got %s, want seq %d: the challenges recorded nothing", r.body, before+1)
	}
}

func TestGateReadsAddressForms(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "192.0.2.7": "192.0.2.7", "2001:db8::7": "2001:db8::7", "[2001:db8::7]": "2001:db8::7",
		"::ffff:192.0.2.7": "::ffff:192.0.2.7",
		"192.0.2.7:50022":  "192.0.2.7", "[2001:db8::7]:50022": "2001:db8::7", "fe80::1%eth0": "fe80::1%eth0",
		"203.0.113.9, 192.0.2.7": "192.0.2.7", "192.0.2.7, unknown": "", "unknown,192.0.2.7:1": "192.0.2.7",
		"unix:": "", "unknown": "", "192.0.2.007": "", "for=192.0.2.7": "", ",": "", "[": "", "[]": "",
		"_hidden": "",
	} {
		if got := gateAddress(text); got != want {
			t.Errorf("gateAddress(%q) = %q, want %q", text, got, want)
		}
	}
	s := newTestServer(t)
	for i, text := range []string{"unix:", "unknown", "192.0.2.7:50022", "[2001:db8::7]",
		"203.0.113.9, 192.0.2.7", "192.0.2.007", "for=192.0.2.7"} {
		s.request(access.Gateway, "GET", "/v1/gate/login", "", "X-Login-User", fmt.Sprint("adr", i),
			"X-Login-Address", text).want(t, 200)
	}
}

// Envoy's ext_authz passes the method on and appends the path to the gate's; it sends
// Content-Length: 0 and no body. Traefik's forwardAuth sends GET with the
// X-Forwarded- headers of the guarded request.
func TestGateDecidesProxyRequestsOfAnyMethod(t *testing.T) {
	s := newTestServer(t)
	for i, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"} {
		envoy := []string{"X-Login-User", fmt.Sprint("envoy", i), "X-Login-Address", "192.0.2.7",
			"X-Forwarded-Proto", "https"}
		r := s.request(access.Gateway, method, "/v1/gate/login?path=/account%3Fid=1&x=//y", "", envoy...)
		if r.status != 200 || r.header.Get("X-Login-Attempt") == "" {
			t.Errorf("Envoy, %s: got %d %v, want 200 with an attempt", method, r.status, r.header)
		}
		traefik := []string{"X-Login-User", fmt.Sprint("traefik", i), "X-Forwarded-Method", method,
			"X-Forwarded-Uri", "/login", "X-Forwarded-For", "192.0.2.7", "X-Forwarded-Host", "a.example"}
		r = s.request(access.Gateway, "GET", "/v1/gate/login", "", traefik...)
		if r.status != 200 || r.header.Get("X-Login-Attempt") == "" {
			t.Errorf("Traefik, %s: got %d %v, want 200 with an attempt", method, r.status, r.header)
		}
		if r := s.request(access.Auditor, method, "/v1/gate/login", "", envoy...); r.status != 403 {
			t.Errorf("%s by an auditor: got %d, want 403", method, r.status)
		}
	}
	r := s.request(access.Gateway, "DELETE", "/v1/gate/login?path=/", "", "X-Login-User", "Alice!")
	if r.status != 403 || r.header.Get("X-Login-Reason") != "invalid_character" {
		t.Errorf("got %d %v, want 403 invalid_character", r.status, r.header)
	}
}
