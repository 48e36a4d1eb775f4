package main

import (
	"io"
	"strings"
	"testing"

	"authledger/domain/operations"
)

// Every row of the table of operations has a command. The commands that show state have
// the summary of the row and a flag for each parameter that the command line accepts.
func TestEveryOperationHasCommand(t *testing.T) {
	root := newRootCommand(newProgram(nil, io.Discard, io.Discard, func(string) string { return "" }))
	for _, o := range operations.All() {
		c, rest, err := root.Find(strings.Fields(o.Command))
		if err != nil || len(rest) > 0 || c == root {
			t.Errorf("operation %s: got no command %q, want one", o.Name, o.Command)
			continue
		}
		if !strings.HasPrefix(o.Command, "show ") || o.Name == "account-timeline" {
			continue // show timeline has the summary of the users' timeline
		}
		if c.Short != o.Summary {
			t.Errorf("%s: got short help %q, want %q", o.Command, c.Short, o.Summary)
		}
		for _, name := range []string{operations.At, operations.AsOf, operations.Limit, operations.After} {
			if p := o.Parameter(name); p != nil && c.Flags().Lookup(p.Flag()) == nil {
				t.Errorf("%s: got no flag --%s, want one", o.Command, p.Flag())
			}
		}
	}
}
