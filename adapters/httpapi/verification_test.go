package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
	"authledger/eventstore/audit"
)

// TestVerificationIsReported checks the result in /readyz after a verification.
func TestVerificationIsReported(t *testing.T) {
	damage := &eventstore.Fault{Stream: 3, Seq: 5, Err: errors.New("damaged")}
	for _, test := range []struct {
		name   string
		err    error
		result string
		seq    uint64
		fault  int64
		ended  string
	}{
		{"intact", nil, audit.Intact, 7, 0, "done"},
		{"fault", damage, audit.Damaged, 0, 5, "fault"},
		{"unreadable", errors.New("i/o error"), audit.Failed, 0, 0, "failed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newTaskServer(t, func(context.Context, func(any) error) (any, error) { return 7, test.err })
			if got := s.server.Readiness().Verification; got != nil {
				t.Errorf("before the verification: got %+v, want none", got)
			}
			s.request(access.Operator, "POST", "/v1/verify", "").want(t, 200, "")
			s.wantVerification(t, "operator", test.ended, domain.AuditVerify{Verifier: "operator", Role: "operator",
				Result: domain.VerificationResult(test.result), From: 1, To: int64(test.seq), Fault: test.fault})
			got := s.server.Readiness().Verification
			if got == nil || got.Result != test.result || got.Seq != test.seq || got.Time.IsZero() ||
				got.Record != s.rows.Position().Seq {
				t.Errorf("got %+v, want %s up to record %d, in the last record", got, test.result, test.seq)
			}
			var document any
			if err := json.Unmarshal(s.server.document, &document); err != nil {
				t.Fatal(err)
			}
			checker := schemaChecker{t, document}
			checker.check("Readiness", s.request("", "GET", "/readyz", "").body, true)
		})
	}
}

// TestVerificationInBackground checks that a verification runs alone, reports its progress, and ends with
// the server, which keeps the earlier result.
func TestVerificationInBackground(t *testing.T) {
	started := make(chan struct{})
	s := newTaskServer(t, func(ctx context.Context, _ func(any) error) (any, error) {
		close(started)
		<-ctx.Done()
		return nil, ctx.Err()
	})
	caller := &access.Caller{Name: "op", Role: access.Operator}
	if !s.server.StartVerification(caller) {
		t.Fatal("start a verification: got false, want true")
	}
	<-started
	at, last := s.server.Verification().At, s.server.Verification().Last
	if got := s.server.Verification().Result; got != audit.Running || at != 1 || last != 2 {
		t.Errorf("got %s at commit %d of %d, want running at 1 of 2", got, at, last)
	}
	if s.server.StartVerification(caller) {
		t.Error("start a second verification: got true, want false")
	}
	s.server.Drain()
	s.server.AwaitTasks()
	s.wantVerification(t, "op", "stopped", domain.AuditVerify{Verifier: "op", Role: "operator",
		Result: domain.VerificationStopped, From: 1})
	if got := s.server.Verification(); got != nil {
		t.Errorf("after a stopped verification: got %+v, want none", got)
	}
}

var systemAudit = []domain.Entity{domain.SystemAudit}

// wantVerification checks that the log names the caller of a verification at its start and its end,
// and that the last record is the record of its end.
func (s *testServer) wantVerification(t *testing.T, caller, ended string, want domain.AuditVerify) {
	t.Helper()
	task := `"caller":"` + caller + `","task":"verify"`
	for _, want := range []string{
		`"msg":"a caller starts a task",` + task,
		`"msg":"a task has ended",` + task + `,"result":"` + ended + `"`,
	} {
		if got := s.log.String(); !strings.Contains(got, want) {
			t.Errorf("log: got %s, want %s", got, want)
		}
	}
	record, err := s.ledger.Record(t.Context(), s.rows.Position().Seq)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := record.Command.Data.(*domain.AuditVerify)
	if !ok || *got != want || record.Command.Caller != caller || record.Status != domain.Accepted ||
		record.Command.Source != domain.SystemSource || !slices.Equal(record.Entities, systemAudit) {
		t.Errorf("record: got %+v, want %+v of %s, from %s, of %s", record, want, caller,
			domain.SystemSource, systemAudit)
	}
}

// TestVerification_NotRecorded checks that an intact log whose verification is not recorded is no
// success, and that a fault is reported all the same.
func TestVerification_NotRecorded(t *testing.T) {
	damage := &eventstore.Fault{Stream: 3, Seq: 5, Err: errors.New("damaged")}
	for want, err := range map[string]error{
		`"detail":"the log is intact, but the ledger could not record the verification`: nil,
		`"detail":"damaged","fault":{"stream":3,"seq":5}`:                               damage,
	} {
		var s *testServer
		s = newTaskServer(t, func(context.Context, func(any) error) (any, error) {
			s.server.node.Store(nil) // the ledger accepts no command any more
			return 7, err
		})
		s.request(access.Operator, "POST", "/v1/verify", "").want(t, 200, want)
		const logged = `"msg":"a verification was not recorded","caller":"operator"`
		if got := s.log.String(); !strings.Contains(got, logged) {
			t.Errorf("log: got %s, want %s", got, logged)
		}
	}
}

// TestTask_LogNamesCaller checks that the log names the caller of each act, whatever its end.
func TestTask_LogNamesCaller(t *testing.T) {
	for _, end := range []struct {
		result string
		err    error
	}{
		{"done", nil},
		{"failed", errors.New("full")},
		{"fault", &eventstore.Fault{Stream: 3, Seq: 5, Err: errors.New("damaged")}},
	} {
		s := newTaskServer(t, func(context.Context, func(any) error) (any, error) { return 7, end.err })
		for i := range taskRoutes {
			to := &taskRoutes[i]
			may := func(r access.Role) bool { return r.May(to.right) }
			role := access.Roles()[slices.IndexFunc(access.Roles(), may)]
			body := ""
			if to.right == access.WhatIf {
				body = document(t)
			}
			s.request(role, to.method, to.path, body).want(t, 200)
			task := `"caller":"` + string(role) + `","task":"` + to.id + `"`
			for _, want := range []string{
				`"msg":"a caller starts a task",` + task,
				`"msg":"a task has ended",` + task + `,"result":"` + end.result + `"`,
			} {
				if got := s.log.String(); !strings.Contains(got, want) {
					t.Errorf("log: got %s, want %s", got, want)
				}
			}
		}
	}
}
