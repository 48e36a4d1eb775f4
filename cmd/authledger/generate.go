package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"authledger/cmd/internal/loadgen"
	"authledger/eventstore/wire"
)

// Limits of generated traffic. A user takes about 100 bytes of memory.
const (
	generateUsersMost = 10_000_000
	generateDaysMost  = 10 * 366
	generateBytes     = 256 << 10 // size of the write buffer
)

// generateFrom is the default of --from. It is a constant, so that the same command writes
// the same lines on any day.
var generateFrom = time.Date(2026, time.January, 5, 5, 0, 0, 0, time.UTC)

// generation holds the flags of the command.
type generation struct {
	users, days int
	seed        uint64
	from        string
}

func newGenerateCommand(p *program) *cobra.Command {
	var g generation
	c := &cobra.Command{
		Use:   "generate",
		Short: "Generate brokerage traffic as CloudEvents lines",
		Long: `Write generated traffic of a brokerage to standard output, one CloudEvent a line, in order
of arrival: logins, devices, codes, sharings and withdrawals, accepted and refused.

  authledger generate --users 2000 --days 30 | authledger import --from cloudevents -

The same flags always write the same lines.`,
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
	c.Flags().Uint64Var(&g.seed, "seed", demoSeed, "`SEED` of the traffic; the same seed gives the same lines")
	c.Flags().StringVar(&g.from, "from", "", "`DATE` or RFC 3339 time of the first day (default "+generateFrom.Format(time.RFC3339)+")")
	return c
}

// check checks the flags, and returns the start of the first day.
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

// write writes the traffic until ctx ends. A closed pipe is not an error.
func (g *generation) write(ctx context.Context, to io.Writer, from time.Time) error {
	out := bufio.NewWriterSize(to, generateBytes)
	var line []byte
	for c := range loadgen.Brokerage(g.seed, from.AddDate(0, 0, g.days), g.users, g.days) {
		line = append(wire.AppendCommand(line[:0], &c), '\n')
		if _, err := out.Write(line); err != nil {
			return ignoreClosedPipe(err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return ignoreClosedPipe(out.Flush())
}

// ignoreClosedPipe returns nil if the reader of a pipe, such as head, has closed it, and err
// otherwise.
func ignoreClosedPipe(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}
