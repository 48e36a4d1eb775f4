package httpapi

import (
	"slices"
	"testing"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore/wire"
)

// TestShown_CasesByRole checks that a role without the list of the cases gets
// only the user of a person.* command, and each other record unchanged.
func TestShown_CasesByRole(t *testing.T) {
	for _, role := range append(access.Roles(), access.Open, access.Local) {
		isPermitted := slices.Contains(
			[]access.Role{access.Officer, access.Auditor, access.Open, access.Local}, role)
		for _, data := range []domain.CommandData{
			&domain.PersonHold{User: "carol", Case: "L-1", By: "olga", Purpose: "court order"},
			&domain.PersonRelease{User: "carol", Case: "L-1", By: "olga", Purpose: "court order"},
			&domain.PersonForget{User: "carol", Case: "L-1", By: "olga", Purpose: "court order"},
		} {
			r := domain.Record{Seq: 7, Command: domain.Command{Data: data}}
			shown := role.Shown(&r)
			want := string(wire.AppendData(nil, data))
			if !isPermitted {
				want = `{"user":"carol"}`
			}
			if got := string(wire.AppendData(nil, shown.Command.Data)); got != want || r.Command.Data != data {
				t.Errorf("%s as %s: got %s, want %s, and the record unchanged", data.CommandType(), role, got, want)
			}
			if shown.Seq != 7 || shown.Command.Data.CommandType() != data.CommandType() {
				t.Errorf("%s as %s: got %+v, want the number and the type", data.CommandType(), role, shown)
			}
		}
		revoke := &domain.CodeRevoke{User: "carol", Code: "c", By: "ann"}
		other := domain.Record{Command: domain.Command{Data: revoke}}
		if role.Shown(&other) != &other {
			t.Errorf("code.revoke as %s: got another record, want the same", role)
		}
	}
}
