//go:build faults

package faults

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// withdrawChild is a node that receives commands from its parent, one a line, decides
// them concurrently, and reports each verdict.
type withdrawChild struct{ Dir string }

func (c *withdrawChild) run(out *childOut) int {
	ctx := context.Background()
	n, err := node.Open(ctx, faultNode(c.Dir))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitCode(err)
	}
	out.send(wordReady, nil)
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		command, rejection := wire.ReadCommand(in.Bytes())
		if rejection != nil {
			out.sendf(wordBroken, "%v: %s", rejection, in.Bytes())
			continue
		}
		ticket, err := n.Ledger.Submit(ctx, command)
		if err != nil {
			continue // the outcome is unknown: no response
		}
		go reportVerdict(ctx, out, ticket)
	}
	return exitFailed // the parent has closed the pipe
}

func reportVerdict(ctx context.Context, out *childOut, ticket *eventstore.Ticket) {
	if v, err := ticket.Wait(ctx); err == nil {
		out.send(wordAcked, wire.AppendVerdict(nil, &v))
	}
}

// clientVerdict is a verdict as a client receives it.
type clientVerdict struct {
	Source, ID, Status, Reason string
	Seq                        uint64
}

// withdrawNode is a child that many clients use concurrently.
type withdrawNode struct {
	*child
	mu      sync.Mutex
	waiting map[commandName]chan clientVerdict
	broken  []string
	gone    chan struct{} // closed after all lines of the child were delivered
}

func openWithdrawNode(t *testing.T, dir string) *withdrawNode {
	t.Helper()
	c := &withdrawNode{child: startChild(t, "withdraw", withdrawChild{Dir: dir}),
		waiting: map[commandName]chan clientVerdict{}, gone: make(chan struct{})}
	if _, err := c.await(wordReady, killReady, func(childLine) {}); err != nil {
		t.Fatal(err)
	}
	go c.listen()
	return c
}

func (c *withdrawNode) listen() {
	defer close(c.gone)
	for l := range c.lines {
		var v clientVerdict
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

// ask sends a command. It returns false without a response in time.
func (c *withdrawNode) ask(command *domain.Command, within time.Duration) (clientVerdict, bool) {
	to := make(chan clientVerdict, 1)
	c.mu.Lock()
	c.waiting[commandName{command.Source, command.ID}] = to
	// a killed child reads nothing: the outcome is unknown
	c.in.Write(append(wire.AppendCommand(nil, command), '\n'))
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
		return clientVerdict{}, false
	}
}

// killed sends SIGKILL to the child, and returns after all its lines were delivered.
func (c *withdrawNode) killed(t *testing.T) {
	t.Helper()
	c.kill()
	<-c.gone
	if len(c.broken) > 0 {
		t.Fatalf("violations: got %q, want none", c.broken[0])
	}
}
