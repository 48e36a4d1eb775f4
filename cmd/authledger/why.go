package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/domain/explain"
	"authledger/domain/operations"
	"authledger/eventstore/wire"
	"authledger/projections"
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
			return p.withView(c.Context(), func(n *node.View) error {
				return p.why(c.Context(), n, v.Number(operations.Seq), v.Number(operations.After))
			})
		},
	}
	flags.register(c.Flags(), "why", operations.After)
	return c
}

func (p *program) why(ctx context.Context, n *node.View, seq, after uint64) error {
	w, err := n.Queries.Why(ctx, seq, after)
	switch last := n.Rows.Position().Seq; {
	case errors.Is(err, projections.ErrAhead) && last == 0:
		return errors.New("why: the ledger has no records")
	case errors.Is(err, projections.ErrAhead):
		return fmt.Errorf("why record %d: not found: the newest record is %d", seq, last)
	case errors.Is(err, explain.ErrNotReproducible):
		return fmt.Errorf("%w: run `authledger verify`", err)
	case err != nil:
		return err
	}
	if p.set.json {
		return p.printer().WriteJSON(json.RawMessage(wire.AppendData(nil, w)))
	}
	_, err = fmt.Fprint(p.out, render.WhyText(w, after))
	return err
}
