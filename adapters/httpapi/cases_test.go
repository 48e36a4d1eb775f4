package httpapi

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"authledger/adapters/tokens/tokenstest"
	"authledger/domain/access"
)

// holdAndErase records two holds, their releases and an erasure of alice in the records 2 to 6, with the
// token of the officer olga. The ids contain the cases. It returns the texts that only an officer and an
// auditor may read.
func (s *testServer) holdAndErase() (marks []string) {
	s.t.Helper()
	s.reportFailures("alice", 1)
	token, err := s.tokens.Add(tokenstest.Spec{Name: "olga", Role: access.Officer, Rate: 1_000_000})
	if err != nil {
		s.t.Fatal(err)
	}
	s.token[access.Officer] = token
	for i, c := range []struct{ kind, members string }{
		{"person.hold", `"case":"H-77","purpose":"court order"`},
		{"person.release", `"case":"H-77","purpose":"end of the trial"`},
		{"person.hold", `"case":"H-78"`},
		{"person.release", `"case":"H-78"`},
		{"person.forget", `"case":"F-77","purpose":"erasure request"`},
	} {
		r := s.request(access.Officer, "POST", "/v1/commands/"+c.kind, `{"user":"alice","by":"olga",`+c.members+`}`,
			"Idempotency-Key", fmt.Sprint("K-77-", i))
		r.want(s.t, http.StatusOK, `"accepted"`)
		record, err := s.ledger.Record(s.t.Context(), uint64(i+2))
		if err != nil {
			s.t.Fatal(err)
		}
		marks = append(marks, hex.EncodeToString(record.Content[:]))
	}
	return append(marks, "H-77", "court order", "end of the trial", "H-78", "F-77", "erasure request", "K-77",
		`"by":"olga"`, `"caller":"olga"`, `"source":"officer/olga"`)
}

// wantNone checks that an answer contains none of the texts, as JSON and as CSV.
func (s *testServer) wantNone(role access.Role, path string, texts []string) {
	s.t.Helper()
	for _, accept := range []string{"application/json", "text/csv"} {
		r := s.request(role, "GET", path, "", "Accept", accept)
		for _, text := range append(texts, "olga") {
			if strings.Contains(r.body, text) {
				s.t.Errorf("%s %s as %s: got %q, want none: %s", accept, path, role, text, r.body)
			}
		}
	}
}

// TestCasesByRole requests each readable path about a user with a released hold and an erasure, as each
// role. Only an officer and an auditor see cases, officers and purposes, also in records and in CSV. The
// time of the erasure is in the lockout state for the roles that read the timeline.
func TestCasesByRole(t *testing.T) {
	s := newTestServer(t)
	marks := s.holdAndErase()
	for _, role := range access.Roles() {
		isPermitted := role == access.Officer || role == access.Auditor
		for i := range routes {
			to := &routes[i]
			if to.method != "GET" || to.takesCommands || to.right == "" || !role.May(to.right) {
				continue
			}
			for _, seq := range []string{"2", "3", "6"} {
				if path := strings.ReplaceAll(pathOf(to), "/records/1", "/records/"+seq); !isPermitted {
					s.wantNone(role, path, marks)
				}
			}
		}
		if !role.May(access.ReadRecords) {
			s.wantNone(role, "/v1/records?follow=true", marks)
			s.get(role, "/v1/records?follow=true").want(t, http.StatusForbidden)
		}
		if role.May(access.ReadTimeline) {
			r := s.get(role, "/v1/users/alice/timeline?limit=10")
			r.want(t, http.StatusOK, `"type":"person.hold"`, `"user":"alice"`, `"type":"person.forget"`)
			if isPermitted {
				r.want(t, http.StatusOK, marks...)
			}
			table := s.request(role, "GET", "/v1/users/alice/timeline?limit=10", "", "Accept", "text/csv")
			table.want(t, http.StatusOK, "person.hold", "gateway/gateway")
			if isPermitted {
				table.want(t, http.StatusOK, "officer/olga", "K-77-0")
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
