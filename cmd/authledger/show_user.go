package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/projections/queries"
)

// subject is a query about a user or an account.
type subject[A any] struct {
	operation             string // name in the table of operations
	argument, description string // name of the argument in the usage text, and in errors
	want                  func(*node.View, string) error
	ask                   func(q *queries.Queries, ctx context.Context, name string, at time.Time, asOf *uint64, of queries.Page) (A, error)
	show                  func(render.Printer, A) error
}

// newSubjectCommand returns the command of a query, with flags for the moment and the page.
func newSubjectCommand[A any](p *program, s subject[A]) *cobra.Command {
	var flags parameterFlags
	c := &cobra.Command{
		Use: s.operation + " " + s.argument, Short: summary(s.operation), Args: oneArgument(s.description),
		RunE: func(c *cobra.Command, args []string) error {
			v, err := flags.parse(s.operation, args[0])
			if err != nil {
				return err
			}
			return p.ask(c.Context(), v, func(ctx context.Context, n *node.View, m moment) error {
				if err := s.want(n, args[0]); err != nil {
					return err
				}
				answer, err := s.ask(n.Queries, ctx, args[0], m.at, m.asOf, pageOf(v))
				if err != nil {
					return err
				}
				return s.show(p.printer(), answer)
			})
		},
	}
	flags.register(c.Flags(), s.operation, shownParameters...)
	return c
}

func newShowDevicesCommand(p *program) *cobra.Command {
	return newSubjectCommand(p, subject[*queries.Devices]{
		"devices", "USER", "user name",
		wantUser, (*queries.Queries).Devices, render.Printer.ShowDevices,
	})
}

func newShowCodesCommand(p *program) *cobra.Command {
	return newSubjectCommand(p, subject[*queries.Codes]{
		"codes", "USER", "user name",
		wantUser, (*queries.Queries).Codes, render.Printer.ShowCodes,
	})
}

func newShowSharingsCommand(p *program) *cobra.Command {
	return newSubjectCommand(p, subject[*queries.Sharings]{
		"sharings", "USER", "user name",
		wantUser, (*queries.Queries).Sharings, render.Printer.ShowSharings,
	})
}

func newShowWithdrawalsCommand(p *program) *cobra.Command {
	return newSubjectCommand(p, subject[*queries.Withdrawals]{
		"withdrawals", "ACCOUNT", "account",
		func(_ *node.View, id string) error { return wantAccount(id) }, (*queries.Queries).Withdrawals, render.Printer.ShowWithdrawals,
	})
}

// newShowTroubleshootCommand returns a command that accepts invalid names too, because an
// invalid name is one of the problems that the command reports.
func newShowTroubleshootCommand(p *program) *cobra.Command {
	var flags parameterFlags
	c := &cobra.Command{
		Use: "troubleshoot USER", Short: summary("troubleshoot"),
		Args: oneArgument("user name"),
		RunE: func(c *cobra.Command, args []string) error {
			v, err := flags.parse("troubleshoot", args[0])
			if err != nil {
				return err
			}
			return p.ask(c.Context(), v, func(ctx context.Context, n *node.View, m moment) error {
				t, err := n.Queries.Troubleshoot(ctx, args[0], m.at, m.asOf)
				if err != nil {
					return err
				}
				return p.printer().ShowTroubles(t)
			})
		},
	}
	flags.register(c.Flags(), "troubleshoot", shownParameters...)
	return c
}
