package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"authledger/adapters/metrics"
	"authledger/adapters/natsapi"
)

func newServeCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "a node: the ledger, its deadlines, and everything that is asked of it over HTTP",
		Long: `Open the ledger, a new one if the directory holds none, record its deadlines as
they fall due, and answer commands and queries over HTTP at --listen, to those who
show a token (see token add).
With --nats-listen or --nats-url it answers over NATS, too, and takes what lies in
the intake. /healthz (the process lives) and /readyz (it decides;
if not, why) need none; /docs/ shows all there is. When it is interrupted or
terminated it says that it is not ready, answers what is under way, and closes.

A log that can't be proved intact stops it with exit code 3.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			p.talkative()
			return p.serve(c.Context())
		},
	}
}

func (p *program) serve(ctx context.Context) error {
	where, err := p.edgeOptions()
	if err != nil {
		return err
	}
	o := p.nodeOptions()
	if o.nats, err = p.natsOptions(&where); err != nil {
		return err
	}
	e, err := startEdge(where)
	if err != nil {
		return err
	}
	if o.nats != nil {
		o.nats.serve, o.nats.observe = e.ServeAs, natsapi.Observer{
			Intake:  e.metrics.Intake,
			Backlog: func(b natsapi.Backlog) { e.metrics.Backlog(metrics.Backlog(b)) },
		}
	}
	p.log.Info("opening the ledger", "data", p.set.data, "address", e.url())
	n, err := p.openServed(ctx, o, e)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = nil // to be stopped is no failure, however early
	}
	if n == nil {
		return errors.Join(err, e.drain())
	}
	return p.stay(ctx, n, e)
}

// openServed opens a node that an edge serves, and tells how that goes.
func (p *program) openServed(ctx context.Context, o nodeOptions, e *edge) (*node, error) {
	o.progress, o.observe = e.Progress, e.metrics.Observer()
	begun := time.Now()
	n, err := openNode(ctx, o)
	e.metrics.Opened(time.Since(begun), err)
	if err == nil {
		e.serve(n)
	}
	return n, err
}

// stay serves until it is told to stop, or something fails: then it is not ready,
// answers what is under way, and closes the ledger.
func (p *program) stay(ctx context.Context, n *node, e *edge) error {
	nats := n.natsAddress()
	if nats == "" {
		nats = p.set.natsURL
	}
	p.log.Info("ready", "address", e.url(), "nats", nats, "seq", n.rows.Position().Seq)
	reacting, stop := context.WithCancel(context.WithoutCancel(ctx))
	var reactors sync.WaitGroup
	reactors.Go(func() { n.react(reacting, e.metrics) })
	var err error
	select {
	case <-ctx.Done():
	case <-n.ledger.Failed(): // closing it says why
	case err = <-e.failed:
	}
	p.log.Info("stopping")
	stop()
	reactors.Wait()
	return errors.Join(err, e.drain(), n.close())
}
