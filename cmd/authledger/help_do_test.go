package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// TestHelpOfTypeListsMembers checks that the help of each type of command lists each member with its
// description and the accepted values.
func TestHelpOfTypeListsMembers(t *testing.T) {
	for _, kind := range domain.ClientCommands() {
		out, _ := helped(t, "do "+kind+" --help", exitDone)
		if other, _ := helped(t, "help do "+kind, exitDone); other != out {
			t.Errorf("help do %s: got other text than do %[1]s --help, want the same\n%s", kind, other)
		}
		words := strings.Join(strings.Fields(out), " ") // lines are wrapped
		for _, m := range domain.CommandMembers(kind) {
			need := map[bool]string{true: "required", false: "optional"}[m.Form.Need]
			for _, want := range []string{m.Name + " " + need + " " + m.Description,
				strings.Join(m.Form.OneOf, ", "), m.Format} {
				if !strings.Contains(words, want) {
					t.Errorf("do %s --help: got no %q, want it\n%s", kind, want, out)
				}
			}
		}
	}
}

// TestHelpOfTypeExampleIsAccepted checks that a new ledger accepts each command line below the heading
// Example, for each type of command.
func TestHelpOfTypeExampleIsAccepted(t *testing.T) {
	t.Chdir(t.TempDir())
	policy := wire.AppendData(nil, domain.IBKRSLS())
	if err := os.WriteFile("policy.json", policy, 0o600); err != nil {
		t.Fatal(err)
	}
	p := newProgram(nil, nil, nil, os.Getenv)
	for _, kind := range domain.ClientCommands() {
		out, _ := helped(t, "do "+kind+" --help", exitDone)
		lines := regexp.MustCompile(`(?m)^  .*authledger do (.*)$`).FindAllStringSubmatch(out, -1)
		if len(lines) < 2 || !strings.HasPrefix(lines[len(lines)-1][1], kind+" ") {
			t.Errorf("do %s --help: got %d command lines, want the usage and an example at the end", kind, len(lines))
			continue
		}
		ledger := domain.NewFolded(domain.IBKRSLS())
		for i, line := range lines[1:] { // the first is the usage
			words := strings.Fields(strings.ReplaceAll(line[1], "'", "")) // no word contains a blank
			at := time.Date(2026, 3, 2, 15, 0, i, 0, time.UTC)
			r := request{id: "e", source: "cli", time: at.Format(time.RFC3339)}
			asked, err := r.command(p, words[0], words[1:])
			if err != nil || asked.rejection != nil {
				t.Errorf("%s: got %v, %+v, want a valid command", line[1], err, asked.rejection)
				break
			}
			c := asked.command
			c.Arrived = c.Time
			d, err := domain.Decide(ledger, &c)
			if err != nil || d.Status != domain.Accepted {
				t.Errorf("%s: got %v, %s %s %s, want accepted", line[1], err, d.Status, d.Reason, d.Detail)
				break
			}
			record := domain.Record{Seq: uint64(i) + 1, Command: c, Entities: d.Entities, Time: d.Time,
				Policy: d.Policy, Status: d.Status, Result: d.Result, Events: d.Events}
			if _, err := ledger.Take(&record); err != nil {
				t.Fatal(err)
			}
		}
	}
}
