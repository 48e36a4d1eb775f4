package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"authledger/cmd/internal/node"
	"authledger/domain/operations"
	"authledger/projections/queries"
)

func newShowCommand(p *program) *cobra.Command {
	return newGroupCommand("show", "Show the state of users, accounts and sources",
		newShowLockoutCommand(p),
		newShowLockoutsCommand(p),
		newShowDevicesCommand(p),
		newShowCodesCommand(p),
		newShowSharingsCommand(p),
		newShowWithdrawalsCommand(p),
		newShowTroubleshootCommand(p),
		newShowTimelineCommand(p),
		newShowSourcesCommand(p),
	)
}

func newShowLockoutCommand(p *program) *cobra.Command {
	var w when
	c := &cobra.Command{
		Use: "lockout USER", Short: summary("lockout"),
		Args: oneArgument("user name"),
		RunE: func(c *cobra.Command, args []string) error {
			return p.ask(c.Context(), w, func(ctx context.Context, n *node.View, m moment) error {
				if err := wantUser(n, args[0]); err != nil {
					return err
				}
				l, err := n.Queries.Lockout(ctx, args[0], m.at, m.asOf)
				if err != nil {
					return err
				}
				return p.printer().ShowLockout(l)
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
		Use: "lockouts", Short: summary("lockouts"),
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := list.check(); err != nil {
				return err
			}
			return p.ask(c.Context(), w, func(ctx context.Context, n *node.View, m moment) error {
				found, err := n.Queries.Lockouts(ctx, m.at, m.asOf, list.limit, list.after)
				if err != nil {
					return err
				}
				return p.printer().ShowLockouts(found)
			})
		},
	}
	w.register(c.Flags())
	list.register(c.Flags(), parameterUsage("lockouts", operations.After))
	return c
}

func newShowTimelineCommand(p *program) *cobra.Command {
	var w when
	var list page
	c := &cobra.Command{
		Use: "timeline USER", Short: summary("timeline"),
		Long: "List the records of a user, oldest first. With account/ID in place of USER, list the\nrecords of an account.",
		Args: oneArgument("user name"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := list.check(); err != nil {
				return err
			}
			after, err := list.afterSeq()
			if err != nil {
				return err
			}
			return p.ask(c.Context(), w, func(ctx context.Context, n *node.View, m moment) error {
				entity, err := wantEntity(n, args[0])
				if err != nil {
					return err
				}
				until := time.Time{}
				if w.at != "" {
					until = m.at
				}
				t, err := n.Queries.Records(ctx, entity, until, m.asOf, queries.Page{Limit: list.limit, After: after})
				if err != nil {
					return err
				}
				return p.printer().ShowTimeline(t)
			})
		},
	}
	w.register(c.Flags())
	list.register(c.Flags(), parameterUsage("timeline", operations.After))
	return c
}

func newShowSourcesCommand(p *program) *cobra.Command {
	var list page
	var buckets bool
	c := &cobra.Command{
		Use: "sources", Short: summary("sources"),
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := list.check(); err != nil {
				return err
			}
			return p.withView(c.Context(), func(n *node.View) error {
				found, err := n.Queries.Sources(c.Context(), buckets, list.after, list.limit)
				if err != nil {
					return err
				}
				return p.printer().ShowSources(found)
			})
		},
	}
	c.Flags().BoolVar(&buckets, "buckets", false, "count unattributed attempts by bucket of client addresses")
	list.register(c.Flags(), "`SOURCE`: continue the list after this source")
	return c
}
