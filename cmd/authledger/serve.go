package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"authledger/adapters/intake"
	"authledger/adapters/tokens"
	"authledger/cmd/internal/node"
)

func newServeCommand(p *program) *cobra.Command {
	acceptLost := false
	c := &cobra.Command{
		Use: "serve", Short: "Run a node that answers over HTTP and NATS",
		Long: `Run a node: open the ledger in --data, or create one, and answer commands and queries.

  authledger serve
  authledger serve --nats-listen 127.0.0.1:4222

The node answers over HTTP at --listen. Clients need a token (see authledger token add);
/healthz (the process runs) and /readyz (the node decides commands) need none. /docs/
describes all requests. With --nats-listen or --nats-url the node also answers over NATS
and reads the intake. The node records each deadline, such as the end of a lockout, when
it is due.

On SIGINT or SIGTERM the node reports that it is not ready, answers pending requests,
and exits. The node exits with code 3 if it can't prove that the log is intact, or if the
NATS server lost messages of the intake or dead letters. After such a loss, start the node
with --accept-lost-intake: it then continues with the remaining messages.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			p.logInfo()
			return p.serve(c.Context(), acceptLost)
		},
	}
	c.Flags().BoolVar(&acceptLost, "accept-lost-intake", false, "start although the NATS server lost intake messages or dead letters")
	return c
}

func (p *program) serve(ctx context.Context, acceptLost bool) error {
	where, err := p.serverOptions()
	if err != nil {
		return err
	}
	o := p.nodeOptions()
	o.ScrubRows, o.Tokens = true, where.Tokens
	if o.NATS, err = p.natsOptions(); err != nil {
		return err
	}
	if acceptLost {
		if o.NATS == nil {
			return usagef("--accept-lost-intake needs an intake: give --nats-listen or --nats-url")
		}
		o.NATS.AcceptLost = true
	}
	e, err := node.StartServer(where)
	if err != nil {
		return err
	}
	if o.NATS != nil {
		o.NATS.Serve, o.NATS.Observe = e.ServeAs, intake.Observer{
			Handled: e.Metrics.Intake,
			Backlog: e.Metrics.Backlog,
			Refused: func(reason string) { e.Metrics.IntakeRefused(reason, 1) },
		}
	}
	if o.NATS.IsEmbedded() {
		for _, reason := range intake.RefusalReasons() {
			e.Metrics.IntakeRefused(reason, 0)
		}
	}
	p.log.Info("opening the ledger", "data", p.set.Data, "address", e.URL())
	n, err := p.openServed(ctx, o, e)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = nil // a signal during the start is not an error
	}
	if n == nil {
		return errors.Join(err, e.Shutdown())
	}
	return p.serveUntilDone(ctx, n, e)
}

// openServed opens a node. The server e reports the progress, and serves the node afterwards.
func (p *program) openServed(ctx context.Context, o node.Options, e *node.Server) (*node.Node, error) {
	o.Progress, o.Observe, o.Locked, o.Revoked = e.Progress, e.Metrics.Observer(), e.ListenLocal, e.EndStreams
	begun := time.Now()
	n, err := node.Open(ctx, o)
	e.Metrics.Opened(time.Since(begun), err)
	if err == nil {
		e.ServeNode(n)
	}
	return n, err
}

// serveUntilDone serves n until ctx ends or a part of the node fails. Then it reports that the node is
// not ready, answers the requests under way, and closes the ledger.
func (p *program) serveUntilDone(ctx context.Context, n *node.Node, e *node.Server) error {
	nats := n.NATSAddress()
	if nats == "" {
		nats = p.set.NATSURL
	}
	p.log.Info("ready", "address", e.URL(), "nats", nats, "seq", n.Rows.Position().Seq)
	reacting, stop := context.WithCancel(context.WithoutCancel(ctx))
	var reactors sync.WaitGroup
	reactors.Go(func() { n.RunWebhooks(reacting, e.Metrics) })
	var err error
	select {
	case <-ctx.Done():
	case <-n.Ledger.Failed(): // Close returns the cause
	case err = <-e.Failed:
	case err = <-n.IntakeFailed():
	}
	p.log.Info("stopping")
	defer p.shutdown.Begin(func() error { return errors.Join(err, n.Err()) })()
	stop()
	reactors.Wait()
	return errors.Join(err, e.Shutdown(), n.Close())
}

// serverOptions returns the options of the HTTP server, or a usage error. Tokens, metrics and
// profiles cross a network without encryption only if --allow-plaintext is given.
func (p *program) serverOptions() (node.ServerOptions, error) {
	o := node.ServerOptions{
		Listen: p.set.Listen, Admin: p.set.Admin, TLSCert: p.set.TLSCert, TLSKey: p.set.TLSKey,
		Tokens: tokens.NewTable(p.now), Log: p.log, Now: p.now,
		StopWithin: p.set.ShutdownTimeout / shutdownShares,
	}
	switch {
	case (o.TLSCert == "") != (o.TLSKey == ""):
		return o, usagef("--tls-cert and --tls-key: give both or neither")
	case !node.IsAddress(o.Listen):
		return o, usagef("--listen %q: invalid value, want host:port, such as 127.0.0.1:8080", o.Listen)
	case o.Admin != "" && !node.IsAddress(o.Admin):
		return o, usagef("--admin %q: invalid value, want host:port, such as 127.0.0.1:9090", o.Admin)
	case o.Admin != "" && !node.IsLoopback(o.Admin) && !p.set.AllowPlaintext:
		return o, usagef("--admin %s can be reached over the network, without credentials and without encryption: give an address of this machine such as 127.0.0.1:9090, or --allow-plaintext on a separate network", o.Admin)
	case o.TLSCert == "" && !node.IsLoopback(o.Listen) && !p.set.AllowPlaintext:
		return o, usagef("--listen %s can be reached over the network, and tokens would cross it without encryption: give --tls-cert and --tls-key, or --allow-plaintext behind a proxy that terminates TLS", o.Listen)
	}
	return o, nil
}
