package main

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"authledger/adapters/tokens/tokenstest"
	"authledger/cmd/internal/node"
	"authledger/domain/access"
)

// TestNATSCasesByRole sends each permitted query about a user with an ended hold and an erasure, as each
// role. Only an officer and an auditor receive cases, officers and purposes. The lockout state has the time
// of the erasure only for the roles that read the timeline.
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
	s.add(t, tokenstest.Spec{Name: "olga", Role: access.Officer, Rate: testRateMax})
	s.restart(t, node.Options{Log: quietLog})
	officer := s.connect(t, "olga")
	request(officer, "command.olga.person.hold", "K-77-1",
		`{"user":"alice","by":"olga","case":"H-77","purpose":"court order"}`)
	request(officer, "command.olga.person.release", "K-77-2", `{"user":"alice","by":"olga","case":"H-77"}`)
	request(officer, "command.olga.person.forget", "K-77-3",
		`{"user":"alice","by":"olga","case":"F-77","purpose":"erasure request"}`)
	marks := []string{"H-77", "court order", "F-77", "erasure request", "K-77", "olga"}
	for seq := uint64(2); seq <= 4; seq++ {
		record, err := s.Ledger.Record(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		marks = append(marks, hex.EncodeToString(record.Content[:]))
	}
	good := map[string]string{"user": `"alice"`, "account": `"a-1"`, "entity": `"user/alice"`, "asOf": "4",
		"prefix": `"al"`}
	for _, role := range access.Roles() {
		from, isPermitted := s.connect(t, string(role)), role == access.Officer || role == access.Auditor
		for _, q := range natsQueries {
			if slices.Contains([]string{"events", "stats"}, q.name) ||
				strings.HasPrefix(q.name, "dead-letter") || !role.May(q.right) {
				continue
			}
			answer := ""
			for _, seq := range []string{"2", "3", "4"} {
				good["seq"] = seq
				body := "{}"
				if value := good[q.member]; value != "" {
					body = `{"` + q.member + `":` + value + `}`
				}
				answer = request(from, "query."+from.name+"."+q.name, "", body)
				for _, mark := range marks {
					if strings.Contains(answer, mark) && !isPermitted {
						t.Errorf("query %s as %s: got %q, want none: %s", q.name, role, mark, answer)
					}
					if q.name == "timeline" && isPermitted && !strings.Contains(answer, mark) {
						t.Errorf("timeline as %s: got no %q, want it: %s", role, mark, answer)
					}
				}
				if q.member != "seq" {
					break
				}
			}
			sees := slices.Contains([]access.Role{access.Support, access.Auditor}, role)
			if q.name == "lockout" && strings.Contains(answer, `"forgotten":`) != sees {
				t.Errorf("lockout state as %s: got %s, want the time of the erasure: %t", role, answer, sees)
			}
		}
	}
}
