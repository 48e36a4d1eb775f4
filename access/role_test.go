package access

import (
	"slices"
	"strings"
	"testing"

	"authledger/domain"
)

// expected is who may do what, written down a second time: a letter a role, in the
// order gateway, importer, support, officer, auditor, dashboard, operator.
const expected = `
login.begin        G I - - - - -
login.finish       G I - - - - -
login.report       G I - - - - -
lockout.release    - I S - - - -
identity.record    G I - - - - -
identity.verify    - I S - - - -
device.request     G I - - - - -
device.ship        G I S - - - -
device.activate    G I - - - - -
device.deactivate  G I S - - - -
device.add_user    G I - - - - -
device.change_pin  G I - - - - -
device.reset_pin   - I S - - - -
code.issue         G I S - - - -
code.redeem        G I - - - - -
code.revoke        G I S - - - -
sharing.request    G I - - - - -
sharing.review     - I - O - - -
sharing.cancel     G I S - - - -
withdrawal.request G I - - - - -
withdrawal.settle  G I - - - - -
withdrawal.cancel  G I S - - - -
policy.adopt       - - - O - - P
gate_login         G - - - - - -
read_lockout       G - S - A D -
read_lockouts      - - S - A D -
read_devices       G - S O A D -
read_codes         G - S - A - -
read_sharings      G - S O A - -
read_withdrawals   G - S O A D -
read_troubleshoot  - - S - A - -
read_timeline      - - S O A - -
read_records       - - - - A - -
read_why           - - - O A - -
read_policy        G I S O A D P
read_metrics       - - - - - D P
read_feed          - - - - A D -
read_letters       - - - - - - P
retry_letters      - - - - - - P
reveal             - - S - A - -
`

// TestEveryCell compares the table with what is expected, cell by cell.
func TestEveryCell(t *testing.T) {
	cells, allowed, rows := 0, 0, map[Right]bool{}
	for line := range strings.Lines(strings.TrimSpace(expected)) {
		fields := strings.Fields(line)
		right := Right(strings.ReplaceAll(fields[0], "_", " "))
		if domain.ForClients(fields[0]) {
			right = Right(fields[0])
		}
		rows[right] = true
		for i, role := range Roles() {
			want := fields[1+i] != "-"
			if got := role.May(right); got != want {
				t.Errorf("%s may %s: %t, want %t", role, right, got, want)
			}
			cells++
			if want {
				allowed++
			}
		}
		for _, nobody := range []Role{"", "admin", "Gateway"} {
			if nobody.May(right) {
				t.Errorf("the role %q may %s", nobody, right)
			}
		}
		if !Open.May(right) {
			t.Errorf("a demonstration may not %s", right)
		}
	}
	for _, right := range Rights() {
		if !rows[right] {
			t.Errorf("nobody expects the right %s", right)
		}
	}
	for _, kind := range domain.ClientCommands() {
		if !rows[Right(kind)] {
			t.Errorf("the command %s stands in no row: nobody could give it", kind)
		}
	}
	if Open.May("timer.fire") || Gateway.May("audit.read") || slices.Contains(Roles(), Open) {
		t.Error("what is no right is had, or a token could be open")
	}
	t.Logf("%d cells of %d rights and %d roles, %d of them allowed", cells, len(rows), len(Roles()), allowed)
}

// TestOnBehalf is A-45: who may be named by whom.
func TestOnBehalf(t *testing.T) {
	release := func(agent string) domain.CommandData { return &domain.LockoutRelease{User: "alice", Agent: agent} }
	review := func(officer string) domain.CommandData {
		return &domain.SharingReview{Sharing: "s", Officer: officer, Decision: "approve"}
	}
	cancel := func(by string) domain.CommandData { return &domain.SharingCancel{Sharing: "s", By: by} }
	issue := func(agent string) domain.CommandData {
		return &domain.CodeIssue{User: "alice", Code: "c", Kind: "sms", Agent: agent}
	}
	for _, c := range []struct {
		says    string
		role    Role
		persons []string
		data    domain.CommandData
		ok      bool
	}{
		{"support releases in its own name", Support, nil, release("me"), true},
		{"and in no other", Support, nil, release("ann"), false},
		{"but in those it was given", Support, []string{"bo", "ann"}, release("ann"), true},
		{"or in anybody's", Support, []string{Anyone}, release("ann"), true},
		{"a gateway releases nothing", Gateway, []string{Anyone}, release("me"), false},
		{"an officer reviews in its own name", Officer, nil, review("me"), true},
		{"and in no other", Officer, nil, review("olga"), false},
		{"support reviews nothing", Support, []string{Anyone}, review("me"), false},
		{"a customer cancels through a gateway", Gateway, nil, cancel("alice"), true},
		{"which is not the support desk", Gateway, []string{Anyone}, cancel("support"), false},
		{"support is", Support, nil, cancel("support"), true},
		{"and names nobody else", Support, nil, cancel("alice"), false},
		{"an importer tells of everybody", Importer, nil, cancel("support"), true},
		{"a gateway issues a code for nobody in particular", Gateway, nil, issue(""), true},
		{"not in an agent's name", Gateway, nil, issue("ann"), false},
		{"an officer adopts in its own name", Officer, nil, &domain.PolicyAdopt{By: "me"}, true},
		{"an operator in no other", Operator, nil, &domain.PolicyAdopt{By: "olga"}, false},
	} {
		caller := Caller{Name: "me", Role: c.role, Source: "src", Persons: c.persons}
		err := caller.Admits(&domain.Command{Source: "src", Data: c.data})
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.says, err)
		}
		if err := caller.Admits(&domain.Command{Source: "other", Data: c.data}); err == nil {
			t.Errorf("%s: also under another source", c.says)
		}
	}
}
