package access_test

import (
	"strings"
	"testing"

	"authledger/domain"
	"authledger/domain/access"
)

// Each event type belongs to a family with a right, and a role sees an event exactly
// if it may read the state that the event changes.
func TestMaySeeCoversEveryEventType(t *testing.T) {
	for _, kind := range domain.EventTypes() {
		if !access.Auditor.MaySee(kind) {
			t.Errorf("auditor, event %s: got forbidden, want permitted: add its family to eventRights", kind)
		}
		family, _, _ := strings.Cut(kind, ".")
		want := map[string]access.Right{
			"device": access.ReadDevices, "login": access.ReadLockout, "lockout": access.ReadLockout,
			"policy": access.ReadPolicy, "withdrawal": access.ReadWithdrawals,
		}[family] != ""
		if got := access.Dashboard.MaySee(kind); got != want {
			t.Errorf("dashboard sees %s: got %t, want %t", kind, got, want)
		}
		for _, role := range []access.Role{access.Gateway, access.Importer, access.Support, access.Officer,
			access.Operator} {
			if role.MaySee(kind) {
				t.Errorf("%s, event %s: got permitted without the right %q, want forbidden", role, kind,
					access.ReadLiveEvents)
			}
		}
	}
	if access.Auditor.MaySee("unknown.event") {
		t.Error("auditor, event of an unknown family: got permitted, want forbidden")
	}
}
