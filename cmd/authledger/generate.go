package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"authledger/adapters/traffic"
	"authledger/eventstore/wire"
)

// Bounds of what is generated: a user costs about a hundred bytes.
const (
	generateUsersMost = 10_000_000
	generateDaysMost  = 10 * 366
	generateBytes     = 256 << 10 // written at once
)

// generateFrom is where a telling begins if nobody says: the same command
// writes the same lines on any day.
var generateFrom = time.Date(2026, time.January, 5, 5, 0, 0, 0, time.UTC)

// generation is what to write.
type generation struct {
	users, days int
	seed        uint64
	from        string
}

func newGenerateCommand(p *program) *cobra.Command {
	var g generation
	c := &cobra.Command{
		Use:   "generate",
		Short: "a brokerage's traffic as CloudEvents lines, to be imported",
		Long: `Write the traffic of a made-up brokerage to standard output, one CloudEvent a
line, in order of arrival: logins, devices, codes, sharings, withdrawals, and
what goes wrong with them. The same flags write the same lines, on any day.

	authledger generate --users 2000 --days 30 | authledger import --from cloudevents -`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			from, err := g.check()
			if err != nil {
				return err
			}
			return g.write(c.Context(), p.out, from)
		},
	}
	c.Flags().IntVar(&g.users, "users", 1000, "`NUMBER` of users")
	c.Flags().IntVar(&g.days, "days", 1, "`NUMBER` of days")
	c.Flags().Uint64Var(&g.seed, "seed", demoSeed, "another `SEED` tells of other days")
	c.Flags().StringVar(&g.from, "from", "", "`DATE` or instant at which it begins, "+generateFrom.Format(time.RFC3339)+" if none is given")
	return c
}

// check tells when it begins.
func (g *generation) check() (time.Time, error) {
	switch {
	case g.users < 1 || g.users > generateUsersMost:
		return time.Time{}, usagef("--users %d: want 1 to %d", g.users, generateUsersMost)
	case g.days < 1 || g.days > generateDaysMost:
		return time.Time{}, usagef("--days %d: want 1 to %d", g.days, generateDaysMost)
	case g.from == "":
		return generateFrom, nil
	}
	for _, layout := range [...]string{time.DateOnly, time.RFC3339} {
		if from, err := time.Parse(layout, g.from); err == nil {
			return from.UTC(), nil
		}
	}
	return time.Time{}, usagef("--from %q: want a date such as 2026-01-05, or an instant in RFC 3339", g.from)
}

// write ends early when it is interrupted, and well when nobody reads any more.
func (g *generation) write(ctx context.Context, to io.Writer, from time.Time) error {
	out := bufio.NewWriterSize(to, generateBytes)
	var line []byte
	for c := range traffic.Brokerage(g.seed, from.AddDate(0, 0, g.days), g.users, g.days) {
		line = append(wire.AppendCommand(line[:0], &c), '\n')
		if _, err := out.Write(line); err != nil {
			return unlessUnread(err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return unlessUnread(out.Flush())
}

// unlessUnread is an error of writing, unless nobody reads any more: such as head.
func unlessUnread(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}
