package access_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/domain/access"
)

// TestShown_CoversEveryPersonCommand checks that no type of person.* command shows its case to a role
// without rights.
func TestShown_CoversEveryPersonCommand(t *testing.T) {
	kinds := 0
	for _, kind := range domain.ClientCommands() {
		if !strings.HasPrefix(kind, "person.") {
			continue
		}
		kinds++
		r := domain.Record{Command: domain.Command{Data: domain.NewCommandData(kind)}}
		if access.Role("").Shown(&r) == &r {
			t.Errorf("%s: got the whole record, want it without the case: add the type to caseRights", kind)
		}
	}
	if kinds != 3 {
		t.Errorf("got %d types of person.* commands, want 3", kinds)
	}
}

func TestErasedAt_ByRole(t *testing.T) {
	at := time.Unix(1, 0)
	for _, role := range append(access.Roles(), access.Open, access.Local) {
		sees := !slices.Contains(
			[]access.Role{access.Gateway, access.Importer, access.Dashboard, access.Operator}, role)
		if got := role.ErasedAt(at); got.Equal(at) != sees || !sees && !got.IsZero() {
			t.Errorf("time of an erasure as %s: got %v, want it shown: %t", role, got, sees)
		}
	}
}
