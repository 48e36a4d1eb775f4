package domain

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestCommandMembers_HaveDescriptions checks that the catalog describes each member of each command
// that clients may send, and no other member.
func TestCommandMembers_HaveDescriptions(t *testing.T) {
	used := make(map[string]bool)
	for _, kind := range ClientCommands() {
		for _, m := range CommandMembers(kind) {
			if !strings.HasSuffix(m.Description, ".") {
				t.Errorf("%s %s: got description %q, want a sentence", kind, m.Name, m.Description)
			}
			hasValues := len(m.Form.OneOf) > 0 || m.Kind == FlagMember
			if hasValues == (m.Format != "") {
				t.Errorf("%s %s: got format %q, want one only if the values are not listed", kind, m.Name, m.Format)
			}
			if _, special := memberTexts[kind+" "+m.Name]; special {
				used[kind+" "+m.Name] = true
			} else {
				used[m.Name] = true
			}
		}
	}
	for key := range memberTexts {
		if !used[key] {
			t.Errorf("memberTexts has the entry %q, want only entries of members of commands", key)
		}
	}
}

func TestCommandMembers_Kinds(t *testing.T) {
	for _, c := range []struct {
		commandType, member string
		want                MemberKind
		isRequired          bool
	}{
		{"login.report", "user", TextMember, true},
		{"login.report", "platform", TextMember, false},
		{"sharing.request", "review", FlagMember, false},
		{"policy.adopt", "policy", ObjectMember, true},
	} {
		members := CommandMembers(c.commandType)
		i := slices.IndexFunc(members, func(m Member) bool { return m.Name == c.member })
		if i < 0 || members[i].Kind != c.want || members[i].Form.Need != c.isRequired {
			t.Errorf("%s %s: got %v in %+v, want kind %d, required %t", c.commandType, c.member, i, members,
				c.want, c.isRequired)
		}
	}
	if got := CommandMembers("timer.fire"); got != nil {
		t.Errorf("timer.fire: got members %+v, want none, because clients may not send it", got)
	}
}

// TestCommandExamples_Accepted checks that a new ledger accepts the example of each command type after
// its preparation.
func TestCommandExamples_Accepted(t *testing.T) {
	for _, kind := range ClientCommands() {
		l := newLedger(IBKRSLS())
		all := append(slices.Clone(CommandPreparation(kind)), CommandExample(kind))
		for i, data := range all {
			c := Command{ID: string(rune('a' + i)), Source: "test", Data: data, Caller: "test"}
			c.Time = epoch.Add(time.Duration(i) * time.Second)
			c.Arrived = c.Time
			if d := l.do(c); d.Status != Accepted {
				t.Errorf("%s, command %d, %s: got %s %s %s, want accepted", kind, i+1, data.CommandType(), d.Status,
					d.Reason, d.Detail)
			}
		}
	}
	for kind := range preparations {
		if !ForClients(kind) {
			t.Errorf("preparations has an entry for %q, which clients may not send", kind)
		}
	}
}
