package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"authledger/adapters/tokens"
	"authledger/cmd/internal/usage"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore/wire"
)

func newTokenCommand(p *program) *cobra.Command {
	return newGroupCommand("token", "Create, list and revoke API tokens",
		newTokenAddCommand(p), newConfigListCommand(p, "tokens"), newTokenRevokeCommand(p))
}

// addedToken is a new token as JSON. No other answer contains the text of a token.
type addedToken struct {
	Token string `json:"token"`
	Name  string `json:"name"`
	Role  string `json:"role"`
}

func newTokenAddCommand(p *program) *cobra.Command {
	var add domain.ConfigTokenAdd
	var expires string
	c := &cobra.Command{
		Use: "add NAME", Short: "Create an API token and print it once",
		Long: `Create an API token and print it. The ledger records only the SHA-256 of the token, so the
token can't be shown again. A running node accepts the token at once.

A token with role support, officer or operator can act for the person whose id is the name
of the token, and for each --person. --person '*' permits every person.`,
		Example: `  authledger token add portal --role gateway --source gateway/portal
  authledger token add desk --role support --person agent.ann --person agent.bo`,
		Args: oneArgument("name"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if roles := domain.TokenRoles(); !slices.Contains(roles, add.Role) {
				return usagef("--role %q: unknown role%s", add.Role, usage.OrSee(domain.DidYouMean(add.Role, roles), "accepted: "+strings.Join(roles, ", ")))
			}
			add.Name, add.By = args[0], p.operator(add.By)
			if add.Expires, err = p.expiry(expires); err != nil {
				return err
			}
			if add.Rate < 1 || add.Rate > access.RateMax { // zero means the default in a command
				return usagef("--rate %d: invalid value, accepted: 1 to %d requests a second", add.Rate, access.RateMax)
			}
			return p.addToken(c.Context(), add)
		},
	}
	c.Flags().StringVar(&add.Role, "role", "", "`ROLE`: "+strings.Join(domain.TokenRoles(), ", "))
	c.Flags().StringVar(&add.Source, "source", "", "`SOURCE` of the token's commands (default role/NAME)")
	c.Flags().StringArrayVar(&add.Persons, "person", nil, "`ID` of a person for whom the token can act; repeat for more persons")
	c.Flags().StringVar(&add.By, "by", "", byFlagText)
	c.Flags().StringVar(&add.NKey, "nkey", "", "public NATS `KEY` of the client, as `authledger nats key` prints it")
	c.Flags().StringVar(&expires, "expires", "", "expiry `TIME`, RFC 3339, or a duration from now such as 720h (default 90 days)")
	c.Flags().Int64Var(&add.Rate, "rate", access.RateDefault, fmt.Sprintf("maximum `NUMBER` of commands, requests or intake messages a second; a burst at once may be as large, or %d if that is more", access.BurstMin))
	return c
}

func (p *program) expiry(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(text); err == nil {
		return p.now().Add(d), nil
	}
	at, err := wire.ReadTime(text)
	if err != nil {
		return at, usagef("--expires %q: invalid value, want a duration such as 720h, or a time: %w", text, err)
	}
	return at, nil
}

func (p *program) addToken(ctx context.Context, add domain.ConfigTokenAdd) error {
	var text string
	text, add.TokenHash = tokens.New()
	if err := p.submitConfig(ctx, &add); err != nil {
		return fmt.Errorf("add the token %s: %w", add.Name, err)
	}
	if p.set.JSON {
		return p.printer().WriteJSON(addedToken{text, add.Name, add.Role})
	}
	fmt.Fprintf(p.errs, "authledger: token of %s, which can't be shown again:\n", add.Name)
	_, err := fmt.Fprintln(p.out, text)
	return err
}

func newTokenRevokeCommand(p *program) *cobra.Command {
	var revoke domain.ConfigTokenRevoke
	c := &cobra.Command{
		Use: "revoke NAME", Short: "Revoke a token at once",
		Args: oneArgument("name"),
		RunE: func(c *cobra.Command, args []string) error {
			revoke.Name, revoke.By = args[0], p.operator(revoke.By)
			if err := p.change(c.Context(), &revoke); err != nil {
				return fmt.Errorf("revoke the token %s: %w", revoke.Name, err)
			}
			return nil
		},
	}
	c.Flags().StringVar(&revoke.By, "by", "", byFlagText)
	return c
}
