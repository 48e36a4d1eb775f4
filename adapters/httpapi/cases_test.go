package httpapi

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"authledger/domain/access"
)

// TestCasesByRole requests each readable path about a user with a released hold and an erasure, as each
// role. Only an officer and an auditor see cases and purposes, also in records. The time of the erasure
// is in the lockout state for the roles that read the timeline.
func TestCasesByRole(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("alice", 1)
	for _, c := range []struct{ kind, members string }{
		{"person.hold", `"case":"H-77","purpose":"court order"`},
		{"person.release", `"case":"H-77","purpose":"end of the trial"`},
		{"person.hold", `"case":"H-78"`},
		{"person.release", `"case":"H-78"`},
		{"person.forget", `"case":"F-77","purpose":"erasure request"`},
	} {
		r := s.submit(access.Officer, c.kind, `{"user":"alice","by":"officer",`+c.members+`}`)
		r.want(t, http.StatusOK, `"accepted"`)
	}
	marks := []string{"H-77", "court order", "end of the trial", "H-78", "F-77", "erasure request",
		`"by":"officer"`}
	for _, role := range access.Roles() {
		isPermitted := role == access.Officer || role == access.Auditor
		for i := range routes {
			to := &routes[i]
			if to.method != "GET" || to.takesCommands || to.right == "" || !role.May(to.right) {
				continue
			}
			for _, seq := range []string{"2", "3", "6"} {
				path := strings.ReplaceAll(pathOf(to), "/records/1", "/records/"+seq)
				r := s.get(role, path)
				for _, mark := range marks {
					if strings.Contains(r.body, mark) && !isPermitted {
						t.Errorf("%s as %s: got %q, want none: %s", path, role, mark, r.body)
					}
				}
			}
		}
		if role.May(access.ReadTimeline) {
			r := s.get(role, "/v1/users/alice/timeline?limit=10")
			r.want(t, http.StatusOK, `"type":"person.hold"`, `"user":"alice"`, `"type":"person.forget"`)
			if isPermitted {
				r.want(t, http.StatusOK, marks...)
			}
		}
		if r := s.get(role, "/v1/users/alice/lockout"); role.May(access.ReadLockout) {
			sees := slices.Contains([]access.Role{access.Support, access.Auditor}, role)
			if strings.Contains(r.body, `"forgotten":`) != sees || r.status != http.StatusOK {
				t.Errorf("lockout state as %s: got %d %s, want the time of the erasure: %t", role, r.status, r.body, sees)
			}
		}
	}
}
