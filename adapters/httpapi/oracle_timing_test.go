//go:build timing

package httpapi

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"authledger/domain/access"
)

// Numbers of calls for each user. If the difference of the medians is large after
// timingCalls, the test measures more calls, which reduces the difference due to chance.
const (
	timingCalls    = 2000
	timingCallsMax = 6000
)

// The duration of a refusal does not depend on the user. The test is statistical, so it
// has a build tag of its own: go test -tags timing -run Timing ./adapters/httpapi
func TestRefusalTiming(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("locked", 10)
	users := [2]string{"unknown", "locked"}
	var took [2][]time.Duration
	for {
		for i := range 2 * timingCalls {
			path := "/v1/users/" + users[i%2] + "/lockout"
			begun := time.Now()
			r := s.get(access.Operator, path)
			took[i%2] = append(took[i%2], time.Since(begun))
			if r.status != 403 {
				t.Fatalf("GET %s as an operator: got %d %s, want 403", path, r.status, r.body)
			}
		}
		slices.Sort(took[0])
		slices.Sort(took[1])
		n := len(took[0])
		apart := (took[0][n/2] - took[1][n/2]).Abs()
		spread := took[0][3*n/4] - took[0][n/4]
		result := fmt.Sprintf("%d calls each: medians %v and %v, difference %v, quartiles %v apart",
			n, took[0][n/2], took[1][n/2], apart, spread)
		if apart < spread/10 {
			t.Log(result)
			return
		}
		if n >= timingCallsMax {
			t.Fatalf("%s, want a difference of less than a tenth of the quartiles", result)
		}
	}
}
