package console

import (
	"net/http"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/domain/access"
)

// TestCasesByRole checks that each role sees the cases and the erasure of a user on the pages exactly if it
// may read them over the API.
func TestCasesByRole(t *testing.T) {
	const notice = "personal data of this user was erased"
	c := newTestConsole(t, true)
	c.do(0, login("carol"))
	c.do(0, &domain.PersonHold{User: "carol", Case: "H-77", By: "olga", Purpose: "court order"})
	c.do(0, &domain.PersonRelease{User: "carol", Case: "H-77", By: "olga", Purpose: "end of the trial"})
	c.do(0, &domain.PersonForget{User: "carol", Case: "F-77", By: "olga", Purpose: "erasure request"})
	marks := []string{"H-77", "court order", "end of the trial", "F-77", "erasure request", "olga"}
	paths := []string{"/users/carol", "/work", "/records", "/records.jsonl", "/records.csv", "/records/2",
		"/records/3", "/records/4"}
	visitors := c.visitors()
	for role, sees := range map[access.Role]struct{ cases, erasure bool }{
		access.Gateway: {false, false}, access.Support: {false, true}, access.Dashboard: {false, false},
		access.Operator: {false, false}, access.Officer: {true, false}, access.Auditor: {true, true},
	} {
		v := visitors(role)
		for _, path := range paths {
			page := v.get(path)
			for _, mark := range marks {
				if strings.Contains(page.body, mark) && !sees.cases {
					t.Errorf("%s as %s: got %q, want none: %s", path, role, mark, page.body)
				}
			}
		}
		page := v.get("/users/carol")
		if got := strings.Contains(page.body, notice); got != sees.erasure {
			t.Errorf("page of the user as %s: got the notice of the erasure %t, want %t", role, got, sees.erasure)
		}
		if sees.cases {
			page.want(t, http.StatusOK, marks...)
		}
	}
	page := visitors(access.Support).get("/users/carol")
	page.want(t, http.StatusOK, "<code>person.hold</code>", "<code>person.forget</code>")
}
