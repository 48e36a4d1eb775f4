package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"authledger/cmd/internal/render"
)

func newForgetCommand(p *program) *cobra.Command {
	isConfirmed := false
	c := newPersonCommand(p, &personAct{kind: "person.forget", words: "forget"}, func(ctx context.Context, user string) error {
		if isConfirmed {
			return nil
		}
		return p.confirmErasure(ctx, user)
	})
	c.Use, c.Short = "forget USER", "Erase the personal data of a user"
	c.Long = `Erase the personal data of a user: the ledger destroys the keys of that data. Nothing can bring
the data back. The records and the counts of events stay. So does the user name, except in a ledger
with pseudonyms.

On a terminal the command asks for the user name. Without a terminal it needs --yes. It exits
with code 1 if the ledger refuses the erasure, and its error names the next step. A hold forbids
the erasure, see ` + "`authledger hold --help`."
	c.Example = `  authledger forget alice --case C-1 --by olga --purpose 'erasure request'
  authledger forget alice --case C-1 --by olga --yes --json`
	c.Flags().BoolVar(&isConfirmed, "yes", false, "erase the data without a question")
	return c
}

// confirmErasure asks on the terminal for the name of the user. Any other text is an error, and
// without a terminal the command needs --yes.
func (p *program) confirmErasure(ctx context.Context, user string) error {
	in, isFile := p.in.(*os.File)
	if !isFile || !render.IsTerminal(in, "") || !render.IsTerminal(p.errs, "") {
		return usagef("forget %s: not confirmed: the erasure can't be undone, add --yes to erase the data without a question", user)
	}
	p.warn("this erases the personal data of %s, and can't be undone", render.Printable(user))
	fmt.Fprint(p.errs, "Type the user name to erase the data: ")
	line := make(chan string, 1) // a signal ends the command while the goroutine waits for a line
	go func() {
		text, _ := bufio.NewReader(in).ReadString('\n') // the end of the input confirms nothing
		line <- strings.TrimRight(text, "\r\n")
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case typed := <-line:
		if typed != user {
			return fmt.Errorf("forget %s: not confirmed: got %q, want the user name: nothing is erased", user, typed)
		}
	}
	return nil
}
