package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"authledger/domain/access"
)

// TestNATSCasesByRole sends each permitted query about a user with an ended hold and an erasure, as each
// role. Only an officer and an auditor receive cases and purposes. The lockout state has the time of the
// erasure only for the roles that read the timeline.
func TestNATSCasesByRole(t *testing.T) {
	s := serveOverNATS(t)
	request := func(from *caller, subject, id, body string) string {
		t.Helper()
		m := nats.NewMsg("ledger.main." + subject)
		m.Data, m.Header = []byte(body), nats.Header{"ce-id": []string{id}}
		answer, err := from.RequestMsg(m, natsTimeout)
		if err != nil || answer.Header.Get("Nats-Service-Error-Code") != "" {
			t.Fatalf("%s as %s: got %v %v, want an answer", subject, from.name, err, answer)
		}
		return string(answer.Data)
	}
	request(s.connect(t, "gateway"), "command.gateway.login.report", "c-0",
		`{"user":"alice","outcome":"succeeded"}`)
	officer := s.connect(t, "officer")
	request(officer, "command.officer.person.hold", "c-1",
		`{"user":"alice","by":"officer","case":"H-77","purpose":"court order"}`)
	request(officer, "command.officer.person.release", "c-2", `{"user":"alice","by":"officer","case":"H-77"}`)
	request(officer, "command.officer.person.forget", "c-3",
		`{"user":"alice","by":"officer","case":"F-77","purpose":"erasure request"}`)
	good := map[string]string{"user": `"alice"`, "account": `"a-1"`, "entity": `"user/alice"`, "seq": "2",
		"asOf": "4", "prefix": `"al"`}
	for _, role := range access.Roles() {
		from, isPermitted := s.connect(t, string(role)), role == access.Officer || role == access.Auditor
		for _, q := range natsQueries {
			if slices.Contains([]string{"events", "stats"}, q.name) ||
				strings.HasPrefix(q.name, "dead-letter") || !role.May(q.right) {
				continue
			}
			body := "{}"
			if value := good[q.member]; value != "" {
				body = `{"` + q.member + `":` + value + `}`
			}
			answer := request(from, "query."+from.name+"."+q.name, "", body)
			for _, mark := range []string{"H-77", "court order", "F-77", "erasure request"} {
				if strings.Contains(answer, mark) && !isPermitted {
					t.Errorf("query %s as %s: got %q, want none: %s", q.name, role, mark, answer)
				}
				if q.name == "timeline" && isPermitted && !strings.Contains(answer, mark) {
					t.Errorf("timeline as %s: got no %q, want it: %s", role, mark, answer)
				}
			}
			sees := slices.Contains([]access.Role{access.Support, access.Auditor}, role)
			if q.name == "lockout" && strings.Contains(answer, `"forgotten":`) != sees {
				t.Errorf("lockout state as %s: got %s, want the time of the erasure: %t", role, answer, sees)
			}
		}
	}
}
