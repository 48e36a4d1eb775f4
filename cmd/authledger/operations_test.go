package main

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/domain/operations"
)

// TestEveryOperationHasCommand checks that every row of the table of operations has a command. The
// commands that show state have the summary of the row and a flag for each parameter that the
// command line accepts.
func TestEveryOperationHasCommand(t *testing.T) {
	root := newRootCommand(newProgram(nil, io.Discard, io.Discard, func(string) string { return "" }))
	for _, o := range operations.All() {
		c, rest, err := root.Find(strings.Fields(o.Command))
		if err != nil || len(rest) > 0 || c == root {
			t.Errorf("operation %s: got no command %q, want one", o.Name, o.Command)
			continue
		}
		isSecond := o.Name == "account-timeline" || strings.HasPrefix(o.Name, "all-")
		if !strings.HasPrefix(o.Command, "show ") || isSecond {
			continue // the command has the summary of its first operation
		}
		if c.Short != o.Summary {
			t.Errorf("%s: got short help %q, want %q", o.Command, c.Short, o.Summary)
		}
		for _, name := range shownParameters {
			p := o.Parameter(name)
			if p != nil && p.In == operations.InQuery && c.Flags().Lookup(p.Flag()) == nil {
				t.Errorf("%s: got no flag --%s, want one", o.Command, p.Flag())
			}
		}
	}
}

// TestFlagsOfParametersHaveOneParser checks that operations.Parse reads each flag that has the name of
// a parameter of the command's operation.
func TestFlagsOfParametersHaveOneParser(t *testing.T) {
	root, flags := newRootCommand(newProgram(nil, io.Discard, io.Discard, func(string) string { return "" })), 0
	for _, o := range operations.All() {
		c, _, err := root.Find(strings.Fields(o.Command))
		if err != nil {
			t.Fatal(err)
		}
		for i := range o.Parameters {
			p := &o.Parameters[i]
			flag := c.Flags().Lookup(p.Flag())
			if flag == nil || p.In != operations.InQuery {
				continue
			}
			if _, ok := flag.Value.(*flagText); !ok {
				t.Errorf("%s --%s: got a flag of type %T, want *flagText", o.Command, flag.Name, flag.Value)
			}
			flags++
		}
	}
	if flags < 40 {
		t.Errorf("got %d flags of parameters, want at least 40", flags)
	}
}

func TestFlagErrorsNameTheFlag(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"show lockout alice --at yesterday", `--at "yesterday": invalid value: want a time of RFC 3339`},
		{"show lockout alice --as-of never",
			`--as-of "never": invalid value, want a record number or an instant: `},
		{"show lockouts --limit 1001", `--limit "1001": invalid value, want a whole number from 1 to 1000`},
		{"show devices alice --after d-1",
			`--after "d-1": invalid value, want the member next of the previous page`},
		{"show timeline account/A-1 --limit x", `--limit "x": invalid value, want a whole number from 1 to 1000`},
		{"show sources --buckets=yes", `--buckets "yes": invalid value, want true or false`},
		{"show sources --at 2026-03-02T15:09:00Z", "does not accept --at: its counts are those of the whole log"},
		{"why 0", `SEQ "0": invalid value, want a whole number of at least 1`},
		{"why 1 --after -1", `--after "-1": invalid value, want a whole number of at least 0`},
		{"replay --from x", `--from "x": invalid value, want a whole number of at least 0`},
		{"replay --follow=1", `--follow "1": invalid value, want true or false`},
		{"dlq ls --limit 0", `--limit "0": invalid value, want a whole number from 1 to 1000`},
	} {
		var out, errs bytes.Buffer
		arguments := append([]string{"--data", t.TempDir()}, strings.Fields(c.line)...)
		code := run(t.Context(), arguments, strings.NewReader(""), &out, &errs, func(string) string { return "" })
		if code != exitUsage || out.Len() > 0 || !strings.Contains(errs.String(), c.want) {
			t.Errorf("%s: got exit code %d and %q, want %d and %q", c.line, code, errs.String(), exitUsage, c.want)
		}
	}
}

// TestDoListsEveryCommand checks that the help and the completion of do list each type of command with
// its summary.
func TestDoListsEveryCommand(t *testing.T) {
	for _, arguments := range [][]string{{"do", "--help"}, {"__complete", "do", ""}} {
		var out, errs bytes.Buffer
		code := run(t.Context(), arguments, strings.NewReader(""), &out, &errs, func(string) string { return "" })
		if code != exitDone {
			t.Fatalf("%v: got exit code %d, want %d: %s", arguments, code, exitDone, errs.String())
		}
		for _, kind := range domain.ClientCommands() {
			line := regexp.MustCompile(`(?m)^ *` + regexp.QuoteMeta(kind) + `\s+` +
				regexp.QuoteMeta(domain.CommandSummary(kind)) + `$`)
			if !line.MatchString(out.String()) {
				t.Errorf("%v: got no line of %s, want one with its summary: %s", arguments, kind, out.String())
			}
		}
	}
}
