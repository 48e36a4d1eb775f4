package console

import (
	"strings"
	"testing"

	"authledger/domain/access"
)

// The page of a locked user leads to the release, for a role that may release and for the present.
func TestUserPageLeadsToRelease(t *testing.T) {
	c := newTestConsole(t, true)
	c.populateWork()
	for path, want := range map[string]bool{"/users/bob": true, "/users/bob?asOf=16": false,
		"/users/alice": false} {
		got := c.visitor(access.Support).get(path)
		if has := strings.Contains(got.body, "/work/lockout?user="); has != want {
			t.Errorf("%s: got a link to the release %t, want %t", path, has, want)
		}
	}
	if got := c.visitor(access.Auditor).get("/users/bob"); strings.Contains(got.body, "/work/lockout") {
		t.Errorf("auditor: got a link to the release, want none: %s", got.body)
	}
}
