package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"authledger/projections"
)

// subject is a query about a user or an account, and what its answer is.
type subject[A any] struct {
	use, short, argument string
	want                 func(*node, string) error
	ask                  func(e *projections.Engine, ctx context.Context, log projections.Log, name string, at time.Time, asOf *uint64, of projections.Page) (A, error)
	show                 func(*program, A) error
}

// newSubjectCommand makes the command that asks it at a moment, a page at a time.
func newSubjectCommand[A any](p *program, s subject[A]) *cobra.Command {
	var w when
	var list page
	c := &cobra.Command{
		Use: s.use, Short: s.short, Args: oneArgument(s.argument),
		RunE: func(c *cobra.Command, args []string) error {
			if err := list.check(); err != nil {
				return err
			}
			after, err := list.afterSeq()
			if err != nil {
				return err
			}
			return p.ask(c.Context(), w, func(ctx context.Context, n *node, m moment) error {
				if err := s.want(n, args[0]); err != nil {
					return err
				}
				answer, err := s.ask(n.rows, ctx, n.ledger, args[0], m.at, m.asOf, projections.Page{Limit: list.limit, After: after})
				if err != nil {
					return err
				}
				return s.show(p, answer)
			})
		},
	}
	w.register(c.Flags())
	list.register(c.Flags(), "`SEQ` of the last one shown, after which to begin")
	return c
}

func newShowDevicesCommand(p *program) *cobra.Command {
	return newSubjectCommand(p, subject[*projections.Devices]{
		"devices USER", "which devices a user has, the active ones first", "user name",
		wantUser, (*projections.Engine).Devices, (*program).showDevices,
	})
}

func newShowCodesCommand(p *program) *cobra.Command {
	return newSubjectCommand(p, subject[*projections.Codes]{
		"codes USER", "which codes were given to a user, in order of issue", "user name",
		wantUser, (*projections.Engine).Codes, (*program).showCodes,
	})
}

func newShowSharingsCommand(p *program) *cobra.Command {
	return newSubjectCommand(p, subject[*projections.Sharings]{
		"sharings USER", "which devices a user shares, or asked to", "user name",
		wantUser, (*projections.Engine).Sharings, (*program).showSharings,
	})
}

func newShowWithdrawalsCommand(p *program) *cobra.Command {
	return newSubjectCommand(p, subject[*projections.Withdrawals]{
		"withdrawals ACCOUNT", "how much may still be withdrawn, and what was in the window", "account",
		func(_ *node, id string) error { return wantAccount(id) }, (*projections.Engine).AccountWithdrawals, (*program).showWithdrawals,
	})
}

// newShowTroubleshootCommand takes any name: one that can't be is a case of its
// own.
func newShowTroubleshootCommand(p *program) *cobra.Command {
	var w when
	c := &cobra.Command{
		Use: "troubleshoot USER", Short: "what may be wrong for a user on the phone, and what helps",
		Args: oneArgument("user name"),
		RunE: func(c *cobra.Command, args []string) error {
			return p.ask(c.Context(), w, func(ctx context.Context, n *node, m moment) error {
				t, err := n.rows.Troubleshoot(ctx, n.ledger, args[0], m.at, m.asOf)
				if err != nil {
					return err
				}
				return p.showTroubles(t)
			})
		},
	}
	w.register(c.Flags())
	return c
}
