package console

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"testing"

	"authledger/domain"
	"authledger/domain/access"
)

var actLinks = regexp.MustCompile(`class="button" href="(/work/[^"]+)"`)

// TestPagesLeadToActs checks the links of the acts on each page, with the state filled in, for roles that may
// submit the acts and for the present.
func TestPagesLeadToActs(t *testing.T) {
	c := newTestConsole(t, true)
	c.populateWork()
	c.do(0, &domain.CodeIssue{User: "dora", Code: "pass-2", Kind: "online_card", Agent: "ann"})
	c.do(0, &domain.CodeRevoke{User: "dora", Code: "pass-2", By: "ann"})
	c.letters.put(DeadLetter{Position: 7, Caller: "gateway/tws", Reason: "bad_field"})
	release := []string{"/work/identity?user=bob", "/work/lockout?user=bob"}
	review, revoke := []string{"/work/sharing?sharing=s-1"}, []string{"/work/code?code=pass-1&user=dora"}
	withHolds := func(user string) []string {
		return append(slices.Clone(review), "/work/hold?user="+user, "/work/forget?user="+user)
	}
	visitors := make(map[access.Role]*visitor)
	for _, role := range []access.Role{access.Support, access.Officer, access.Auditor, access.Operator} {
		visitors[role] = c.visitor(role)
	}
	for _, test := range []struct {
		name, path string
		role       access.Role
		want       []string
	}{
		{"locked user", "/users/bob", access.Support, release},
		{"locked user in the past", "/users/bob?asOf=16", access.Support, nil},
		{"user without a lockout", "/users/alice", access.Support, nil},
		{"locked user, other role", "/users/bob", access.Auditor, nil},
		{"live and revoked code", "/users/dora", access.Support, revoke},
		{"live code in the past", "/users/dora?asOf=6", access.Support, nil},
		{"live code, other role", "/users/dora", access.Auditor, nil},
		{"requester of a pending sharing", "/users/carol", access.Officer, withHolds("carol")},
		{"owner of a pending sharing", "/users/alice", access.Officer, withHolds("alice")},
		{"sharing in the past", "/users/alice?asOf=5", access.Officer, nil},
		{"record of the sharing", "/records/4", access.Officer, review},
		{"record of the sharing in the past", "/records/4?asOf=5", access.Officer, nil},
		{"record of the sharing, other role", "/records/4", access.Auditor, nil},
		{"dead letter before a retry", "/work/retry?position=7", access.Operator,
			[]string{"/work/drop?position=7"}},
		{"dead letter before a deletion", "/work/drop?position=7", access.Operator,
			[]string{"/work/retry?position=7"}},
		{"unverified user before a release", "/work/lockout?user=bob", access.Support,
			[]string{"/work/identity?user=bob"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			page := visitors[test.role].get(test.path)
			page.want(t, http.StatusOK)
			var got []string
			for _, found := range actLinks.FindAllStringSubmatch(page.body, -1) {
				got = append(got, html.UnescapeString(found[1]))
			}
			if !slices.Equal(got, test.want) {
				t.Fatalf("got links to %q, want %q: %s", got, test.want, page.body)
			}
			for _, path := range got {
				visitors[test.role].get(path).want(t, http.StatusOK)
			}
		})
	}
}

// TestRecordLeadsToRevocation needs a visitor without a token, because no role that revokes codes may
// see the page of a record.
func TestRecordLeadsToRevocation(t *testing.T) {
	c := newTestConsole(t, false)
	c.populateWork()
	c.visitor("").get("/records/6").want(t, http.StatusOK, "/work/code?code=pass-1&amp;user=dora")
	c.do(0, &domain.CodeRevoke{User: "dora", Code: "pass-1", By: "ann"})
	page := c.visitor("").get("/records/6")
	if page.want(t, http.StatusOK); actLinks.MatchString(page.body) {
		t.Errorf("after the revocation: got a link to an act, want none: %s", page.body)
	}
}
