package main

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"authledger/domain"
	"authledger/eventstore/wire"
)

func newPolicyCommand(p *program) *cobra.Command {
	return newGroupCommand("policy", "the numbers and switches of the rules",
		newPolicyShowCommand(p), newPolicyPresetsCommand(p),
		newPolicyValidateCommand(p), newPolicyAdoptCommand(p), newPolicyWhatIfCommand(p))
}

func newPolicyShowCommand(p *program) *cobra.Command {
	var preset string
	c := &cobra.Command{
		Use: "show", Short: "the policy in force, or a preset; --json for a document to adopt",
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if preset != "" {
				policy, err := findPreset(preset)
				if err != nil {
					return err
				}
				return p.showPolicy(policy)
			}
			exists, err := p.hasLedger()
			if err != nil {
				return err
			}
			if !exists {
				p.warn("%s holds no ledger: this is what a new one decides by", p.set.data)
				return p.showPolicy(domain.IBKRSLS())
			}
			return p.withLedger(c.Context(), func(n *node) error { return p.showPolicy(n.rows.Policy()) })
		},
	}
	c.Flags().StringVar(&preset, "preset", "", "`NAME` of a policy that ships with the ledger")
	return c
}

func newPolicyPresetsCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "presets", Short: "the policies that ship with the ledger",
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			names := presetNames()
			return p.answer(names, func() table.Writer {
				t := newTable()
				for _, name := range names {
					t.AppendRow(table.Row{name})
				}
				return t
			})
		},
	}
}

// findPreset finds a preset by its label, or by its label without the version.
func findPreset(name string) (*domain.Policy, error) {
	for _, policy := range domain.Presets() {
		short, _, _ := strings.Cut(policy.Version, "@")
		if name == policy.Version || name == short {
			return policy, nil
		}
	}
	return nil, usagef("--preset %q: there are %s", name, strings.Join(presetNames(), ", "))
}

func presetNames() []string {
	var names []string
	for _, policy := range domain.Presets() {
		names = append(names, policy.Version)
	}
	return names
}

func (p *program) showPolicy(policy *domain.Policy) error {
	if p.set.json {
		_, err := fmt.Fprintf(p.out, "%s\n", wire.AppendData(nil, policy))
		return err
	}
	t := newTable()
	for _, member := range listMembers(policy) {
		name, value, _ := strings.Cut(member, "=")
		t.AppendRow(table.Row{name, value})
	}
	return p.writeTable(t)
}
