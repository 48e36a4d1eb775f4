package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"authledger/domain/explain"
	"authledger/domain/operations"
)

func newWhyCommand(p *program) *cobra.Command {
	var flags parameterFlags
	c := &cobra.Command{
		Use:   "why SEQ",
		Short: summary("why"),
		Long: `Explain a record: the verdict in plain English, the earlier records that the verdict
is based on, the policy that decided the command, and the arithmetic.

With --json the answer contains all that a reader needs to decide the command again. If the
limits applied to a withdrawal, the answer lists at most 100 withdrawals of the account and
the sum of each day. Use --after to list the next withdrawals.`,
		Example: "  authledger why 12",
		Args:    oneArgument("number of a record"),
		RunE: func(c *cobra.Command, args []string) error {
			v, err := flags.parse("why", args[0])
			if err != nil {
				return err
			}
			return p.why(c.Context(), v)
		},
	}
	flags.register(c.Flags(), "why", operations.After, operations.At, operations.AsOf)
	return c
}

func (p *program) why(ctx context.Context, v operations.Values) error {
	answer, err := p.query(ctx, "why", v)
	switch {
	case isNoRecordOf(err) && (v.Has(operations.At) || v.Has(operations.AsOf)):
		return fmt.Errorf("why record %d: not found at that moment: omit --at and --as-of", v.Number(operations.Seq))
	case isNoRecordOf(err):
		return p.noRecordError(ctx, "why", v.Number(operations.Seq))
	case errors.Is(err, explain.ErrNotReproducible):
		return fmt.Errorf("%w: run `authledger verify`", err)
	case err != nil:
		return err
	}
	return p.printer().ShowWhy(answer, v.Number(operations.After))
}
