package httpapi

import (
	"slices"
	"strings"
	"testing"

	"authledger/domain/access"
	"authledger/domain/operations"
	"authledger/projections/queries"
)

// The statistics name no user. A former position has no answer, and the error lists the
// parameters that have one.
func TestStatistics(t *testing.T) {
	const (
		noPast = "asOf: the counts of this operation are those of the whole log, " +
			"accepted: from, to, step, group, limit, after, at, atLeast, purpose"
		noGroup = "group: invalid value, want one of type, status, reason, platform, source, event, class"
	)
	s := newTestServer(t)
	s.reportFailures("alice", 3)
	for _, c := range []struct {
		role   access.Role
		query  string
		status int
		want   string
	}{
		{access.Dashboard, "limit=1", 200, `{"step":"1h","items":[{"start":"2026-`},
		{access.Dashboard, "limit=2&group=reason", 200, `"counts":[{"label":"bad_credentials","count":`},
		{access.Support, "group=source&step=1d&limit=2&atLeast=3", 200,
			`"counts":[{"label":"gateway/gateway","count":`},
		{access.Operator, "group=class", 200, `{"step":"1d","group":"class","items":[],`},
		{access.Auditor, "step=1m&group=event", 200, `"group":"event"`},
		{access.Dashboard, "asOf=1", 400, noPast},
		{access.Dashboard, "step=hunter2", 400, "step: invalid value, want one of 1m, 1h, 1d"},
		{access.Auditor, "group=hunter2", 400, noGroup},
		{access.Auditor, "step=1h&group=class", 400, "step: invalid value, want 1d with the group class"},
		{access.Dashboard, "from=2026-03-02T15:00:00Z&to=2026-03-02T15:00:00Z", 400,
			"from: invalid value, want an instant before to"},
		{access.Gateway, "", 403, ""},
		{access.Officer, "", 403, ""},
	} {
		r := s.get(c.role, "/v1/stats?"+c.query)
		r.want(t, c.status, c.want)
		if strings.Contains(r.body, "alice") || strings.Contains(r.body, "hunter2") {
			t.Errorf("%s: got %s, want no user and no value of the request", c.query, r.body)
		}
	}
	records := s.get(access.Auditor, "/v1/records?type=audit.read").body
	for text, want := range map[string]bool{
		"/v1/stats?group=event": true, "hunter2": false, "group=class": false,
	} {
		if got := strings.Contains(records, text); got != want {
			t.Errorf("%s in the recorded reads: got %t, want %t: %s", text, got, want, records)
		}
	}
}

// The document and the query have the same steps and groups.
func TestStatisticsChoices(t *testing.T) {
	o := operations.Find("stats")
	for name, want := range map[string][]string{
		operations.Step: queries.StatisticsSteps, operations.Group: queries.StatisticsGroups,
	} {
		if got := o.Parameter(name).Choices; !slices.Equal(got, want) {
			t.Errorf("choices of %s: got %q, want %q", name, got, want)
		}
	}
}
