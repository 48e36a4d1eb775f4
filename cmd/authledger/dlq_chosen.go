package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/spf13/cobra"

	"authledger/adapters/client"
	"authledger/adapters/natsapi"
	"authledger/domain"
	"authledger/eventstore"
)

// chosenPage is how many letters are asked for at once.
const chosenPage = 1000

// chosenLetters are those that a command is about: one by its position, or all of a
// caller, of a reason, or of both.
type chosenLetters struct {
	caller, reason string
}

func (ch *chosenLetters) flags(c *cobra.Command) {
	c.Flags().StringVar(&ch.caller, "caller", "", "all letters of what `NAME` has left, instead of one")
	c.Flags().StringVar(&ch.reason, "reason", "", "all letters with this `CODE`, instead of one")
}

func (ch *chosenLetters) many() bool { return ch.caller != "" || ch.reason != "" }

func (ch *chosenLetters) arguments(c *cobra.Command, args []string) error {
	if !ch.many() {
		return oneArgument("position")(c, args)
	}
	if len(args) > 0 {
		return usagef("`%s` wants a position, or --caller and --reason, not both", c.CommandPath())
	}
	return nil
}

// positions are those of the chosen letters, as they lie there now.
func (ch *chosenLetters) positions(ctx context.Context, l letters, args []string) (all []uint64, err error) {
	if !ch.many() {
		at, err := letterPosition(args[0])
		return []uint64{at}, err
	}
	for after := uint64(0); ; {
		page, err := l.List(ctx, after, chosenPage)
		if err != nil {
			return nil, err
		}
		for i := range page.Letters {
			if ch.chooses(&page.Letters[i]) {
				all = append(all, page.Letters[i].Position)
			}
			after = page.Letters[i].Position
		}
		if !page.More {
			return all, nil
		}
	}
}

func (ch *chosenLetters) chooses(l *natsapi.Letter) bool {
	return (ch.caller == "" || l.Caller == ch.caller) && (ch.reason == "" || l.Reason == domain.Reason(ch.reason))
}

func letterPosition(text string) (uint64, error) {
	at, err := strconv.ParseUint(text, 10, 63)
	if err != nil || at == 0 {
		return 0, usagef("%q: want the position of a letter, as `authledger dlq ls` shows it", text)
	}
	return at, nil
}

// isNoLetter reports whether there is no such letter: here, or on the node that was asked.
func isNoLetter(err error) bool {
	refused := (*client.Problem)(nil)
	return errors.Is(err, eventstore.ErrNoRecord) || errors.As(err, &refused) && refused.Status == http.StatusNotFound
}

// each does something with each of the chosen letters, until one of them fails.
func (ch *chosenLetters) each(ctx context.Context, l letters, args []string, do func(position uint64) error) (done int, err error) {
	all, err := ch.positions(ctx, l, args)
	if err != nil {
		return 0, err
	}
	for _, at := range all {
		err := do(at)
		switch {
		case isNoLetter(err) && ch.many():
			continue // somebody else has dealt with it
		case errors.Is(err, eventstore.ErrNoRecord):
			return done, fmt.Errorf("there is no letter %d: see `authledger dlq ls`", at)
		case err != nil:
			return done, err
		}
		done++
	}
	return done, nil
}
