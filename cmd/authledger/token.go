package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"authledger/access"
	"authledger/eventstore/wire"
)

func newTokenCommand(p *program) *cobra.Command {
	return newGroupCommand("token", "who may ask the node what",
		newTokenAddCommand(p), newTokenListCommand(p), newTokenRevokeCommand(p))
}

// tokens are those of the data directory, which a node may be serving.
func (p *program) tokens() *access.Tokens {
	return access.OpenTokens(filepath.Join(p.set.data, tokensName), p.now)
}

// addedToken is a new token as JSON: the only time that its text is told.
type addedToken struct {
	Token string      `json:"token"`
	Name  string      `json:"name"`
	Role  access.Role `json:"role"`
}

func newTokenAddCommand(p *program) *cobra.Command {
	var s access.Spec
	var role, expires string
	c := &cobra.Command{
		Use: "add NAME", Short: "make a token and print it, once",
		Long: `Make a token for somebody and print it. It is not kept and can't be shown again:
only its SHA-256 is, in tokens.json in --data. A running node honours it at once.

A token of the roles support, officer and operator speaks for the person of its
own name, and for those of --person; '*' is for anyone.`,
		Example: `  authledger token add portal --role gateway --source gateway/portal
  authledger token add desk --role support --person agent.ann --person agent.bo`,
		Args: oneArgument("name"),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			s.Name, s.Role = args[0], access.Role(role)
			if s.Expires, err = p.expiry(expires); err != nil {
				return err
			}
			return p.addToken(s)
		},
	}
	c.Flags().StringVar(&role, "role", "", "`ROLE`: "+roleNames())
	c.Flags().StringVar(&s.Source, "source", "", "`SOURCE` of its commands (default role/NAME)")
	c.Flags().StringArrayVar(&s.Persons, "person", nil, "`ID` of a person on whose behalf it may speak; again for more")
	c.Flags().StringVar(&s.NKey, "nkey", "", "public `KEY` with which its holder connects over NATS, as `nats key` prints it")
	c.Flags().StringVar(&expires, "expires", "", "`TIME`, RFC 3339, or a duration such as 720h (default 90 days)")
	c.Flags().IntVar(&s.Rate, "rate", 0, fmt.Sprintf("commands or requests a `SECOND` (default %d)", access.RateDefault))
	return c
}

func roleNames() string {
	var names []string
	for _, r := range access.Roles() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

func (p *program) expiry(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(text); err == nil {
		return p.now().Add(d), nil
	}
	at, err := wire.ParseTime([]byte(text))
	if err != nil {
		return at, usagef("--expires %q: want a duration such as 720h, or a time: %w", text, err)
	}
	return at, nil
}

func (p *program) addToken(s access.Spec) error {
	if err := os.MkdirAll(p.set.data, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	text, err := p.tokens().Add(s)
	var wrong *access.SpecError
	if errors.As(err, &wrong) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	if p.set.json {
		return p.writeJSON(addedToken{text, s.Name, s.Role})
	}
	fmt.Fprintf(p.errs, "authledger: this is the only time that the token of %s is shown\n", s.Name)
	_, err = fmt.Fprintln(p.out, text)
	return err
}

func newTokenListCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "ls", Short: "the tokens there are, without what proves them",
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			list, err := p.tokens().List()
			if err != nil {
				return err
			}
			return p.answer(list, func() table.Writer {
				t := newTable("name", "role", "source", "persons", "made", "expires", "rate", "nats key")
				for _, k := range list {
					t.AppendRow(table.Row{k.Name, k.Role, showText(k.Source), strings.Join(k.Persons, " "), showTime(k.Made), showTime(k.Expires), k.Rate, k.NKey})
				}
				return t
			})
		},
	}
}

func newTokenRevokeCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "revoke NAME", Short: "end a token, at once",
		Args: oneArgument("name"),
		RunE: func(_ *cobra.Command, args []string) error { return p.tokens().Revoke(args[0]) },
	}
}
