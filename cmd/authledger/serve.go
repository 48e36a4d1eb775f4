package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
)

func newServeCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "a node: the ledger, its deadlines, and how it is doing under --listen",
		Long: `Open the ledger, a new one if the directory holds none, record its deadlines as
they fall due, and answer /healthz (the process lives) and /readyz (it decides;
if not, why). It ends in order when it is interrupted or terminated.

A log that can't be proved intact stops it with exit code 3.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			p.talkative()
			return p.serve(c.Context())
		},
	}
}

func (p *program) serve(ctx context.Context) error {
	e, err := startEdge(p.set.listen)
	if err != nil {
		return err
	}
	p.log.Info("opening the ledger", "data", p.set.data, "address", e.url())
	o := p.nodeOptions()
	o.progress = e.progress
	n, err := openNode(ctx, o)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = nil // to be stopped is no failure, however early
	}
	if n == nil {
		return errors.Join(err, e.close())
	}
	return p.stay(ctx, n, e)
}

// stay serves until it is told to stop, or something fails, and closes both.
func (p *program) stay(ctx context.Context, n *node, e *edge) error {
	e.node.Store(n)
	p.log.Info("ready", "address", e.url(), "seq", n.rows.Position().Seq)
	var err error
	select {
	case <-ctx.Done():
	case <-n.ledger.Failed(): // closing it says why
	case err = <-e.failed:
	}
	p.log.Info("stopping")
	return errors.Join(err, n.close(), e.close())
}
