package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"authledger/adapters/intake"
	"authledger/cmd/internal/render"
	"authledger/domain/operations"
	"authledger/eventstore/wire"
)

func newDLQCommand(p *program) *cobra.Command {
	return newGroupCommand("dlq", "Inspect, retry and drop dead letters of the intake",
		newDLQListCommand(p), newDLQShowCommand(p), newDLQRetryCommand(p), newDLQDropCommand(p))
}

func newDLQListCommand(p *program) *cobra.Command {
	var flags parameterFlags
	c := &cobra.Command{
		Use: "ls", Short: summary("dead-letters"),
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			v, err := flags.parse("dead-letters", "")
			if err != nil {
				return err
			}
			return p.withDeadLetters(c.Context(), func(l deadLetters) error { return p.listDeadLetters(c.Context(), l, v) })
		},
	}
	flags.register(c.Flags(), "dead-letters", operations.Limit, operations.Order, operations.After)
	return c
}

func (p *program) listDeadLetters(ctx context.Context, l deadLetters, v operations.Values) error {
	page, err := l.List(ctx, v)
	if err != nil {
		return err
	}
	list := page.Items
	if err := p.answer(page, func() *render.Table { return deadLetterTable(list) }); err != nil || p.set.JSON || page.Next == "" {
		return err
	}
	_, err = fmt.Fprintf(p.errs, "%s listed, more exist: continue with --after %s\n", render.Count(len(list), "dead letter", "dead letters"), page.Next)
	return err
}

func deadLetterTable(list []intake.DeadLetter) *render.Table {
	t := render.NewTable("position", "caller", "stored", "reason", "detail").Dropping("stored", "caller")
	for _, l := range list {
		t.AppendRow(render.Row{l.Position, l.Caller, render.Time(l.Stored), l.Reason, render.Text(l.Detail)})
	}
	return t
}

func newDLQShowCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "show POSITION", Short: "Show a dead letter with its headers and payload",
		Args: oneArgument("position"),
		RunE: func(c *cobra.Command, args []string) error {
			return p.withDeadLetters(c.Context(), func(l deadLetters) error {
				_, err := new(dlqSelection).each(c.Context(), l, args, func(position uint64) error {
					letter, err := l.Show(c.Context(), position)
					if err != nil {
						return err
					}
					return p.answer(letter, func() *render.Table { return fullDeadLetter(letter) })
				})
				return err
			})
		},
	}
}

func fullDeadLetter(l *intake.DeadLetter) *render.Table {
	t := deadLetterTable([]intake.DeadLetter{*l})
	for _, name := range slices.Sorted(maps.Keys(l.Headers)) {
		t.AppendRow(render.Row{"", "", "", render.Text(name), render.Text(fmt.Sprint(l.Headers[name]))})
	}
	t.AppendRow(render.Row{"", "", "", "payload", render.Text(string(l.Payload))})
	return t
}

func newDLQRetryCommand(p *program) *cobra.Command {
	var selection dlqSelection
	c := &cobra.Command{
		Use: "retry POSITION", Short: "Submit the command of a dead letter again",
		Long: `Submit the command of a dead letter to the ledger again, as of the instant at which
the intake stored it. Retry a dead letter after you have added the missing token,
adopted a policy or updated the program.

The command prints the verdict, and deletes the dead letter unless the verdict is
invalid. It exits with code 1 if a verdict is invalid. --caller and --reason select
all matching dead letters, in the order of their positions.`,
		Example: "  authledger dlq retry 17\n  authledger dlq retry --caller portal",
		Args:    selection.arguments,
		RunE: func(c *cobra.Command, args []string) error {
			return p.withDeadLetters(c.Context(), func(l deadLetters) error { return p.retryDeadLetters(c.Context(), l, &selection, args) })
		},
	}
	selection.flags(c)
	return c
}

func (p *program) retryDeadLetters(ctx context.Context, l deadLetters, selection *dlqSelection, args []string) error {
	invalid := 0
	retried, err := selection.each(ctx, l, args, func(position uint64) error {
		verdict, isInvalid, err := l.Retry(ctx, position)
		if err != nil {
			return err
		}
		if isInvalid {
			invalid++
		}
		return p.printer().ShowVerdict(verdict)
	})
	if err == nil && invalid > 0 {
		err = fmt.Errorf("%d of %d commands are still invalid; their dead letters remain", invalid, retried)
	}
	return err
}

func newDLQDropCommand(p *program) *cobra.Command {
	var selection dlqSelection
	c := &cobra.Command{
		Use: "drop POSITION", Short: "Delete dead letters and overwrite their bytes",
		Long: `Delete a dead letter and overwrite its bytes on the disk. The deletion can't be undone.
--caller and --reason select all matching dead letters.`,
		Example: "  authledger dlq drop 17\n  authledger dlq drop --caller portal --reason missing_field",
		Args:    selection.arguments,
		RunE: func(c *cobra.Command, args []string) error {
			return p.withDeadLetters(c.Context(), func(l deadLetters) error {
				dropped, err := selection.each(c.Context(), l, args, func(position uint64) error { return l.Drop(c.Context(), position) })
				if selection.isFilter() {
					p.warn("dead letters dropped: %d", dropped)
				}
				return err
			})
		},
	}
	selection.flags(c)
	return c
}

// dlqSelection selects dead letters: one by the argument of the command, or all of a
// caller, of a reason, or of both.
type dlqSelection struct {
	caller, reason string
}

func (d *dlqSelection) flags(c *cobra.Command) {
	c.Flags().StringVar(&d.caller, "caller", "", "select all dead letters of the caller `NAME`")
	c.Flags().StringVar(&d.reason, "reason", "", "select all dead letters with the reason `CODE`")
}

// isFilter reports whether flags select the dead letters.
func (d *dlqSelection) isFilter() bool { return d.caller != "" || d.reason != "" }

func (d *dlqSelection) arguments(c *cobra.Command, args []string) error {
	if !d.isFilter() {
		return oneArgument("position")(c, args)
	}
	if len(args) > 0 {
		return usagef("`%s` takes either a position, or --caller and --reason", c.CommandPath())
	}
	return nil
}

// positions returns the positions of the selected dead letters at present.
func (d *dlqSelection) positions(ctx context.Context, l deadLetters, args []string) (all []uint64, err error) {
	if !d.isFilter() {
		v, err := new(parameterFlags).parse("dead-letter", args[0])
		return []uint64{v.Number(operations.Position)}, err
	}
	for next := ""; ; {
		v, err := deadLettersFrom(next)
		if err != nil {
			return nil, err
		}
		page, err := l.List(ctx, v)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			if d.matches(&page.Items[i]) {
				all = append(all, page.Items[i].Position)
			}
		}
		if next = page.Next; next == "" {
			return all, nil
		}
	}
}

// deadLettersFrom returns the parameters of a page of dead letters, the oldest first.
func deadLettersFrom(next string) (operations.Values, error) {
	query := map[string][]string{
		operations.Order: {operations.Oldest}, operations.Limit: {strconv.Itoa(operations.LimitMax)}, operations.After: {next},
	}
	return operations.Find("dead-letters").Parse(func(string) string { return "" }, query, wire.ReadTime)
}

func (d *dlqSelection) matches(l *intake.DeadLetter) bool {
	return (d.caller == "" || l.Caller == d.caller) && (d.reason == "" || string(l.Reason) == d.reason)
}

// each calls do with the position of each selected dead letter, until an error. A filter
// skips dead letters that another operator removes meanwhile.
func (d *dlqSelection) each(ctx context.Context, l deadLetters, args []string, do func(position uint64) error) (done int, err error) {
	all, err := d.positions(ctx, l, args)
	if err != nil {
		return 0, err
	}
	for _, at := range all {
		err := do(at)
		switch {
		case isNotFound(err) && d.isFilter():
			continue
		case isNoRecord(err):
			return done, fmt.Errorf("dead letter %d does not exist: list the dead letters with `authledger dlq ls`", at)
		case err != nil:
			return done, err
		}
		done++
	}
	return done, nil
}
