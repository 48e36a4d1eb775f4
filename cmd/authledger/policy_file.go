package main

import (
	"encoding/json"
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"authledger/domain"
	"authledger/eventstore/wire"
)

func newPolicyValidateCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "validate FILE", Short: "is this a policy that can be adopted, and if not, why not",
		Long: `Judge a policy document as policy.adopt does, without a ledger. Its label may
still be taken in a ledger, by a policy with other numbers.`,
		Args: oneArgument("policy file"),
		RunE: func(_ *cobra.Command, args []string) error {
			policy, err := readPolicy(args[0])
			if err != nil {
				return err
			}
			return p.answer(map[string]string{"valid": policy.Version}, func() table.Writer {
				t := newTable()
				t.AppendRow(table.Row{"valid", policy.Version})
				return t
			})
		},
	}
}

func newPolicyAdoptCommand(p *program) *cobra.Command {
	var r request
	var by, preset string
	c := &cobra.Command{
		Use: "adopt FILE", Short: "put a policy in force from the next record on",
		Long: `Record a whole policy, in force from the next record on. What was decided before
stands, and so do deadlines that are set; counts are read with the new numbers
at the next command. A label is taken for good by the numbers adopted under it.`,
		Example: `  authledger policy show --json > policy.json
  authledger policy adopt policy.json --by officer.olga
  authledger policy adopt --preset posix-host --by officer.olga`,
		Args: func(_ *cobra.Command, args []string) error {
			if (len(args) == 1) == (preset != "") {
				return usagef("adopt which policy? give a FILE, or --preset NAME")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			policy, err := r.policy(args, preset)
			if err != nil {
				return err
			}
			command, err := r.command(p, "policy.adopt", []string{"by=" + by, "policy=" + string(wire.AppendData(nil, policy))})
			if err != nil {
				return err
			}
			return p.do(c.Context(), command)
		},
	}
	c.Flags().StringVar(&by, "by", cliCaller, "`WHO` adopts it")
	c.Flags().StringVar(&preset, "preset", "", "`NAME` of a policy that ships with the ledger")
	c.Flags().StringVar(&r.id, "id", "", "`ID` of the command, for giving it again (default a new one)")
	c.Flags().StringVar(&r.source, "source", "cli", "`SOURCE` of the command; with the id it names the command for ever")
	return c
}

func (r *request) policy(args []string, preset string) (*domain.Policy, error) {
	if preset != "" {
		return findPreset(preset)
	}
	return readPolicy(args[0])
}

// readPolicy reads a policy document as strictly as a command.
func readPolicy(path string) (*domain.Policy, error) {
	document, err := readDocument(path)
	if err != nil {
		return nil, fmt.Errorf("read the policy: %w", err)
	}
	policy := new(domain.Policy)
	if wrong := wire.ReadData(document.(json.RawMessage), policy); wrong != nil {
		return nil, fmt.Errorf("%s is no policy: %w", path, wrong)
	}
	return policy.Compiled(), nil
}
