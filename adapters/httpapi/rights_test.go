package httpapi

import (
	"strings"
	"testing"

	"authledger/access"
	"authledger/domain"
)

// pathOf is a route's path with something in its place.
func pathOf(to *route) string {
	return strings.NewReplacer("{user}", "alice", "{account}", "A-1", "{seq}", "1", "{type}", "login.report", "{$}", "").Replace(to.path)
}

// TestEveryRouteByEveryRole asks every route as every role, and without a token: it
// is refused if and only if the table says so.
func TestEveryRouteByEveryRole(t *testing.T) {
	s := newSite(t)
	s.fails("alice", 1)
	cells := 0
	for i := range routes {
		to := &routes[i]
		if to.commands {
			continue
		}
		open := to.right == ""
		if r := s.ask("", to.method, pathOf(to), ""); (r.status == 401) == open {
			t.Errorf("%s %s without a token: %d", to.method, to.path, r.status)
		}
		for _, role := range access.Roles() {
			want := open || role.May(to.right)
			if r := s.ask(role, to.method, pathOf(to), "", "X-Login-User", "bob"); (r.status == 403) == want || r.status == 401 || r.status >= 500 {
				t.Errorf("%s %s as %s: %d, may: %t: %s", to.method, to.path, role, r.status, want, r.body)
			}
			cells++
		}
	}
	t.Logf("%d cells of routes and roles", cells)
}

// TestEveryCommandByEveryRole gives every command as every role: what the role may
// not is 403, before its data is decided on.
func TestEveryCommandByEveryRole(t *testing.T) {
	s := newSite(t)
	cells := 0
	for _, kind := range domain.ClientCommands() {
		data := goodData(t, kind)
		for _, role := range access.Roles() {
			r := s.typed(role, kind, data)
			if may := role.May(access.Right(kind)); (r.status == 403) == may || (may && r.status != 200 && r.status != 422) {
				t.Errorf("%s as %s: %d, may: %t: %s", kind, role, r.status, may, r.body)
			}
			cells++
		}
		if r := s.typed("", kind, data); r.status != 401 {
			t.Errorf("%s without a token: %d", kind, r.status)
		}
	}
	t.Logf("%d cells of commands and roles", cells)
}

// A revoked token is none from the next request on, and its streams end.
func TestRevoked(t *testing.T) {
	s := newSite(t)
	s.get(access.Support, "/v1/lockouts").want(t, 200)
	if err := s.tokens.Revoke(string(access.Support)); err != nil {
		t.Fatal(err)
	}
	s.get(access.Support, "/v1/lockouts").want(t, 401)
}

// Rates: of a credential by its token, of an address without one by the edge's.
func TestRates(t *testing.T) {
	s := newSite(t)
	slow, err := s.tokens.Add(access.Spec{Name: "slow", Role: access.Dashboard, Rate: 1})
	if err != nil {
		t.Fatal(err)
	}
	s.token["slow"] = slow
	limited := func(role access.Role, most int) {
		t.Helper()
		for range most {
			if r := s.get(role, "/v1/policy"); r.status == 429 {
				if r.header.Get("Retry-After") == "" {
					t.Error("429 without Retry-After")
				}
				return
			}
		}
		t.Errorf("%q may ask more than %d times", role, most)
	}
	limited("slow", 2*commandsMax)
	limited("", 2*addressBurst)
	s.get(access.Operator, "/v1/policy").want(t, 200) // whoever has a token is not held up by who has none
}
