package domain

import (
	"testing"
	"time"
)

func TestAuditRead(t *testing.T) {
	read := func(at time.Duration) step {
		return send(at, &AuditRead{Reader: "ann", Role: "auditor", Query: "/v1/lockouts", Purpose: "case 7",
			Reveal: true})
	}
	hold(t, IBKRSLS(), []rule{
		{"A-48 read is recorded and changes no state",
			given{times(9, fail(0))}, when{read(minute), fail(minute)},
			then{
				accepted, &AuditWasRead{},
				accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"},
				&LockoutStarted{Until: after(day + minute)}, lockedUntil(day + minute)}},
		{"A-48 late read has the clock of its own entity",
			given{read(minute)}, when{read(0)},
			then{accepted.late(minute), &AuditWasRead{}}},
	})
	if ForClients(auditReadType) || !ReservedSource(SystemSource) {
		t.Error("audit.read is a client command, want it reserved for the ledger")
	}
}

// The texts of a reader are recorded and shown, so each is one line of text.
func TestAuditReadIsOneLine(t *testing.T) {
	for _, bad := range []string{"a\nb", "a\rb", "\x1b[31m", "a\u202eb",
		string(make([]byte, purposeBytesMax+1))} {
		if auditPurposeForm.Wrong(bad) == "" || auditQueryForm.Wrong(bad+string(make([]byte,
			queryBytesMax))) == "" {
			t.Errorf("purpose %q is valid, want it rejected", bad)
		}
	}
	if wrong := auditPurposeForm.Wrong("complaint 2026-17, Ольга"); wrong != "" {
		t.Errorf("purpose \"complaint 2026-17, Ольга\": got %q, want it valid", wrong)
	}
}
