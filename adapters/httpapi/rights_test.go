package httpapi

import (
	"strings"
	"testing"

	"authledger/adapters/tokens/tokenstest"
	"authledger/domain"
	"authledger/domain/access"
)

// pathOf returns the path of a route with a value for each parameter.
func pathOf(to *route) string {
	return strings.NewReplacer("{user}", "alice", "{account}", "A-1", "{seq}", "1", "{type}", "login.report",
		"{name}", "desk", "{$}", "").Replace(to.path)
}

// TestEveryRouteByEveryRole requests every route with every role and without a token. The
// server refuses the request if and only if the table of rights requires it.
func TestEveryRouteByEveryRole(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("alice", 1)
	cells := 0
	for i := range routes {
		to := &routes[i]
		if to.takesCommands {
			continue
		}
		open := to.right == ""
		if r := s.request("", to.method, pathOf(to), ""); (r.status == 401) == open {
			t.Errorf("%s %s without a token: got status %d, want 401 %t", to.method, to.path, r.status, !open)
		}
		for _, role := range access.Roles() {
			want := open || role.May(to.right)
			r := s.request(role, to.method, pathOf(to), "", "X-Login-User", "bob")
			if (r.status == 403) == want || r.status == 401 || r.status >= 500 {
				t.Errorf("%s %s as %s: got %d, want permitted %t: %s", to.method, to.path, role, r.status, want, r.body)
			}
			cells++
		}
	}
	t.Logf("%d cells of routes and roles", cells)
}

// TestEveryCommandByEveryRole submits every command with every role. Without the right the
// answer is 403.
func TestEveryCommandByEveryRole(t *testing.T) {
	s := newTestServer(t)
	cells := 0
	for _, kind := range domain.ClientCommands() {
		data := goodData(t, kind)
		for _, role := range access.Roles() {
			r := s.submit(role, kind, data)
			may := role.May(access.Right(kind))
			if (r.status == 403) == may || (may && r.status != 200 && r.status != 422) {
				t.Errorf("%s as %s: got status %d, want permitted %t: %s", kind, role, r.status, may, r.body)
			}
			cells++
		}
		if r := s.submit("", kind, data); r.status != 401 {
			t.Errorf("%s without a token: got status %d, want 401", kind, r.status)
		}
	}
	t.Logf("%d cells of commands and roles", cells)
}

// The server rejects a revoked token from the next request on.
func TestRevoked(t *testing.T) {
	s := newTestServer(t)
	s.get(access.Support, "/v1/lockouts").want(t, 200)
	s.tokens.Remove(string(access.Support))
	s.get(access.Support, "/v1/lockouts").want(t, 401)
}

// The rate of a token limits its caller, and the rate of a network limits clients without a
// token.
func TestRates(t *testing.T) {
	s := newTestServer(t)
	s.stopRates()
	slow, err := s.tokens.Add(tokenstest.Spec{Name: "slow", Role: access.Dashboard, Rate: 1})
	if err != nil {
		t.Fatal(err)
	}
	s.token["slow"] = slow
	limited := func(role access.Role, most int) {
		t.Helper()
		for range most {
			if r := s.get(role, "/v1/policy"); r.status == 429 {
				if r.header.Get("Retry-After") == "" {
					t.Errorf("status 429 of %q: got no Retry-After, want one", role)
				}
				return
			}
		}
		t.Errorf("requests of %q: got no status 429 in %d requests, want one", role, most)
	}
	limited("slow", 2*commandsMax)
	limited("", 2*addressBurst)
	s.get(access.Operator, "/v1/policy").want(t, 200) // other clients do not use up the rate of a token
}
