package access

//go:generate go test . -run Rights -update

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authledger/domain"
	"authledger/domain/operations"
)

var update = flag.Bool("update", false,
	"write testdata/rights.txt and docs/operations.md: read the difference")

// TestRights compares the table of rights with testdata/rights.txt, so that a change of a right
// is visible in a review. A row has a capital for each role that has the right, in the order gateway,
// importer, support, officer, auditor, dashboard, operator.
func TestRights(t *testing.T) {
	letters := map[Role]string{
		Gateway: "G", Importer: "I", Support: "S", Officer: "O", Auditor: "A", Dashboard: "D", Operator: "P",
	}
	var got strings.Builder
	for _, right := range Rights() {
		fmt.Fprintf(&got, "%-18s", strings.ReplaceAll(string(right), " ", "_"))
		for _, role := range Roles() {
			letter := "-"
			if role.May(right) {
				letter = letters[role]
			}
			got.WriteString(" " + letter)
		}
		got.WriteString("\n")
		for _, unknown := range []Role{"", "admin", "Gateway"} {
			if unknown.May(right) {
				t.Errorf("role %q: May(%s) = true, want false", unknown, right)
			}
		}
		for _, role := range []Role{Open, Local} {
			if !role.May(right) {
				t.Errorf("role %s: May(%s) = false, want true", role, right)
			}
		}
	}
	path := filepath.Join("testdata", "rights.txt")
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s: run go test ./domain/access -run Rights -update and read the difference (-want +got)\n%s",
			path, diff)
	}
}

// TestRights_Documented compares the table of permissions in docs/operations.md with the code.
func TestRights_Documented(t *testing.T) {
	var table strings.Builder
	table.WriteString("\n| command or query | effect | roles |\n|---|---|---|\n")
	addRow := func(name, summary string, right Right) {
		var roles []string
		for _, role := range Roles() {
			if role.May(right) {
				roles = append(roles, string(role))
			}
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", name, summary, strings.Join(roles, ", "))
	}
	for _, kind := range domain.ClientCommands() {
		addRow(kind, domain.CommandSummary(kind), Right(kind))
	}
	for _, o := range operations.All() {
		addRow(o.Name, o.Summary, Right(o.Right))
	}
	table.WriteString("\n")
	path := filepath.Join("..", "..", "docs", "operations.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, hasBegin := strings.Cut(string(page), "<!-- permissions -->\n")
	got, after, hasEnd := strings.Cut(rest, "<!-- end of permissions -->\n")
	if !hasBegin || !hasEnd {
		t.Fatalf("%s: got no marks of the table of permissions, want both", path)
	}
	if *update {
		got = table.String()
		text := before + "<!-- permissions -->\n" + got + "<!-- end of permissions -->\n" + after
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(table.String(), got); diff != "" {
		t.Errorf("%s: run go test ./domain/access -run Rights -update and read the difference (-want +got)\n%s",
			path, diff)
	}
}

func TestRights_EveryCommandHasARow(t *testing.T) {
	for _, kind := range domain.ClientCommands() {
		if !slices.Contains(Rights(), Right(kind)) {
			t.Errorf("command %s: got no row in the table of rights, want one", kind)
		}
	}
	if Open.May("timer.fire") || Gateway.May("audit.read") || Local.May("audit.read") ||
		slices.Contains(Roles(), Open) || slices.Contains(Roles(), Local) {
		t.Error("rights: got timer.fire or audit.read of a role, or the role open or local of a token, want none")
	}
}

// TestCallerNamesPerson checks the persons that each role may name in a command.
func TestCallerNamesPerson(t *testing.T) {
	release := func(agent string) domain.CommandData {
		return &domain.LockoutRelease{User: "alice", Agent: agent}
	}
	review := func(officer string) domain.CommandData {
		return &domain.SharingReview{Sharing: "s", Officer: officer, Decision: "approve"}
	}
	cancel := func(by string) domain.CommandData { return &domain.SharingCancel{Sharing: "s", By: by} }
	issue := func(agent string) domain.CommandData {
		return &domain.CodeIssue{User: "alice", Code: "c", Kind: "sms", Agent: agent}
	}
	for _, c := range []struct {
		name    string
		role    Role
		persons []string
		data    domain.CommandData
		ok      bool
	}{
		{"support names itself in a release", Support, nil, release("me"), true},
		{"another person without permission", Support, nil, release("ann"), false},
		{"support names a person of its token", Support, []string{"bo", "ann"}, release("ann"), true},
		{"support names any person", Support, []string{Anyone}, release("ann"), true},
		{"gateway requests a release", Gateway, []string{Anyone}, release("me"), false},
		{"officer names itself in a review", Officer, nil, review("me"), true},
		{"another person without permission", Officer, nil, review("olga"), false},
		{"support requests a review", Support, []string{Anyone}, review("me"), false},
		{"gateway names a customer in a cancellation", Gateway, nil, cancel("alice"), true},
		{"gateway names the support desk", Gateway, []string{Anyone}, cancel("support"), false},
		{"support names the support desk", Support, nil, cancel("support"), true},
		{"support names a customer", Support, nil, cancel("alice"), false},
		{"importer names the support desk", Importer, nil, cancel("support"), true},
		{"gateway issues a code without an agent", Gateway, nil, issue(""), true},
		{"gateway issues a code with an agent", Gateway, nil, issue("ann"), false},
		{"officer names itself in an adoption", Officer, nil, &domain.PolicyAdopt{By: "me"}, true},
		{"operator names another person in an adoption", Operator, nil, &domain.PolicyAdopt{By: "olga"}, false},
	} {
		caller := Caller{Name: "me", Role: c.role, Source: "src", Persons: c.persons}
		err := caller.Admits(&domain.Command{Source: "src", Data: c.data})
		if (err == nil) != c.ok {
			t.Errorf("%s: got error %v, want permitted %t", c.name, err, c.ok)
		}
		if err := caller.Admits(&domain.Command{Source: "other", Data: c.data}); err == nil {
			t.Errorf("%s: got no error for another source, want one", c.name)
		}
	}
}

// A local caller is not bound to one source or person, and its name is no name of a token.
func TestLocalCaller(t *testing.T) {
	c := LocalCaller("ann")
	for _, source := range []string{"cli", "local/ann", "gateway/portal"} {
		if err := c.Admits(&domain.Command{Source: source, Data: &domain.PolicyAdopt{By: "olga"}}); err != nil {
			t.Errorf("source %s: got error %v, want none", source, err)
		}
	}
	if c.Name != "local/ann" || domain.WrongID(c.Name) == "" {
		t.Errorf("got the name %q, want local/ann, which is no id", c.Name)
	}
}
