package main

import (
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"authledger/domain"
)

// cutting is a TCP proxy that closes every connection after a random number of bytes, or keeps it
// open without delivering anything.
type cutting struct {
	to       string
	listener net.Listener
	whole    bool         // no connection is cut
	silent   atomic.Int64 // number of first connections that stay open and deliver nothing
	conns    sync.WaitGroup

	mu     sync.Mutex
	chance *rand.Rand
	open   []net.Conn
}

// cutMin and cutDoubles bound the bytes after which a connection ends: from less than one
// answer to more than the largest answer, in powers of two.
const (
	cutMin     = 512
	cutDoubles = 15
)

func newCutting(t *testing.T, to string) *cutting {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &cutting{to: to, listener: listener, chance: rand.New(rand.NewPCG(seed, 0))}
	n.conns.Go(n.accept)
	t.Cleanup(func() {
		listener.Close()
		n.mu.Lock()
		for _, c := range n.open {
			c.Close()
		}
		n.mu.Unlock()
		n.conns.Wait()
	})
	return n
}

func (n *cutting) url() string { return "nats://" + n.listener.Addr().String() }

func (n *cutting) accept() {
	for number := int64(0); ; number++ {
		from, err := n.listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", n.to)
		if err != nil {
			from.Close()
			continue
		}
		n.mu.Lock()
		n.open = append(n.open, from, to)
		left := new(atomic.Int64)
		left.Store(int64(n.chance.IntN(cutMin << n.chance.IntN(cutDoubles))))
		n.mu.Unlock()
		n.conns.Go(func() { n.pass(from, to, left, number) })
		n.conns.Go(func() { n.pass(to, from, left, number) })
	}
}

// pass forwards bytes up to the limit of the connection.
func (n *cutting) pass(from, to net.Conn, left *atomic.Int64, number int64) {
	defer from.Close()
	defer to.Close()
	piece := make([]byte, cutMin)
	for {
		read, err := from.Read(piece)
		if err != nil || (!n.whole && left.Add(-int64(read)) < 0) {
			return
		}
		if number < n.silent.Load() {
			continue
		}
		if _, err := to.Write(piece[:read]); err != nil {
			return
		}
	}
}

// TestClientOverNATS_SilentConnection checks that the client replaces a connection that is open but
// delivers nothing, long before the timeout of a command.
func TestClientOverNATS_SilentConnection(t *testing.T) {
	t.Parallel()
	s := serveOverNATS(t)
	network := newCutting(t, s.NATSAddress())
	network.whole = true
	gateway := s.client(t, "gateway", network.url())
	ctx, cancel := context.WithTimeout(t.Context(), natsTimeout)
	defer cancel()
	for _, id := range []string{"a", "b"} {
		_, err := gateway.Do(ctx, id, &domain.LoginReport{User: "alice", Outcome: domain.Succeeded})
		if err != nil {
			t.Errorf("command %s over a silent connection: got error %v, want a verdict", id, err)
		}
		network.silent.Store(1)
	}
}
