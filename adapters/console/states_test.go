package console

import (
	"net/http"
	"testing"

	"authledger/domain/access"
)

// TestPagesOfAnEmptyLedger checks that each page states that it has no data.
func TestPagesOfAnEmptyLedger(t *testing.T) {
	c := newTestConsole(t, false)
	for path, want := range map[string]string{
		"/":               "The ledger is empty at this position",
		"/users/alice":    "The ledger has recorded nothing about a user with this name",
		"/accounts/U1":    "The ledger has recorded nothing about an account with this number",
		"/records":        "No record matches",
		"/records/1":      "The ledger has no such record yet",
		"/integrity":      "has not been verified",
		"/records?asOf=1": "The ledger has no such record yet",
		"/?asOf=1":        "The ledger has no such record yet",
	} {
		page := c.visitor("").get(path)
		page.want(t, page.status, want)
		if page.status >= http.StatusInternalServerError {
			t.Errorf("%s: got status %d, want a page", path, page.status)
		}
	}
}

// TestPositionThatIsNotReached checks the page about a position after the newest record.
func TestPositionThatIsNotReached(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate()
	for _, path := range []string{"/", "/users/alice", "/accounts/U1", "/records"} {
		c.visitor(access.Auditor).get(path+"?asOf=1000").want(t, http.StatusNotFound, "after the newest record")
	}
	c.visitor(access.Auditor).get("/records/1000").want(t, http.StatusNotFound, "after the newest record")
}

// TestPagesWithoutTheRight checks that the page names the role and the way to another one.
func TestPagesWithoutTheRight(t *testing.T) {
	c := newTestConsole(t, true)
	for path, role := range map[string]access.Role{
		"/users/alice": access.Operator, "/accounts/U1": access.Operator, "/records": access.Support,
		"/records/1": access.Dashboard, "/integrity": access.Gateway, "/records.csv": access.Support,
	} {
		c.visitor(role).get(path).want(t, http.StatusForbidden, "Your role: "+string(role), "another role")
	}
}

// TestPagesWhileTheNodeCatchesUp checks that each page shows the progress and loads again by itself.
func TestPagesWhileTheNodeCatchesUp(t *testing.T) {
	c := newTestConsole(t, false)
	c.server.node.Store(nil)
	c.server.Progress(3, 9)
	for _, path := range []string{"/", "/users/alice", "/accounts/U1", "/records", "/records/1", "/integrity",
		"/live", "/records/live"} {
		page := c.visitor("").get(path)
		page.want(t, http.StatusServiceUnavailable, "Commit 3 of 9")
		if page.header.Get("Refresh") == "" {
			t.Errorf("%s: got no header Refresh, want one", path)
		}
	}
}
