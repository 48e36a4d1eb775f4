package main

import (
	"context"

	"github.com/spf13/cobra"
)

func newHoldCommand(p *program) *cobra.Command {
	c := newPersonCommand(p, &personAct{kind: "person.hold", words: "hold"}, needsNothing)
	c.Use, c.Short = "hold USER", "Keep the data of a user for a legal case"
	c.Long = `Keep the personal data of a user for a legal case: the ledger refuses to erase the data while
a hold stands. Several cases can hold one user, and each case has its own hold.
` + "`authledger hold release`" + ` ends the hold of a case.

For a user whose name is release, write the flags first, then -- and the name.`
	c.Example = `  authledger hold alice --case L-1 --by olga --purpose 'court order'
  authledger hold release alice --case L-1 --by olga
  authledger hold --case L-1 --by olga -- release`
	c.AddCommand(newHoldReleaseCommand(p))
	return c
}

func newHoldReleaseCommand(p *program) *cobra.Command {
	c := newPersonCommand(p, &personAct{kind: "person.release", words: "hold release"}, needsNothing)
	c.Use, c.Short = "release USER", "End the hold of a legal case"
	c.Long = `End the hold of one case. The holds of other cases stand.`
	c.Example = `  authledger hold release alice --case L-1 --by olga`
	return c
}

// needsNothing requires no confirmation, because a later act can revert the act.
func needsNothing(context.Context, string) error { return nil }
