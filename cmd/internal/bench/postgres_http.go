package bench

import (
	"context"
	"errors"
	"fmt"

	"authledger/eventstore/wire"
)

// goalPostgresHTTP is the goal of the rate over HTTP, divided by the best rate of PostgreSQL.
const goalPostgresHTTP = 2

// overHTTP sends begun and finished logins to a node in a process of its own, one command a
// request, and compares the rate with the best of PostgreSQL.
func (p *postgresRun) overHTTP(ctx context.Context, best float64) (err error) {
	h := &httpRun{run: p.run, size: httpFull} // the size limits only the duration of the start
	if err := h.start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.stop()) }()
	logins := p.generate(singlesAtOnce*p.size.pairs, p.Now().UTC(), false)
	rate, err := rateOf(len(logins), singlesAtOnce, func(i int) error {
		for j := range logins[i] {
			c := &logins[i][j]
			c.Source, c.Time = gatewaySource, p.Now().UTC()
			if err := h.post(ctx, structured, wire.AppendCommand(nil, c)); err != nil {
				return fmt.Errorf("command %s over HTTP: %w", c.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	rate *= 2 // each login has two commands
	p.found(rate, "commands/s", "ledger over HTTP, one command a request, %d connections", singlesAtOnce)
	p.found(rate/best, "×", "rate over HTTP, divided by the best of PostgreSQL at %s clients",
		numbers(postgresClients))
	p.atLeast(goalPostgresHTTP)
	return nil
}
