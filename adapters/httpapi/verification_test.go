package httpapi

import (
	"context"
	"errors"
	"strings"
	"testing"

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
	}{
		{"intact", nil, audit.Intact, 7},
		{"fault", damage, audit.Damaged, 0},
		{"unreadable", errors.New("i/o error"), audit.Failed, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newTaskServer(t, func(context.Context, func(any) error) (any, error) { return 7, test.err })
			if got := s.server.Readiness().Verification; got != nil {
				t.Errorf("before the verification: got %+v, want none", got)
			}
			s.request(access.Operator, "POST", "/v1/verify", "").want(t, 200, "")
			s.wantVerificationLog(t, "operator", test.result)
			got := s.server.Readiness().Verification
			if got == nil || got.Result != test.result || got.Seq != test.seq || got.Time.IsZero() {
				t.Errorf("got %+v, want %s up to record %d", got, test.result, test.seq)
			}
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
	s.wantVerificationLog(t, "op", "stopped")
	if got := s.server.Verification(); got != nil {
		t.Errorf("after a stopped verification: got %+v, want none", got)
	}
}

// wantVerificationLog checks that the log names the caller of a verification at its start and end.
func (s *testServer) wantVerificationLog(t *testing.T, caller, result string) {
	t.Helper()
	name := `"caller":"` + caller + `"`
	for _, want := range []string{
		`"msg":"a caller verifies the log",` + name,
		`"msg":"a verification has ended",` + name + `,"result":"` + result + `"`,
	} {
		if got := s.log.String(); !strings.Contains(got, want) {
			t.Errorf("log: got %s, want %s", got, want)
		}
	}
}
