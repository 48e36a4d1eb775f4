package bench

import (
	"context"
	"strconv"

	"authledger/cmd/internal/render"
	"authledger/domain"
	"authledger/eventstore/wire"
)

// freshUsers sends two commands of each of many users who are new to the node: first all their
// first commands, and then all their second ones, with the same number of connections.
func (h *httpRun) freshUsers(ctx context.Context) error {
	first, err := h.commandOfEach(ctx, "first", singlesAtOnce)
	if err != nil {
		return err
	}
	h.found(first, "commands/s", "over HTTP, one command a request, %d connections, the first commands of %s users",
		singlesAtOnce, render.Grouped(int64(h.size.fresh)))
	second, err := h.commandOfEach(ctx, "second", singlesAtOnce)
	if err != nil {
		return err
	}
	h.found(second, "commands/s", "over HTTP, the same, the second commands of these users")
	h.found(first/second, "×", "rate of the first commands, divided by that of the second ones")
	return nil
}

// commandOfEach sends one command of each new user over a number of connections, and returns the
// commands a second.
func (h *httpRun) commandOfEach(ctx context.Context, turn string, connections int) (rate float64, err error) {
	return rateOf(h.size.fresh, connections, func(i int) error {
		user := "fresh" + strconv.Itoa(i)
		return h.post(ctx, structured, wire.AppendCommand(nil, &domain.Command{
			Source: gatewaySource, ID: turn + "-" + user, Time: h.Now().UTC(),
			Data: &domain.LoginReport{User: user, Outcome: domain.Succeeded, IP: "192.0.2.7"},
		}))
	})
}
