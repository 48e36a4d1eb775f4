package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/cmd/internal/usage"
	"authledger/domain"
	"authledger/domain/operations"
	"authledger/eventstore/wire"
)

func newPolicyCommand(p *program) *cobra.Command {
	return newGroupCommand("policy", "Show, check, compare and adopt policies",
		newPolicyShowCommand(p), newPolicyPresetsCommand(p),
		newPolicyValidateCommand(p), newPolicyAdoptCommand(p), newPolicyWhatIfCommand(p))
}

func newPolicyShowCommand(p *program) *cobra.Command {
	var preset string
	var flags parameterFlags
	c := &cobra.Command{
		Use: "show", Short: "Show the policy in force, or a preset",
		Example: `  authledger policy show
  authledger policy show --as-of 2026-03-02T15:09:00Z
  authledger policy show --preset posix-host --json > policy.json`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			v, err := flags.parse("policy", "")
			if err != nil {
				return err
			}
			if preset != "" {
				if v.Has(operations.At) || v.Has(operations.AsOf) {
					return usagef("a preset does not change with time: give --preset, or --at and --as-of")
				}
				policy, err := findPreset(preset)
				if err != nil {
					return err
				}
				return p.showPolicy(policy)
			}
			exists, err := p.hasPolicy()
			if err != nil {
				return err
			}
			if !exists {
				p.warn("%s contains no ledger: this is the policy of a new ledger", p.set.Data)
				return p.showPolicy(domain.IBKRSLS())
			}
			return p.showPolicyInForce(c.Context(), v)
		},
	}
	flags.register(c.Flags(), "policy", operations.At, operations.AsOf)
	c.Flags().StringVar(&preset, "preset", "", "`NAME` of a preset, see `authledger policy presets`")
	return c
}

// hasPolicy reports whether a ledger exists that has a policy in force.
func (p *program) hasPolicy() (bool, error) {
	if p.isRemote() {
		return true, nil
	}
	if err := p.wantDirectory(); err != nil {
		return false, fmt.Errorf("%w, or see the policy of a new ledger with `authledger policy show --preset %s`", err, domain.IBKRSLS().Version)
	}
	return node.HasLedger(p.set.Data)
}

func (p *program) showPolicyInForce(ctx context.Context, v operations.Values) error {
	answer, err := p.query(ctx, "policy", v)
	if err != nil {
		return err
	}
	var of struct{ Policy json.RawMessage }
	if err := decodeAnswer(answer, &of); err != nil {
		return err
	}
	policy := new(domain.Policy)
	if wrong := wire.ReadData(of.Policy, policy); wrong != nil {
		return fmt.Errorf("decode the policy of the ledger: %w", wrong)
	}
	return p.showPolicy(policy.Compiled())
}

func newPolicyPresetsCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "presets", Short: "List the policies that are built in",
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			names := presetNames()
			return p.answer(map[string]any{"presets": names}, func() *render.Table {
				t := render.NewTable()
				for _, name := range names {
					t.AppendRow(render.Row{name})
				}
				return t
			})
		},
	}
}

// findPreset returns a preset by its label, with or without the version.
func findPreset(name string) (*domain.Policy, error) {
	for _, policy := range domain.Presets() {
		short, _, _ := strings.Cut(policy.Version, "@")
		if name == policy.Version || name == short {
			return policy, nil
		}
	}
	accepted := strings.Join(presetNames(), ", ")
	return nil, usagef("--preset %q: unknown preset%s", name, usage.OrSee(domain.DidYouMean(name, presetNames()), "accepted: "+accepted))
}

func presetNames() []string {
	var names []string
	for _, policy := range domain.Presets() {
		names = append(names, policy.Version)
	}
	return names
}

func (p *program) showPolicy(policy *domain.Policy) error {
	if p.set.JSON {
		_, err := fmt.Fprintf(p.out, "%s\n", wire.AppendData(nil, policy))
		return err
	}
	t := render.NewTable()
	for _, member := range render.Members(policy) {
		name, value, _ := strings.Cut(member, "=")
		t.AppendRow(render.Row{name, value})
	}
	return p.printer().WriteTable(t)
}

func newPolicyValidateCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "validate FILE", Short: "Check a policy document without a ledger",
		Long: `Check a policy document by the rules of policy.adopt, without a ledger.

  authledger policy validate policy.json

A ledger rejects a valid document if it has adopted the label of the document, such as
ibkr-sls@1, with other numbers.`,
		Args: oneArgument("policy file"),
		RunE: func(_ *cobra.Command, args []string) error {
			policy, err := readPolicy(args[0])
			if err != nil {
				return err
			}
			return p.answer(map[string]string{"valid": policy.Version}, func() *render.Table {
				t := render.NewTable()
				t.AppendRow(render.Row{"valid", policy.Version})
				return t
			})
		},
	}
}

func newPolicyAdoptCommand(p *program) *cobra.Command {
	var r request
	var by, preset string
	c := &cobra.Command{
		Use: "adopt FILE", Short: "Adopt a policy for the records from now on",
		Long: `Record a complete policy. It is in force from the next record on.

Earlier verdicts and existing deadlines do not change. From the next command on, the ledger
compares its counts with the limits of the new policy. The ledger rejects a policy whose
label, such as ibkr-sls@1, it has adopted with other numbers.`,
		Example: `  authledger policy show --json > policy.json
  authledger policy adopt policy.json --by officer.olga
  authledger policy adopt --preset posix-host --by officer.olga`,
		Args: func(_ *cobra.Command, args []string) error {
			if (len(args) == 1) == (preset != "") {
				return usagef("give one policy: a FILE or --preset NAME")
			}
			if by == "" {
				return usagef("--by is missing: give the id of the person who adopts the policy")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			policy, err := r.policy(args, preset)
			if err != nil {
				return err
			}
			if err := p.checkRequestFlags(c, &r); err != nil {
				return err
			}
			command, err := r.command(p, "policy.adopt", []string{"by=" + by, "policy=" + string(wire.AppendData(nil, policy))})
			if err != nil {
				return err
			}
			verdict, err := p.submit(c.Context(), command)
			if err != nil {
				return err
			}
			if verdict.Status == domain.Accepted {
				p.warn("policy %s is in force from record %d on", policy.Version, verdict.Seq+1)
			}
			return p.showVerdict(&verdict)
		},
	}
	c.Flags().StringVar(&by, "by", "", "`ID` of the person who adopts the policy (required)")
	c.Flags().StringVar(&preset, "preset", "", "`NAME` of a preset, see `authledger policy presets`")
	c.Flags().StringVar(&r.id, "id", "", "`ID` of the command: repeat it to submit the same command again (default a new id)")
	c.Flags().StringVar(&r.source, "source", "cli", "`SOURCE` of the command; source and id identify the command")
	return c
}

func (r *request) policy(args []string, preset string) (*domain.Policy, error) {
	if preset != "" {
		return findPreset(preset)
	}
	return readPolicy(args[0])
}

// readPolicy reads a policy document as strictly as [wire.ReadCommand] reads a command.
func readPolicy(path string) (*domain.Policy, error) {
	document, err := readDocument(path)
	if err != nil {
		return nil, fmt.Errorf("read the policy: %w", err)
	}
	policy := new(domain.Policy)
	if wrong := wire.ReadData(document.(json.RawMessage), policy); wrong != nil {
		return nil, fmt.Errorf("%s is not a policy: %w", path, wrong)
	}
	return policy.Compiled(), nil
}
