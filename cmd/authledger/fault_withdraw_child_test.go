//go:build faults

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// withdrawChild is a node that takes commands from its parent, a line each, all
// at once, and tells each verdict.
type withdrawChild struct{ Dir string }

func (c *withdrawChild) play(out *childOut) int {
	ctx := context.Background()
	n, err := openNode(ctx, faultNode(c.Dir))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitCode(err)
	}
	out.tell(wordReady, nil)
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		command, rejection := wire.ReadCommand(in.Bytes())
		if rejection != nil {
			out.tellf(wordBroken, "%v: %s", rejection, in.Bytes())
			continue
		}
		ticket, err := n.ledger.Submit(ctx, command)
		if err != nil {
			continue // unknown: nobody is answered
		}
		go tellVerdict(ctx, out, ticket)
	}
	return exitFailed // nobody holds the other end any more
}

func tellVerdict(ctx context.Context, out *childOut, ticket *eventstore.Ticket) {
	if v, err := ticket.Wait(ctx); err == nil {
		out.tell(wordAcked, wire.AppendVerdict(nil, &v))
	}
}

// heard is a verdict as a client hears it.
type heard struct {
	Source, ID, Status, Reason string
	Seq                        uint64
}

// teller is a child with which many clients speak at once.
type teller struct {
	*child
	mu      sync.Mutex
	waiting map[commandName]chan heard
	broken  []string
	gone    chan struct{} // closed when all that it said is passed on
}

func openTeller(t *testing.T, dir string) *teller {
	t.Helper()
	c := &teller{child: startChild(t, "withdraw", withdrawChild{Dir: dir}), waiting: map[commandName]chan heard{}, gone: make(chan struct{})}
	if _, err := c.await(wordReady, killReady, func(childLine) {}); err != nil {
		t.Fatal(err)
	}
	go c.listen()
	return c
}

func (c *teller) listen() {
	defer close(c.gone)
	for l := range c.lines {
		var v heard
		err := json.Unmarshal(l.rest, &v)
		c.mu.Lock()
		if l.word != wordAcked || err != nil {
			c.broken = append(c.broken, l.word+" "+string(l.rest))
		} else if to := c.waiting[commandName{v.Source, v.ID}]; to != nil {
			to <- v
			delete(c.waiting, commandName{v.Source, v.ID})
		}
		c.mu.Unlock()
	}
}

// ask sends a command, and reports false when no answer comes in time, or ever.
func (c *teller) ask(command *domain.Command, within time.Duration) (heard, bool) {
	to := make(chan heard, 1)
	c.mu.Lock()
	c.waiting[commandName{command.Source, command.ID}] = to
	c.in.Write(append(wire.AppendCommand(nil, command), '\n')) // who is killed reads nothing: the outcome is unknown
	c.mu.Unlock()
	select {
	case v := <-to:
		return v, true
	case <-time.After(within):
	case <-c.gone:
	}
	select {
	case v := <-to:
		return v, true
	default:
		return heard{}, false
	}
}

// killed ends the child as kill -9 does, and waits until all that it said is
// passed on.
func (c *teller) killed(t *testing.T) {
	t.Helper()
	c.kill()
	<-c.gone
	if len(c.broken) > 0 {
		t.Fatal(c.broken[0])
	}
}
