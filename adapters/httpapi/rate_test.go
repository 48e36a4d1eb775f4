package httpapi

import (
	"testing"
	"time"

	"authledger/domain/access"
	"authledger/domain/operations"
)

func TestQueriesAboutThePastCostMore(t *testing.T) {
	for path, want := range map[string]int{
		"/v1/users/alice/lockout":                         1,
		"/v1/users/alice/lockout?asOf=1":                  5,
		"/v1/users/alice/devices?at=2020-01-01T00:00:00Z": 5,
		"/v1/records?to=1&entity=user/alice":              costEntity,
		"/v1/records/1/why":                               operations.Find("why").Cost,
	} {
		s := newTestServer(t)
		s.reportFailures("alice", 1)
		const role = access.Auditor
		now := time.Now() // a stopped clock refills no token bucket
		s.server.limits.now = func() time.Time { return now }
		s.get(role, path).want(t, 200)
		bucket := s.server.limits.credentials.of[string(role)]
		if got := bucket.Burst() - int(bucket.TokensAt(now)); got != want {
			t.Errorf("%s: got a cost of %d requests, want %d", path, got, want)
		}
	}
}
