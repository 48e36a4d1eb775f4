package httpapi

import (
	"regexp"
	"strings"
	"testing"

	"authledger/domain/access"
	"authledger/domain/operations"
)

// TestRefusalsShowNoState checks that a role without the right gets the same bytes for an unknown user,
// a user with failed logins, a locked user and an invalid name. A refused caller can therefore not find
// out which users exist (issue 4, "No oracle").
func TestRefusalsShowNoState(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("wrong", 1)
	s.reportFailures("locked", 10)
	requestID := regexp.MustCompile(`"requestId":"[^"]+"`)
	otherParameter := regexp.MustCompile(`\{[a-z]+\}`)
	compared := 0
	for _, o := range operations.All() {
		if o.Parameter(operations.User) == nil {
			continue
		}
		for _, role := range append(access.Roles(), "") {
			if role.May(access.Right(o.Right)) {
				continue
			}
			want := ""
			for _, user := range []string{"unknown", "wrong", "locked", "Invalid!"} {
				path := otherParameter.ReplaceAllString(strings.Replace(o.Path, "{user}", user, 1), "1")
				r := s.get(role, path)
				got := requestID.ReplaceAllString(r.body, "")
				if r.status != 401 && r.status != 403 {
					t.Errorf("GET %s as %q: got %d, want 401 or 403", path, role, r.status)
				}
				if want == "" {
					want = got
				}
				if got != want {
					t.Errorf("GET %s as %q: got %s, want %s as for the unknown user", path, role, got, want)
				}
				compared++
			}
		}
	}
	if compared == 0 {
		t.Error("got no refusal to compare, want some")
	}
}
