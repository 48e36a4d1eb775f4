package httpapi

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"authledger/access"
)

// What a gateway's outside could tell apart is told only to roles that may: to the
// others a user that nobody knows, one with wrong passwords and one that is locked
// are the same, to the byte (issue 4, "No oracle").
func TestNoOracle(t *testing.T) {
	s := newSite(t)
	s.fails("wrong", 1)
	s.fails("locked", 10)
	request := regexp.MustCompile(`"requestId":"[^"]+"`)
	for i := range routes {
		to := &routes[i]
		if to.commands || !to.read {
			continue
		}
		for _, role := range append(access.Roles(), "") {
			if role != "" && role.May(to.right) {
				continue
			}
			var said []string
			for _, user := range []string{"unknown", "wrong", "locked", "Invalid!"} {
				path := "/v1/users/" + user + "/lockout"
				if to.path != "/v1/users/{user}/lockout" {
					path = regexp.MustCompile(`\{user\}`).ReplaceAllString(to.path, user)
				}
				r := s.get(role, regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(path, "1"))
				said = append(said, fmt.Sprint(r.status, request.ReplaceAllString(r.body, "")))
			}
			for _, other := range said[1:] {
				if other != said[0] && !role.May(to.right) {
					t.Errorf("%s as %q: %s and %s", to.path, role, said[0], other)
				}
			}
		}
	}
}

// oracleCalls is how many of each are measured at most: machines are busy, and the more
// there are, the less of what tells them apart is chance.
const oracleCalls = 6000

// Nor does the time tell: of a role that may not ask, and of the gate, which says
// no to a locked user as quickly as to one with too many attempts.
func TestNoOracleInTime(t *testing.T) {
	calls := 2000
	if testing.Short() {
		t.Log("short: fewer calls are measured at first")
		calls = 300
	}
	s := newSite(t)
	s.fails("locked", 10)
	var took [2][]time.Duration
	for {
		for i := range 2 * calls {
			user := []string{"unknown", "locked"}[i%2]
			begun := time.Now()
			r := s.get(access.Operator, "/v1/users/"+user+"/lockout")
			took[i%2] = append(took[i%2], time.Since(begun))
			if r.status != 403 {
				t.Fatal(r)
			}
		}
		slices.Sort(took[0])
		slices.Sort(took[1])
		n := len(took[0])
		apart := took[0][n/2] - took[1][n/2]
		spread := took[0][3*n/4] - took[0][n/4]
		found := fmt.Sprintf("%d calls of each, medians %v and %v, %v apart, quartiles %v", n, took[0][n/2], took[1][n/2], apart.Abs(), spread)
		if apart.Abs() < spread/10 {
			t.Log(found)
			return
		}
		if n >= oracleCalls {
			t.Fatal("the time tells them apart:", found)
		}
	}
}
