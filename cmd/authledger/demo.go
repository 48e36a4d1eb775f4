package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"authledger/adapters/traffic"
	"authledger/domain"
	"authledger/projections"
)

// What a demonstration shows.
const (
	demoUsers = 5_000
	demoSeed  = 1
	demoLines = 20 // of a list
)

// demo is a day of a made-up brokerage.
type demo struct {
	seed  uint64
	users int
	once  bool
}

func newDemoCommand(p *program) *cobra.Command {
	var d demo
	c := &cobra.Command{
		Use: "demo", Short: "a day of made-up traffic in a ledger of its own, and what it says then",
		Long: `Make a ledger in a temporary directory, play a day of gateway traffic through it
that ends now, and show who is locked out, what an account may still withdraw, and
which devices and codes a user has. Then keep serving until interrupted, unless
--once. The ledger is removed at the end.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if d.users < 1 {
				return usagef("--users %d: want at least 1", d.users)
			}
			return p.demo(c.Context(), d)
		},
	}
	c.Flags().Uint64Var(&d.seed, "seed", demoSeed, "the same `SEED` tells the same day")
	c.Flags().IntVar(&d.users, "users", demoUsers, "`NUMBER` of users in the crowd")
	c.Flags().BoolVar(&d.once, "once", false, "exit once all is shown")
	return c
}

func (p *program) demo(ctx context.Context, d demo) error {
	dir, err := os.MkdirTemp("", "authledger-demo-*")
	if err != nil {
		return fmt.Errorf("make a directory for the demonstration: %w", err)
	}
	return errors.Join(p.demoIn(ctx, d, dir), os.RemoveAll(dir))
}

func (p *program) demoIn(ctx context.Context, d demo, dir string) error {
	where := edgeOptions{listen: p.demoAddress(), log: p.log, now: p.now}
	if !isLoopback(where.listen) {
		return usagef("--listen %s: a demonstration asks for no credentials, so it answers this machine only: give 127.0.0.1:PORT", where.listen)
	}
	e, err := startEdge(where)
	if err != nil {
		return err
	}
	o := p.nodeOptions()
	o.dir, o.masterKey = dir, ""
	n, err := p.openServed(ctx, o, e)
	if err != nil {
		return errors.Join(err, e.drain())
	}
	if err := p.demoShow(ctx, d, n, e); err != nil {
		return errors.Join(err, e.drain(), n.close())
	}
	if d.once {
		return errors.Join(e.drain(), n.close())
	}
	fmt.Fprintln(p.errs, "serving until interrupted, without credentials, on this machine only")
	return p.stay(ctx, n, e)
}

// demoAddress is any free one unless an address was asked for: another program
// may well have the usual one.
func (p *program) demoAddress() string {
	if p.set.origins["listen"] == "" {
		return "127.0.0.1:0"
	}
	return p.set.listen
}

func (p *program) demoShow(ctx context.Context, d demo, n *node, e *edge) error {
	end := p.now()
	counts, err := p.play(ctx, n, traffic.Brokerage(d.seed, end, d.users, 1))
	if err != nil {
		return err
	}
	for _, view := range []func(context.Context, *node, time.Time) error{p.demoLocked, p.demoAccount, p.demoUser} {
		if err := view(ctx, n, end); err != nil {
			return err
		}
	}
	p.title("the day, decided and on disk")
	if err := p.answer(counts, func() table.Writer { return counts.table("commands") }); err != nil {
		return err
	}
	p.title("it answers at")
	return p.answer(map[string]string{"address": e.url()}, func() table.Writer {
		t := newTable()
		t.AppendRow(table.Row{e.url() + "/docs/"})
		t.AppendRow(table.Row{e.url() + "/v1/lockouts"})
		t.AppendRow(table.Row{e.url() + "/v1/accounts/" + traffic.PressedAccount + "/withdrawals"})
		t.AppendRow(table.Row{e.url() + "/readyz"})
		return t
	})
}

// demoLocked shows who is locked out, and one of them more closely.
func (p *program) demoLocked(ctx context.Context, n *node, at time.Time) error {
	locked, err := n.rows.Lockouts(ctx, n.ledger, at, nil, demoLines, "")
	if err != nil {
		return err
	}
	p.title("locked now")
	if err := p.showLockouts(locked); err != nil || len(locked.Lockouts) == 0 {
		return err
	}
	first := locked.Lockouts[0]
	p.title("lockout of " + first.User)
	return p.showLockout(first)
}

// demoAccount shows what an account may still withdraw.
func (p *program) demoAccount(ctx context.Context, n *node, at time.Time) error {
	w, err := n.rows.AccountWithdrawals(ctx, n.ledger, traffic.PressedAccount, at, nil, projections.Page{Limit: demoLines})
	if err != nil {
		return err
	}
	p.title("what may still be withdrawn from " + traffic.PressedAccount)
	return p.showWithdrawals(w)
}

// demoUser shows the devices and codes of a user who has one of another.
func (p *program) demoUser(ctx context.Context, n *node, at time.Time) error {
	devices, err := n.rows.Devices(ctx, n.ledger, traffic.Borrower, at, nil, projections.Page{Limit: demoLines})
	if err != nil {
		return err
	}
	p.title("devices of " + traffic.Borrower)
	if err := p.showDevices(devices); err != nil {
		return err
	}
	codes, err := n.rows.Codes(ctx, n.ledger, traffic.Borrower, at, nil, projections.Page{Limit: demoLines})
	if err != nil {
		return err
	}
	p.title("codes of " + traffic.Borrower)
	return p.showCodes(codes)
}

// play takes a day in, as fast as it is decided.
func (p *program) play(ctx context.Context, n *node, day iter.Seq[domain.Command]) (*tally, error) {
	b := p.startBar("playing a day", progress.UnitsDefault)
	defer b.stop()
	counts := newTally()
	run := intake{ledger: n.ledger, items: dayItems(day), heard: func(done *batch) error {
		counts.add(done)
		b.at(int64(counts.Commands), 0)
		return nil
	}}
	err := run.run(ctx)
	counts.end()
	return counts, err
}

func dayItems(day iter.Seq[domain.Command]) iter.Seq[item] {
	return func(yield func(item) bool) {
		line := 0
		for c := range day {
			line++
			if !yield(item{line: line, commands: []domain.Command{c}}) {
				return
			}
		}
	}
}

// title heads a table among others.
func (p *program) title(text string) {
	if !p.set.json {
		fmt.Fprintf(p.out, "\n── %s\n", text)
	}
}
