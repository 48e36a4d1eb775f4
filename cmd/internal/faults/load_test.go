//go:build faults

package faults

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// loadChild is a node under load. Its publishers report each command before they
// submit it, and each verdict.
type loadChild struct {
	Dir         string
	Seed        uint64
	Publishers  int
	Users       int
	PauseMax    time.Duration // between two commands of a publisher
	DiskFreeMin uint64
	Unsynced    bool
	Early       bool // planted fault: acknowledge before the decision
	Check       bool // compare the rows with the naive fold before the load
}

// Words of the load child.
const (
	wordSent   = "sent"   // a command, about to be submitted
	wordAcked  = "acked"  // a verdict
	wordReady  = "ready"  // all repeated commands have verdicts
	wordHealth = "health" // the problems of the node, after each change
	wordBroken = "broken" // a violation
)

func (c *loadChild) run(out *childOut) int {
	in := bufio.NewReader(os.Stdin)
	again, err := readRetries(in)
	if err != nil {
		return exitUsage
	}
	dieWithParent(in)
	if err := c.load(context.Background(), out, again); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitCode(err)
	}
	return exitDone
}

// readRetries reads the commands with an unknown outcome, one a line, up to an empty
// line.
func readRetries(in *bufio.Reader) ([]domain.Command, error) {
	var all []domain.Command
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return nil, err
		}
		if len(line) == 1 {
			return all, nil
		}
		c, rejection := wire.ReadCommand(line[:len(line)-1])
		if rejection != nil {
			return nil, rejection
		}
		all = append(all, c)
	}
}

func (c *loadChild) load(ctx context.Context, out *childOut, again []domain.Command) error {
	o := faultNode(c.Dir)
	o.Unsynced = c.Unsynced
	o.Tune = func(o *eventstore.Options) { o.DiskFreeMin = c.DiskFreeMin }
	n, err := node.Open(ctx, o)
	if err != nil {
		return err
	}
	if c.Check {
		if err := checkFold(ctx, n); err != nil {
			out.sendf(wordBroken, "after a restart: %v", err)
		}
	}
	p := publishers{loadChild: c, out: out, ledger: n.Ledger}
	for i := range again {
		p.do(ctx, &again[i])
	}
	out.sendf(wordReady, "%d", n.Rows.Position().Seq)
	go p.watch(ctx)
	p.run(ctx)
	return n.Close()
}

// publishers are the gateways of a load.
type publishers struct {
	*loadChild
	out    *childOut
	ledger *eventstore.Ledger
}

// run publishes until the ledger stops.
func (p *publishers) run(ctx context.Context) {
	var all sync.WaitGroup
	for i := range p.Publishers {
		all.Go(func() { p.publish(ctx, newGateway(p.Seed, i, p.Users)) })
	}
	all.Wait()
}

func (p *publishers) publish(ctx context.Context, g *gateway) {
	for {
		c := g.next(time.Now())
		p.out.send(wordSent, wire.AppendCommand(nil, &c))
		v, err := p.do(ctx, &c)
		if errors.Is(err, eventstore.ErrStopped) {
			return
		}
		if err == nil {
			g.storeAttempt(&c, &v)
		}
		g.rest(p.PauseMax)
	}
}

// do submits a command and reports its verdict.
func (p *publishers) do(ctx context.Context, c *domain.Command) (domain.Verdict, error) {
	if p.Early {
		p.out.send(wordAcked, earlyVerdict(c))
	}
	v, err := p.ledger.Do(ctx, *c)
	switch {
	case err != nil: // the outcome is unknown: the parent sends the command again
	case v.Status == domain.Invalid:
		p.out.sendf(wordBroken, "%s/%s is invalid: %s: %s", c.Source, c.ID, v.Reason, v.Detail)
	case !p.Early:
		v.Duplicate, v.Unsynced = false, false // members of the response, not of the record
		p.out.send(wordAcked, wire.AppendVerdict(nil, &v))
	}
	return v, err
}

// earlyVerdict returns the verdict of a ledger that acknowledges before the decision.
func earlyVerdict(c *domain.Command) []byte {
	v := domain.Verdict{ID: c.ID, Source: c.Source, Type: c.Data.CommandType(), Status: domain.Accepted, Seq: 1,
		Time: c.Time, Policy: domain.DefaultPolicy}
	return wire.AppendVerdict(nil, &v)
}

// watch reports the health of the ledger after each change.
func (p *publishers) watch(ctx context.Context) {
	last := ""
	poll(ctx, func() bool {
		if now := fmt.Sprint(p.ledger.Health().Problems); now != last {
			last = now
			p.out.sendf(wordHealth, "%s", now)
		}
		return false
	})
}

// sendRetries sends the child the commands to begin with.
func (c *child) resend(commands [][]byte) error {
	w := bufio.NewWriter(c.in)
	for _, line := range commands {
		w.Write(line)
		w.WriteByte('\n')
	}
	w.WriteByte('\n')
	return errors.Join(ignorePipe(w.Flush()))
}

// ignorePipe ignores the error of a write to a child that was killed.
func ignorePipe(err error) error {
	if errors.Is(err, io.ErrClosedPipe) || errors.Is(err, os.ErrClosed) || errors.Is(err, errPipe) {
		return nil
	}
	return err
}
