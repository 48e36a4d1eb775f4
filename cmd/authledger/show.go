package main

import (
	"github.com/spf13/cobra"

	"authledger/domain"
	"authledger/domain/operations"
)

func newShowCommand(p *program) *cobra.Command {
	return newGroupCommand("show", "Show the state of users, accounts and sources",
		newQueryCommand(p, "users"),
		newQueryCommand(p, "lockout"),
		newQueryCommand(p, "lockouts"),
		newListCommand(p, "devices"),
		newListCommand(p, "codes"),
		newListCommand(p, "sharings"),
		newListCommand(p, "withdrawals"),
		newQueryCommand(p, "holds"),
		newQueryCommand(p, "forgotten"),
		newQueryCommand(p, "troubleshoot"),
		newTimelineCommand(p),
		newQueryCommand(p, "sources"),
	)
}

// newQueryCommand returns the command that shows the answer to a query of the table of
// operations. Its argument is the parameter in the path, and each other parameter is a flag.
func newQueryCommand(p *program, operation string) *cobra.Command {
	var flags parameterFlags
	c := &cobra.Command{
		Use: operation, Short: summary(operation), Args: noArguments,
		RunE: func(c *cobra.Command, args []string) error {
			argument := ""
			if len(args) > 0 {
				argument = args[0]
			}
			return p.showQuery(c, &flags, operation, argument)
		},
	}
	if of := operations.Find(operation).PathParameter(); of != nil {
		c.Use += " " + of.Placeholder
		c.Args = oneArgument(argumentName(of))
	}
	flags.register(c.Flags(), operation, shownParameters...)
	return c
}

// newListCommand returns the command of two lists: the items of the user or the account in the
// argument, or with --all the items of the realm.
func newListCommand(p *program, operation string) *cobra.Command {
	var flags parameterFlags
	var isAll bool
	of := operations.Find(operation).PathParameter()
	c := &cobra.Command{
		Use: operation + " " + of.Placeholder + " | --all", Short: summary(operation),
		Long: summary(operation) + ", or with --all the " + operation + " of the realm. The filters need --all.\n" +
			"A page may have fewer items than --limit although more follow: continue with --after.",
		Args: func(c *cobra.Command, args []string) error {
			if isAll {
				return noArguments(c, args)
			}
			return oneArgument(argumentName(of))(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			if isAll {
				return p.showQuery(c, &flags, "all-"+operation, "")
			}
			return p.showQuery(c, &flags, operation, args[0])
		},
	}
	c.Flags().BoolVar(&isAll, "all", false, "list the items of the realm, not of one "+argumentName(of))
	flags.register(c.Flags(), "all-"+operation, shownParameters...)
	return c
}

// argumentName returns the name of an argument in usage errors.
func argumentName(of *operations.Parameter) string {
	if of.Name == operations.User {
		return "user name"
	}
	return of.Name
}

// newTimelineCommand returns the command of two queries: the argument decides whether the
// records are those of a user or of an account.
func newTimelineCommand(p *program) *cobra.Command {
	var flags parameterFlags
	c := &cobra.Command{
		Use: "timeline USER", Short: summary("timeline"),
		Long: "List the records of a user, oldest first. With account/ID in place of USER, list the\nrecords of an account.",
		Args: oneArgument("user name"),
		RunE: func(c *cobra.Command, args []string) error {
			if id, ok := domain.Entity(args[0]).Account(); ok {
				return p.showQuery(c, &flags, "account-timeline", id)
			}
			return p.showQuery(c, &flags, "timeline", args[0])
		},
	}
	flags.register(c.Flags(), "timeline", shownParameters...)
	return c
}

func (p *program) showQuery(c *cobra.Command, flags *parameterFlags, operation, argument string) error {
	v, err := flags.parse(operation, argument)
	if err != nil {
		return err
	}
	answer, err := p.query(c.Context(), operation, v)
	if err != nil {
		return err
	}
	if err := p.printer().ShowQuery(operation, answer); err != nil {
		return err
	}
	p.hintPast(c.Context(), operation, v, answer)
	return nil
}
