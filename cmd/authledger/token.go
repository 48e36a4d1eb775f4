package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"authledger/adapters/tokens"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore/wire"
)

func newTokenCommand(p *program) *cobra.Command {
	return newGroupCommand("token", "Create, list and revoke API tokens",
		newTokenAddCommand(p), newTokenListCommand(p), newTokenRevokeCommand(p))
}

// tokens returns the tokens of the data directory. A node may use the directory meanwhile.
func (p *program) tokens() *tokens.File {
	return tokens.Open(filepath.Join(p.set.data, node.TokensName), p.now)
}

// addedToken is a new token as JSON. No other answer contains the text of a token.
type addedToken struct {
	Token string      `json:"token"`
	Name  string      `json:"name"`
	Role  access.Role `json:"role"`
}

func newTokenAddCommand(p *program) *cobra.Command {
	var s tokens.Spec
	var role, expires string
	c := &cobra.Command{
		Use: "add NAME", Short: "Create an API token and print it once",
		Long: `Create an API token and print it. The command stores only the SHA-256 of the token, in
tokens.json in --data, so the token can't be shown again. A running node accepts the token
at once.

A token with role support, officer or operator can act for the person whose id is the name
of the token, and for each --person. --person '*' permits every person.`,
		Example: `  authledger token add portal --role gateway --source gateway/portal
  authledger token add desk --role support --person agent.ann --person agent.bo`,
		Args: oneArgument("name"),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			if s.Name, s.Role = args[0], access.Role(role); !slices.Contains(access.Roles(), s.Role) {
				return usagef("--role %q: unknown role%s", role, orSee(domain.DidYouMean(role, roleNames()), "accepted: "+strings.Join(roleNames(), ", ")))
			}
			if s.Expires, err = p.expiry(expires); err != nil {
				return err
			}
			if s.Rate < 1 { // zero means the default in a Spec
				return usagef("--rate %d: invalid value, accepted: 1 to %d requests a second", s.Rate, access.RateMax)
			}
			return p.addToken(s)
		},
	}
	c.Flags().StringVar(&role, "role", "", "`ROLE`: "+strings.Join(roleNames(), ", "))
	c.Flags().StringVar(&s.Source, "source", "", "`SOURCE` of the token's commands (default role/NAME)")
	c.Flags().StringArrayVar(&s.Persons, "person", nil, "`ID` of a person for whom the token can act; repeat for more persons")
	c.Flags().StringVar(&s.NKey, "nkey", "", "public NATS `KEY` of the client, as `authledger nats key` prints it")
	c.Flags().StringVar(&expires, "expires", "", "expiry `TIME`, RFC 3339, or a duration from now such as 720h (default 90 days)")
	c.Flags().IntVar(&s.Rate, "rate", access.RateDefault, fmt.Sprintf("maximum `NUMBER` of commands, requests or intake messages a second; a burst at once may be as large, or %d if that is more", access.BurstMin))
	return c
}

func roleNames() (names []string) {
	for _, r := range access.Roles() {
		names = append(names, string(r))
	}
	return names
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

func (p *program) addToken(s tokens.Spec) error {
	if err := os.MkdirAll(p.set.data, 0o700); err != nil {
		return fmt.Errorf("create the data directory: %w", err)
	}
	text, err := p.tokens().Add(s)
	var wrong *tokens.SpecError
	if errors.As(err, &wrong) {
		return usageError{Err: err}
	}
	if err != nil {
		return err
	}
	if p.set.json {
		return p.printer().WriteJSON(addedToken{text, s.Name, s.Role})
	}
	fmt.Fprintf(p.errs, "authledger: token of %s, which can't be shown again:\n", s.Name)
	_, err = fmt.Fprintln(p.out, text)
	return err
}

func newTokenListCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "ls", Short: "List tokens without their secrets",
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			if err := p.wantDirectory(); err != nil {
				return err
			}
			list, err := p.tokens().List()
			if err != nil {
				return err
			}
			return p.answer(map[string]any{"tokens": render.NonNil(list)}, func() *render.Table {
				t := render.NewTable("name", "role", "source", "persons", "made", "expires", "rate", "nats key").
					Dropping("nats key", "persons", "made", "rate", "source")
				for _, k := range list {
					t.AppendRow(render.Row{k.Name, k.Role, render.Text(k.Source), strings.Join(k.Persons, " "), render.Time(k.Made), render.Time(k.Expires), k.Rate, k.NKey})
				}
				return t
			})
		},
	}
}

func newTokenRevokeCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "revoke NAME", Short: "Revoke a token at once",
		Args: oneArgument("name"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := p.wantDirectory(); err != nil {
				return err
			}
			return p.tokens().Revoke(args[0])
		},
	}
}
