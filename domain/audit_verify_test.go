package domain

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestAuditVerify(t *testing.T) {
	verify := func(at time.Duration, result VerificationResult, to, fault int64) step {
		return send(at, &AuditVerify{Verifier: "op", Role: "operator", Result: result, From: 1, To: to,
			Fault: fault})
	}
	hold(t, IBKRSLS(), []rule{
		{"A-48 verification is recorded and changes no state",
			given{times(9, fail(0))},
			when{verify(minute, VerificationIntact, 9, 0), verify(minute, VerificationDamaged, 0, 4),
				verify(minute, VerificationStopped, 0, 0), fail(minute)},
			then{
				accepted, &AuditVerified{Result: VerificationIntact, To: 9},
				accepted, &AuditVerified{Result: VerificationDamaged},
				accepted, &AuditVerified{Result: VerificationStopped},
				accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"},
				&LockoutStarted{Until: after(day + minute)}, lockedUntil(day + minute)}},
	})
	wrong := readJSON(map[string]any{
		"verifier": "op", "role": "operator", "result": "perfect", "from": json.Number("1"),
	}, new(AuditVerify))
	if len(wrong) != 1 || !strings.HasPrefix(wrong[0], "result: ") {
		t.Errorf("unknown result: got %q, want an error of the member result", wrong)
	}
	if ForClients(auditVerifyType) {
		t.Error("audit.verify is a client command, want it reserved for the ledger")
	}
}
