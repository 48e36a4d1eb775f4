package access_test

import (
	"maps"
	"reflect"
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
			r := domain.Record{Seq: 7, Content: domain.Hash{1}, Command: domain.Command{
				Source: "officer/olga", ID: "L-1", Caller: "olga", Data: data}}
			before := r
			shown := role.Shown(&r)
			want := r
			if !isPermitted {
				want = domain.Record{Seq: 7, Command: domain.Command{Data: shown.Command.Data}}
			}
			if !reflect.DeepEqual(*shown, want) || !reflect.DeepEqual(r, before) {
				t.Errorf("%s as %s: got %+v, want %+v, and the record unchanged", data.CommandType(), role, shown, want)
			}
			members := textsOf(data)
			if !isPermitted {
				members = map[string]string{"user": "carol"}
			}
			if got := textsOf(shown.Command.Data); !maps.Equal(got, members) {
				t.Errorf("%s as %s: got the members %v, want %v", data.CommandType(), role, got, members)
			}
			if got := shown.Command.Data.CommandType(); got != data.CommandType() {
				t.Errorf("%s as %s: got the type %s, want it unchanged", data.CommandType(), role, got)
			}
		}
		revoke := &domain.CodeRevoke{User: "carol", Code: "c", By: "ann"}
		other := domain.Record{Command: domain.Command{Data: revoke}}
		if role.Shown(&other) != &other {
			t.Errorf("code.revoke as %s: got another record, want the same", role)
		}
	}
}

// textsOf returns the texts of a command by the names of its members.
func textsOf(data domain.Data) map[string]string {
	v := textVisitor{all: make(map[string]string)}
	data.Members(v)
	return v.all
}

// textVisitor collects texts. Its other methods panic, because a person.* command has only texts.
type textVisitor struct {
	domain.Visitor
	all map[string]string
}

func (v textVisitor) Text(name string, at *string, _ domain.Form) { v.all[name] = *at }
