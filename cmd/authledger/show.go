package main

import (
	"context"

	"github.com/spf13/cobra"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/domain/operations"
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
	var flags parameterFlags
	c := &cobra.Command{
		Use: "lockout USER", Short: summary("lockout"),
		Args: oneArgument("user name"),
		RunE: func(c *cobra.Command, args []string) error {
			v, err := flags.parse("lockout", args[0])
			if err != nil {
				return err
			}
			return p.ask(c.Context(), v, func(ctx context.Context, n *node.View, m moment) error {
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
	flags.register(c.Flags(), "lockout", shownParameters...)
	return c
}

func newShowLockoutsCommand(p *program) *cobra.Command {
	var flags parameterFlags
	c := &cobra.Command{
		Use: "lockouts", Short: summary("lockouts"),
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			v, err := flags.parse("lockouts", "")
			if err != nil {
				return err
			}
			return p.ask(c.Context(), v, func(ctx context.Context, n *node.View, m moment) error {
				found, err := n.Queries.Lockouts(ctx, m.at, m.asOf, pageOf(v).Limit, v.Text(operations.After))
				if err != nil {
					return err
				}
				return p.printer().ShowLockouts(found)
			})
		},
	}
	flags.register(c.Flags(), "lockouts", shownParameters...)
	return c
}

func newShowTimelineCommand(p *program) *cobra.Command {
	var flags parameterFlags
	c := &cobra.Command{
		Use: "timeline USER", Short: summary("timeline"),
		Long: "List the records of a user, oldest first. With account/ID in place of USER, list the\nrecords of an account.",
		Args: oneArgument("user name"),
		RunE: func(c *cobra.Command, args []string) error {
			operation, name := "timeline", args[0]
			if id, ok := domain.Entity(name).Account(); ok {
				operation, name = "account-timeline", id
			}
			v, err := flags.parse(operation, name)
			if err != nil {
				return err
			}
			return p.ask(c.Context(), v, func(ctx context.Context, n *node.View, m moment) error {
				entity, err := wantEntity(n, v)
				if err != nil {
					return err
				}
				t, err := n.Queries.Records(ctx, entity, m.until, m.asOf, pageOf(v))
				if err != nil {
					return err
				}
				return p.printer().ShowTimeline(t)
			})
		},
	}
	flags.register(c.Flags(), "timeline", shownParameters...)
	return c
}

func newShowSourcesCommand(p *program) *cobra.Command {
	var flags parameterFlags
	c := &cobra.Command{
		Use: "sources", Short: summary("sources"),
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			v, err := flags.parse("sources", "")
			if err != nil {
				return err
			}
			return p.withView(c.Context(), func(n *node.View) error {
				found, err := n.Queries.Sources(c.Context(), v.Flag(operations.ByBucket), v.Text(operations.After), pageOf(v).Limit)
				if err != nil {
					return err
				}
				return p.printer().ShowSources(found)
			})
		},
	}
	flags.register(c.Flags(), "sources", shownParameters...)
	return c
}
