package httpapi

import (
	"regexp"
	"strings"
	"testing"

	"authledger/domain/access"
	"authledger/domain/operations"
)

// A role without the right gets the same answer for every user, to the byte: for an
// unknown user, for one with failed logins, for a locked one and for an invalid name. So a
// refused caller can't find out which users exist (issue 4, "No oracle").
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
					t.Errorf("GET %s as %q: got %s, want %s as for the user unknown", path, role, got, want)
				}
				compared++
			}
		}
	}
	if compared == 0 {
		t.Error("got no refusal to compare, want some")
	}
}
