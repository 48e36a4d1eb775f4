package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"authledger/cmd/internal/ingest"
	"authledger/domain"
	"authledger/eventstore/wire"
)

// helpDo prints the help of the command do, or of a type of command after it.
func (p *program) helpDo(c *cobra.Command, show func(*cobra.Command, []string), args []string) {
	types := c.Flags().Args()
	if len(types) == 0 {
		show(c, args)
		return
	}
	p.helpError = helpType(c, types[0])
}

// helpType prints the help of a type of command: its members and an example.
func helpType(c *cobra.Command, kind string) error {
	if !domain.ForClients(kind) {
		return unknownType(kind)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s.\n\nUsage:\n  authledger do %s key=value… [flags]\n\nMembers:\n", domain.CommandSummary(kind), kind)
	writeMembers(&b, domain.CommandMembers(kind))
	if len(domain.CommandPreparation(kind)) > 0 {
		b.WriteString("\nExample, after the commands that it needs in a new ledger:\n")
	} else {
		b.WriteString("\nExample:\n")
	}
	for _, line := range exampleLines(kind) {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	b.WriteString("\nSee `authledger do --help` for the flags and the other types.\n")
	_, err := io.WriteString(c.OutOrStdout(), b.String())
	return err
}

// writeMembers writes a paragraph for each member of a command: its name, whether the command
// needs it, its description, its format and the accepted values.
func writeMembers(b *strings.Builder, members []domain.Member) {
	width := 0
	for _, m := range members {
		width = max(width, len(m.Name))
	}
	const needWidth = len("required")
	indent := 2 + width + 2 + needWidth + 2
	for _, m := range members {
		need := "optional"
		if m.Form.Need {
			need = "required"
		}
		fmt.Fprintf(b, "  %-*s  %s", width, m.Name, need)
		separator := "  "
		for line := range strings.SplitSeq(text.WrapSoft(memberText(m), helpWidth-indent), "\n") {
			fmt.Fprintf(b, "%s%s\n", separator, strings.TrimRight(line, " "))
			separator = strings.Repeat(" ", indent)
		}
	}
}

// memberText returns the description of a member with its format and accepted values.
func memberText(m domain.Member) string {
	format := m.Format
	if m.Form.Personal {
		format += ", sealed"
	}
	switch {
	case len(m.Form.OneOf) > 0:
		return m.Description + " Accepted: " + strings.Join(m.Form.OneOf, ", ")
	case m.Kind == domain.FlagMember:
		return m.Description + " Accepted: true, false"
	}
	return m.Description + " Format: " + format
}

// exampleLines returns command lines that a shell can run: the commands that the example of a
// type needs in a new ledger, and the example.
func exampleLines(kind string) []string {
	var lines []string
	for _, data := range slices.Concat(domain.CommandPreparation(kind), []domain.CommandData{domain.CommandExample(kind)}) {
		lines = append(lines, exampleLine(data))
	}
	return lines
}

// exampleLine returns the command line of a command. A member that is a policy is in a file, which
// the line writes first.
func exampleLine(data domain.CommandData) string {
	values := make(map[string]json.RawMessage)
	if err := json.Unmarshal(wire.AppendData(nil, data), &values); err != nil {
		panic(err) // the encoder writes JSON objects only
	}
	before, words := "", []string{"authledger", "do", data.CommandType()}
	for _, m := range domain.CommandMembers(data.CommandType()) {
		value, isPresent := values[m.Name]
		if !isPresent {
			continue
		}
		word := string(value)
		var of string
		switch {
		case json.Unmarshal(value, &of) == nil:
			word = of
		case m.Kind == domain.ObjectMember && m.Name == "policy":
			before, word = "authledger policy show --preset "+domain.IBKRSLS().Version+" --json > policy.json && ", "@policy.json"
		}
		words = append(words, ingest.ShellWord(m.Name+"="+word))
	}
	return before + strings.Join(words, " ")
}
