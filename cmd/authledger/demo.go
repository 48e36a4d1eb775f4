package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"authledger/cmd/internal/ingest"
	"authledger/cmd/internal/loadgen"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/domain"
	"authledger/eventstore/wire"
	"authledger/projections/queries"
)

// Sizes of a demonstration.
const (
	demoUsers = 5_000
	demoSeed  = 1
	demoLines = 20 // maximum rows of a list
)

// demo holds the flags of the command.
type demo struct {
	seed  uint64
	users int
	once  bool
}

func newDemoCommand(p *program) *cobra.Command {
	var d demo
	c := &cobra.Command{
		Use: "demo", Short: "Run a node with one day of generated traffic",
		Long: `Create a ledger in a temporary directory, record one day of generated traffic that ends
now, and run a node on it.

  authledger demo
  authledger demo --once

The command shows the locked users, the withdrawal limits of an account, and the devices
and codes of a user. Then the traffic goes on, with at most ten commands a second, and the
node answers on this machine, without credentials, until it is interrupted. The ledger then has a
sharing request that waits for an officer, and a webhook that fails. With --once the command
exits after the day. At the end the command removes the ledger.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if d.users < 1 {
				return usagef("--users %d: invalid value, want at least 1", d.users)
			}
			return p.demo(c.Context(), d)
		},
	}
	c.Flags().Uint64Var(&d.seed, "seed", demoSeed, "`SEED` of the generated day; the same seed gives the same day")
	c.Flags().IntVar(&d.users, "users", demoUsers, "`NUMBER` of generated users")
	c.Flags().BoolVar(&d.once, "once", false, "exit after showing the day")
	return c
}

func (p *program) demo(ctx context.Context, d demo) error {
	dir, err := os.MkdirTemp("", "authledger-demo-*")
	if err != nil {
		return fmt.Errorf("create a directory for the demonstration: %w", err)
	}
	return errors.Join(p.demoIn(ctx, d, dir), os.RemoveAll(dir))
}

func (p *program) demoIn(ctx context.Context, d demo, dir string) error {
	where := node.ServerOptions{Listen: p.demoAddress(), Log: p.log, Now: p.now}
	if !node.IsLoopback(where.Listen) {
		return usagef("--listen %s: a demonstration needs no credentials, so it must not be reached over the network: give 127.0.0.1:PORT", where.Listen)
	}
	e, err := node.StartServer(where)
	if err != nil {
		return err
	}
	o := p.nodeOptions()
	o.Dir, o.MasterKeyFile = dir, ""
	n, err := p.openServed(ctx, o, e)
	if err != nil {
		return errors.Join(err, e.Shutdown())
	}
	end := p.now()
	if err := p.demoShow(ctx, d, end, n, e); err != nil {
		return errors.Join(err, e.Shutdown(), n.Close())
	}
	if d.once {
		return errors.Join(e.Shutdown(), n.Close())
	}
	if err := p.addWork(ctx, n, e); err != nil {
		return errors.Join(err, e.Shutdown(), n.Close())
	}
	fmt.Fprintf(p.errs, "open %s/ in a browser\n", e.URL())
	fmt.Fprintf(p.errs, "the node answers on this machine, without credentials, until you interrupt it; commands reach it with --data %s\n", o.Dir)
	onward, stop := context.WithCancel(ctx)
	var traffic sync.WaitGroup
	traffic.Go(func() { p.goOn(onward, &d, n, end) })
	defer traffic.Wait()
	defer stop()
	return p.serveUntilDone(ctx, n, e)
}

// demoAddress returns --listen if it was given, and else a free port, because another program
// may use the default port.
func (p *program) demoAddress() string {
	if p.set.From("listen") == "" {
		return "127.0.0.1:0"
	}
	return p.set.Listen
}

func (p *program) demoShow(ctx context.Context, d demo, end time.Time, n *node.Node, e *node.Server) error {
	counts, err := p.importDay(ctx, n, d.dayBefore(end))
	if err != nil {
		return err
	}
	for _, view := range []func(context.Context, *node.Node, time.Time) error{p.demoLocked, p.demoAccount, p.demoUser} {
		if err := view(ctx, n, end); err != nil {
			return err
		}
	}
	p.title("imported commands of the day")
	if err := p.answer(counts, func() *render.Table { return render.TallyTable(counts, "commands", false) }); err != nil {
		return err
	}
	p.title("addresses of the node")
	return p.answer(map[string]string{"address": e.URL()}, func() *render.Table {
		t := render.NewTable()
		t.AppendRow(render.Row{e.URL() + "/"})
		t.AppendRow(render.Row{e.URL() + "/docs/"})
		t.AppendRow(render.Row{e.URL() + "/v1/lockouts"})
		t.AppendRow(render.Row{e.URL() + "/v1/accounts/" + loadgen.LimitedAccount + "/withdrawals"})
		t.AppendRow(render.Row{e.URL() + "/readyz"})
		return t
	})
}

// demoLocked shows the locked users, and the lockout of the first.
func (p *program) demoLocked(ctx context.Context, n *node.Node, at time.Time) error {
	locked, err := n.Queries.Lockouts(ctx, at, nil, queries.Page{Limit: demoLines})
	if err != nil {
		return err
	}
	p.title("locked users")
	if err := p.printer().ShowQuery("lockouts", wire.AppendAnswer(nil, &locked)); err != nil || len(locked.Lockouts) == 0 {
		return err
	}
	first := locked.Lockouts[0]
	p.title("lockout of " + first.User)
	return p.printer().ShowQuery("lockout", wire.AppendAnswer(nil, &first))
}

// demoAccount shows the remaining withdrawal limits of an account.
func (p *program) demoAccount(ctx context.Context, n *node.Node, at time.Time) error {
	w, err := n.Queries.Withdrawals(ctx, loadgen.LimitedAccount, at, nil, queries.Page{Limit: demoLines})
	if err != nil {
		return err
	}
	p.title("withdrawal limits of " + loadgen.LimitedAccount)
	return p.printer().ShowQuery("withdrawals", wire.AppendAnswer(nil, w))
}

// demoUser shows the devices and codes of a user with a shared device.
func (p *program) demoUser(ctx context.Context, n *node.Node, at time.Time) error {
	devices, err := n.Queries.Devices(ctx, loadgen.Borrower, at, nil, queries.Page{Limit: demoLines})
	if err != nil {
		return err
	}
	p.title("devices of " + loadgen.Borrower)
	if err := p.printer().ShowQuery("devices", wire.AppendAnswer(nil, devices)); err != nil {
		return err
	}
	codes, err := n.Queries.Codes(ctx, loadgen.Borrower, at, nil, queries.Page{Limit: demoLines})
	if err != nil {
		return err
	}
	p.title("codes of " + loadgen.Borrower)
	return p.printer().ShowQuery("codes", wire.AppendAnswer(nil, codes))
}

// importDay decides the commands of a day.
func (p *program) importDay(ctx context.Context, n *node.Node, day iter.Seq[domain.Command]) (*ingest.Tally, error) {
	b := p.startBar("importing a day", render.Records)
	defer b.Stop()
	counts := ingest.NewTally()
	run := ingest.Pipeline{Ledger: n.Ledger, Items: dayItems(day), Report: func(done *ingest.Batch) error {
		counts.Add(done)
		b.Set(int64(counts.Commands), 0)
		return nil
	}}
	err := run.Run(ctx)
	counts.Finish()
	return counts, err
}

func dayItems(day iter.Seq[domain.Command]) iter.Seq[ingest.Item] {
	return func(yield func(ingest.Item) bool) {
		line := 0
		for c := range day {
			line++
			if !yield(ingest.Item{Line: line, Commands: []domain.Command{c}}) {
				return
			}
		}
	}
}

// title prints the title of the next table.
func (p *program) title(text string) {
	if !p.set.JSON {
		fmt.Fprintf(p.out, "\n── %s\n", text)
	}
}
