package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"authledger/adapters/client"
	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/domain/operations"
	"authledger/eventstore/wire"
)

// byFlagText is the usage text of --by of the commands that change the configuration.
const byFlagText = "`ID` of the operator, for the record (default: the user of this machine; with --server the token alone)"

// operator returns the person on whose behalf a command is submitted. Without --by it is the user
// of this machine, unless a remote node answers or the name of the user is not a valid id.
func (p *program) operator(by string) string {
	if by == "" && !p.isRemote() {
		if user := node.UserName(os.Getuid()); domain.WrongID(user) == "" {
			return user
		}
	}
	return by
}

// submitConfig submits a command that changes the configuration. A command that the ledger refuses is
// an error; invalid data is a usage error.
func (p *program) submitConfig(ctx context.Context, data domain.CommandData) error {
	if _, rejection := wire.ReadTyped(data.CommandType(), wire.AppendData(nil, data)); rejection != nil {
		return usageError{Err: fmt.Errorf("%s: %s", rejection.Field, rejection.Detail)}
	}
	if !p.isRemote() {
		if err := os.MkdirAll(p.set.Data, 0o700); err != nil {
			return fmt.Errorf("create the data directory: %w", err)
		}
	}
	command := domain.Command{
		Source: "cli", ID: uuid.Must(uuid.NewV7()).String(), Time: p.now().UTC(), Stamped: true, Caller: localCaller(), Data: data,
	}
	v, err := p.submit(ctx, asked{command: command})
	if errors.Is(err, client.ErrUnknown) {
		group, _, _ := strings.Cut(commandWords(p.command), " ")
		return fmt.Errorf("%w: see `authledger %s ls` for the outcome", err, group)
	}
	if err != nil {
		return err
	}
	if v.Status != domain.Accepted {
		return fmt.Errorf("%s %s: %s", v.Status, v.Reason, v.Detail)
	}
	return nil
}

// change submits a command about a token or a webhook that exists. It never creates a ledger.
func (p *program) change(ctx context.Context, data domain.CommandData) error {
	if !p.isRemote() {
		if err := p.wantDirectory(); err != nil {
			return err
		}
	}
	return p.submitConfig(ctx, data)
}

// newConfigListCommand returns the command that lists the tokens or the webhooks.
func newConfigListCommand(p *program, operation string) *cobra.Command {
	var flags parameterFlags
	c := &cobra.Command{
		Use: "ls", Short: summary(operation), Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := p.takeOver(c.Context()); err != nil {
				return err
			}
			return p.showQuery(c, &flags, operation, "")
		},
	}
	flags.register(c.Flags(), operation, operations.Limit, operations.After)
	return c
}

// takeOver opens the ledger once if the data directory has files of an older version, which a
// running node has taken over at its start.
func (p *program) takeOver(ctx context.Context) error {
	if p.isRemote() || p.hasNode() {
		return nil
	}
	if err := p.wantDirectory(); err != nil {
		return err
	}
	has, err := node.HasLegacyConfig(p.set.Data)
	if err == nil && has {
		err = p.withNode(ctx, func(*node.Node) error { return nil })
	}
	return err
}
