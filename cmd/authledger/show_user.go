package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/domain/operations"
	"authledger/projections/queries"
)

// subject is a query about a user or an account.
type subject[A any] struct {
	operation             string // name in the table of operations
	argument, description string // of the argument: in the usage, and in errors
	want                  func(*node.View, string) error
	ask                   func(q *queries.Queries, ctx context.Context, name string, at time.Time, asOf *uint64, of queries.Page) (A, error)
	show                  func(render.Printer, A) error
}

// newSubjectCommand returns the command of a query, with flags for the moment and the page.
func newSubjectCommand[A any](p *program, s subject[A]) *cobra.Command {
	var w when
	var list page
	c := &cobra.Command{
		Use: s.operation + " " + s.argument, Short: summary(s.operation), Args: oneArgument(s.description),
		RunE: func(c *cobra.Command, args []string) error {
			if err := list.check(); err != nil {
				return err
			}
			after, err := list.afterSeq()
			if err != nil {
				return err
			}
			return p.ask(c.Context(), w, func(ctx context.Context, n *node.View, m moment) error {
				if err := s.want(n, args[0]); err != nil {
					return err
				}
				answer, err := s.ask(n.Queries, ctx, args[0], m.at, m.asOf, queries.Page{Limit: list.limit, After: after})
				if err != nil {
					return err
				}
				return s.show(p.printer(), answer)
			})
		},
	}
	w.register(c.Flags())
	list.register(c.Flags(), parameterUsage(s.operation, operations.After))
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
// invalid name is one of the cases.
func newShowTroubleshootCommand(p *program) *cobra.Command {
	var w when
	c := &cobra.Command{
		Use: "troubleshoot USER", Short: summary("troubleshoot"),
		Args: oneArgument("user name"),
		RunE: func(c *cobra.Command, args []string) error {
			return p.ask(c.Context(), w, func(ctx context.Context, n *node.View, m moment) error {
				t, err := n.Queries.Troubleshoot(ctx, args[0], m.at, m.asOf)
				if err != nil {
					return err
				}
				return p.printer().ShowTroubles(t)
			})
		},
	}
	w.register(c.Flags())
	return c
}
