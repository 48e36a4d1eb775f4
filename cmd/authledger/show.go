package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"authledger/projections"
)

func newShowCommand(p *program) *cobra.Command {
	return newGroupCommand("show", "what the ledger says of a user, an account, all locked users, sources",
		newShowLockoutCommand(p),
		newShowLockoutsCommand(p),
		newShowDevicesCommand(p),
		newShowCodesCommand(p),
		newShowSharingsCommand(p),
		newShowWithdrawalsCommand(p),
		newShowTroubleshootCommand(p),
		newShowTimelineCommand(p),
		newShowAttemptsCommand(p),
	)
}

func newShowLockoutCommand(p *program) *cobra.Command {
	var w when
	c := &cobra.Command{
		Use: "lockout USER", Short: "is this user locked, until when, and how many attempts are left",
		Args: oneArgument("user name"),
		RunE: func(c *cobra.Command, args []string) error {
			return p.ask(c.Context(), w, func(ctx context.Context, n *node, m moment) error {
				if err := wantUser(n, args[0]); err != nil {
					return err
				}
				l, err := n.rows.Lockout(ctx, n.ledger, args[0], m.at, m.asOf)
				if err != nil {
					return err
				}
				return p.showLockout(l)
			})
		},
	}
	w.register(c.Flags())
	return c
}

func newShowLockoutsCommand(p *program) *cobra.Command {
	var w when
	var list page
	c := &cobra.Command{
		Use: "lockouts", Short: "the users that are locked, by name",
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := list.check(); err != nil {
				return err
			}
			return p.ask(c.Context(), w, func(ctx context.Context, n *node, m moment) error {
				found, err := n.rows.Lockouts(ctx, n.ledger, m.at, m.asOf, list.limit, list.after)
				if err != nil {
					return err
				}
				return p.showLockouts(found)
			})
		},
	}
	w.register(c.Flags())
	list.register(c.Flags(), "`USER` after whom to begin")
	return c
}

func newShowTimelineCommand(p *program) *cobra.Command {
	var w when
	var list page
	c := &cobra.Command{
		Use: "timeline USER", Short: "the records of a user, or of account/ID, oldest first",
		Args: oneArgument("user name"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := list.check(); err != nil {
				return err
			}
			after, err := list.afterSeq()
			if err != nil {
				return err
			}
			return p.ask(c.Context(), w, func(ctx context.Context, n *node, m moment) error {
				entity, err := wantEntity(n, args[0])
				if err != nil {
					return err
				}
				until := time.Time{}
				if w.at != "" {
					until = m.at
				}
				t, err := n.rows.Records(ctx, n.ledger, entity, until, m.asOf, projections.Page{Limit: list.limit, After: after})
				if err != nil {
					return err
				}
				return p.showTimeline(t)
			})
		},
	}
	w.register(c.Flags())
	list.register(c.Flags(), "`SEQ` of the record after which to begin")
	return c
}

func newShowAttemptsCommand(p *program) *cobra.Command {
	var list page
	var buckets bool
	c := &cobra.Command{
		Use: "attempts", Short: "how the attempts of each source ended",
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := list.check(); err != nil {
				return err
			}
			return p.withLedger(c.Context(), func(n *node) error {
				found, asOf, err := n.rows.Attempts(c.Context(), buckets, list.after, list.limit)
				if err != nil {
					return err
				}
				return p.showAttempts(newAttemptsAnswer(found, len(found) == list.limit, asOf))
			})
		},
	}
	c.Flags().BoolVar(&buckets, "buckets", false, "of the attempts that are nobody's, by bucket of client addresses")
	list.register(c.Flags(), "`SOURCE` after which to begin")
	return c
}
