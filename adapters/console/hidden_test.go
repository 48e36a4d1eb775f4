package console

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"authledger/domain/access"
)

// TestUserPageNamesHiddenParts checks that the page of a user names each part that the role may not read,
// also of parts that show two answers.
func TestUserPageNamesHiddenParts(t *testing.T) {
	c := newTestConsole(t, true)
	c.do(0, login("carol"))
	all := []string{"login and lockout", "troubleshooting", "devices", "codes", "sharings", "legal cases",
		"erasures", "timeline"}
	for role, want := range map[access.Role][]string{
		access.Auditor:   nil,
		access.Support:   {"legal cases", "erasures"},
		access.Officer:   {"login and lockout", "troubleshooting", "codes"},
		access.Gateway:   {"troubleshooting", "legal cases", "erasures", "timeline"},
		access.Dashboard: {"troubleshooting", "codes", "sharings", "legal cases", "erasures", "timeline"},
	} {
		page := c.visitor(role).get("/users/carol")
		page.want(t, http.StatusOK)
		var got []string
		for _, part := range all {
			if strings.Contains(page.body, "<li>"+part+"</li>") {
				got = append(got, part)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("hidden parts as %s: got %v, want %v", role, got, want)
		}
	}
}

// TestAccountPageNamesHiddenParts checks that the page of an account names each part that the role may not
// read.
func TestAccountPageNamesHiddenParts(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate()
	for role, want := range map[access.Role][]string{
		access.Auditor:   nil,
		access.Officer:   nil,
		access.Gateway:   {"timeline"},
		access.Dashboard: {"timeline"},
	} {
		page := c.visitor(role).get("/accounts/U1")
		page.want(t, http.StatusOK)
		var got []string
		for _, part := range []string{"withdrawals and limits", "timeline"} {
			if strings.Contains(page.body, "<li>"+part+"</li>") {
				got = append(got, part)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("hidden parts as %s: got %v, want %v", role, got, want)
		}
	}
}
