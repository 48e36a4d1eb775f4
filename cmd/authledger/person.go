package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"authledger/cmd/internal/ingest"
	"authledger/cmd/internal/render"
	"authledger/domain"
)

// personAct is a command about the personal data of one user, and the flags that describe it.
type personAct struct {
	kind  string // type of the command
	words string // of the command line, for errors

	request
	number, by, purpose string
}

// newPersonCommand returns the command that submits an act. The function before runs before the act is
// submitted, and its error prevents the submission.
func newPersonCommand(p *program, act *personAct, before func(ctx context.Context, user string) error) *cobra.Command {
	c := &cobra.Command{
		Args: oneArgument("user name"),
		RunE: func(c *cobra.Command, args []string) error {
			user := args[0]
			command, err := act.command(p, user)
			if err != nil {
				return err
			}
			if !p.isRemote() { // no act is possible in a new ledger
				if err := p.wantLedger(); err != nil {
					return err
				}
			}
			if err := before(c.Context(), user); err != nil {
				return err
			}
			return p.submitAct(c.Context(), act, user, command)
		},
	}
	act.source = "cli"
	c.Flags().StringVar(&act.number, "case", "", "`NUMBER` of the case (required)")
	c.Flags().StringVar(&act.by, "by", "", "`ID` of the officer (required); with --server a person of the token")
	c.Flags().StringVar(&act.purpose, "purpose", "",
		"`TEXT` of at most 128 characters about the purpose; it stays in clear text: write no personal data")
	c.Flags().StringVar(&act.id, "id", "", "`ID` of the command: repeat it to submit the same command again (default a new id)")
	return c
}

// command returns the command about a user. An invalid member is a usage error that names its flag.
func (a *personAct) command(p *program, user string) (asked, error) {
	switch "" {
	case a.number:
		return asked{}, usagef("--case is missing: give the number of the case")
	case a.by:
		return asked{}, usagef("--by is missing: give the id of the officer")
	}
	pairs := []string{"user=" + user, "case=" + a.number, "by=" + a.by}
	if a.purpose != "" {
		pairs = append(pairs, "purpose="+a.purpose)
	}
	command, err := a.request.command(p, a.kind, pairs)
	if wrong := command.rejection; err == nil && wrong != nil {
		err = usagef("%s %s: invalid %s: %s", a.words, user, strings.TrimPrefix(wrong.Field, "data."), wrong.Detail)
	}
	return command, err
}

// submitAct submits an act, and prints the verdict. A refusal is an error, because the act did not
// happen.
func (p *program) submitAct(ctx context.Context, act *personAct, user string, command asked) error {
	v, err := p.submit(ctx, command)
	if err != nil {
		return fmt.Errorf("%s %s: %w", act.words, user, err)
	}
	if v.Status == domain.Accepted || p.set.JSON {
		if err := p.printer().ShowVerdict(v.JSON); err != nil {
			return err
		}
	}
	switch v.Status {
	case domain.Accepted:
		return nil
	case domain.Invalid:
		return fmt.Errorf("%s %s: invalid, not recorded: %s: %s", act.words, user, v.Reason, v.Detail)
	}
	next := render.NextStepFor(v.Reason, v.Seq, ingest.ShellWord(user), ingest.ShellWord(act.by))
	return fmt.Errorf("%s %s: refused %s: %s: %s", act.words, user, v.Reason, v.Detail, next)
}
