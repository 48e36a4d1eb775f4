package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"authledger/access"
	"authledger/adapters/natsapi"
	"authledger/domain"
	"authledger/eventstore/wire"
)

func newDLQCommand(p *program) *cobra.Command {
	return newGroupCommand("dlq", "the letters: commands of the intake that are invalid",
		newDLQListCommand(p), newDLQShowCommand(p), newDLQRetryCommand(p), newDLQDropCommand(p))
}

// withLetters opens the letters: of the node that --server names, or else of the data
// directory or of --nats-url, whose intake is not taken meanwhile.
func (p *program) withLetters(ctx context.Context, use func(letters) error) error {
	if p.set.server != "" {
		c, err := p.there(lettersPatience)
		if err != nil {
			return err
		}
		defer c.Close()
		return use(lettersThere{c})
	}
	if err := p.wantLedger(); err != nil {
		return err
	}
	o := p.nodeOptions()
	o.nats = &natsOptions{url: p.set.natsURL, seedFile: p.set.natsKey, tokens: access.OpenTokens(filepath.Join(p.set.data, tokensName), p.now)}
	if o.nats.url != "" {
		if err := p.checkNATSURL(o.nats); err != nil {
			return err
		}
	}
	n, err := openNode(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(use(lettersHere{n.messages.Letters(n.ledger)}), n.close())
}

func newDLQListCommand(p *program) *cobra.Command {
	var after uint64
	var limit int
	c := &cobra.Command{
		Use: "ls", Short: "the letters, the oldest first: position, by whom, when, and what is wrong",
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if limit < 1 || limit > chosenPage {
				return usagef("--limit %d: want 1 to %d", limit, chosenPage)
			}
			return p.withLetters(c.Context(), func(l letters) error { return p.listLetters(c.Context(), l, after, limit) })
		},
	}
	c.Flags().Uint64Var(&after, "after", 0, "`POSITION` of the letter behind which to begin")
	c.Flags().IntVar(&limit, "limit", listDefault, fmt.Sprintf("`NUMBER` of letters, at most, up to %d", chosenPage))
	return c
}

func (p *program) listLetters(ctx context.Context, l letters, after uint64, limit int) error {
	page, err := l.List(ctx, after, limit)
	if err != nil {
		return err
	}
	if err := p.answer(page, func() table.Writer { return letterTable(page.Letters) }); err != nil || p.set.json || !page.More {
		return err
	}
	_, err = fmt.Fprintf(p.errs, "%d letters, there are more: ask again with --after %d\n", len(page.Letters), page.Letters[len(page.Letters)-1].Position)
	return err
}

func letterTable(list []natsapi.Letter) table.Writer {
	t := newTable("position", "caller", "stored", "reason", "detail")
	for _, l := range list {
		t.AppendRow(table.Row{l.Position, l.Caller, showTime(l.Stored), l.Reason, showText(l.Detail)})
	}
	return t
}

func newDLQShowCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "show POSITION", Short: "one letter, with what was left as it was",
		Args: oneArgument("position"),
		RunE: func(c *cobra.Command, args []string) error {
			return p.withLetters(c.Context(), func(l letters) error {
				_, err := new(chosenLetters).each(c.Context(), l, args, func(position uint64) error {
					letter, err := l.Show(c.Context(), position)
					if err != nil {
						return err
					}
					return p.answer(letter, func() table.Writer { return wholeLetter(letter) })
				})
				return err
			})
		},
	}
}

func wholeLetter(letter *natsapi.Letter) table.Writer {
	t := letterTable([]natsapi.Letter{*letter})
	for _, name := range slices.Sorted(maps.Keys(letter.Headers)) {
		t.AppendRow(table.Row{"", "", "", showText(name), showText(fmt.Sprint(letter.Headers[name]))})
	}
	t.AppendRow(table.Row{"", "", "", "payload", showText(string(letter.Payload))})
	return t
}

func newDLQRetryCommand(p *program) *cobra.Command {
	var chosen chosenLetters
	c := &cobra.Command{
		Use: "retry POSITION", Short: "give the command to the ledger once more; with a verdict the letter is gone",
		Long: `Give the command to the ledger once more, as of the instant at which it was left:
when a token has been made, a policy adopted, the program brought up to date. Its
verdict is printed; one that is still invalid stays where it is, with exit code 1.
With --caller or --reason all such letters are tried, in their order.`,
		Args: chosen.arguments,
		RunE: func(c *cobra.Command, args []string) error {
			return p.withLetters(c.Context(), func(l letters) error { return p.retryLetters(c.Context(), l, &chosen, args) })
		},
	}
	chosen.flags(c)
	return c
}

func (p *program) retryLetters(ctx context.Context, l letters, chosen *chosenLetters, args []string) error {
	still := 0
	tried, err := chosen.each(ctx, l, args, func(position uint64) error {
		text, invalid, err := l.Retry(ctx, position)
		if err != nil {
			return err
		}
		if invalid {
			still++
		}
		_, err = fmt.Fprintf(p.out, "%s\n", text)
		return err
	})
	if err == nil && still > 0 {
		err = fmt.Errorf("still invalid, and left there: %d of %d", still, tried)
	}
	return err
}

func newDLQDropCommand(p *program) *cobra.Command {
	var chosen chosenLetters
	c := &cobra.Command{
		Use: "drop POSITION", Short: "throw a letter away, for good; with --caller or --reason all such letters",
		Args: chosen.arguments,
		RunE: func(c *cobra.Command, args []string) error {
			return p.withLetters(c.Context(), func(l letters) error {
				dropped, err := chosen.each(c.Context(), l, args, func(position uint64) error { return l.Drop(c.Context(), position) })
				if chosen.many() {
					p.warn("letters thrown away: %d", dropped)
				}
				return err
			})
		},
	}
	chosen.flags(c)
	return c
}

// letters are those of this process's own ledger, or of a node's.
type letters interface {
	List(ctx context.Context, after uint64, limit int) (natsapi.LetterPage, error)
	Show(ctx context.Context, position uint64) (*natsapi.Letter, error)
	Retry(ctx context.Context, position uint64) (verdict []byte, invalid bool, err error)
	Drop(ctx context.Context, position uint64) error
}

type lettersHere struct{ *natsapi.Letters }

func (l lettersHere) Retry(ctx context.Context, position uint64) ([]byte, bool, error) {
	v, err := l.Letters.Retry(ctx, position)
	if err != nil {
		return nil, false, err
	}
	return wire.AppendVerdict(nil, &v), v.Status == domain.Invalid, nil
}
