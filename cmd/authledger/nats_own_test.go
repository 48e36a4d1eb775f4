package main

import (
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/access"
	"authledger/adapters/natsapi"
	"authledger/eventstore/natsd"
	"authledger/eventstore/wire"
)

// ownServer is a NATS server apart from the node.
type ownServer struct {
	address, seed string
	server        *natsd.Server // nil while it is away
	config        natsd.Config
}

func (s *overNATS) natsOwn(t testing.TB) *ownServer {
	t.Helper()
	o := &ownServer{seed: filepath.Join(t.TempDir(), "node.nk")}
	public, err := access.MakeKey(o.seed)
	if err != nil {
		t.Fatal(err)
	}
	o.config = natsd.Config{Dir: t.TempDir(), Log: quietLog, Listen: natsListening("127.0.0.1:0", realmDefault, public, nil, s.tokens, quietLog)}
	o.start(t)
	t.Cleanup(o.stop)
	o.address = o.server.Addr().String()
	o.config.Listen.Address = o.address
	return o
}

func (o *ownServer) start(t testing.TB) {
	t.Helper()
	server, err := startNATS(t.Context(), o.config, realmDefault)
	if err != nil {
		t.Fatal(err)
	}
	o.server = server
}

func (o *ownServer) stop() {
	if o.server != nil {
		o.server.Close()
	}
	o.server = nil
}

func (o *ownServer) options() *natsOptions {
	return &natsOptions{url: "nats://" + o.address, seedFile: o.seed}
}

// restart begins anew, where the node is up or was stopped.
func (s *overNATS) restart(t testing.TB, o nodeOptions) {
	t.Helper()
	s.stop(t)
	s.start(t, o)
}

func (s *overNATS) connectAt(t testing.TB, name, address string) *caller {
	t.Helper()
	public, err := s.keys[name].PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := nats.Connect("nats://"+address, nats.Nkey(public, s.keys[name].Sign), nats.CustomInboxPrefix(natsapi.InboxPrefix(name)), nats.Timeout(natsPatience))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return &caller{Conn: conn, name: name}
}

// verdicts are those of the first records, byte for byte.
func (s *overNATS) verdicts(t testing.TB, most uint64) (all []string) {
	t.Helper()
	for r, err := range s.ledger.Records(t.Context(), 1, most, false) {
		if err != nil {
			t.Fatal(err)
		}
		v := r.Verdict()
		all = append(all, string(wire.AppendVerdict(nil, &v)))
	}
	return all
}

// A server that doesn't let the node in, as it was started for another key, is tried
// until it does: what was left is taken then.
func TestOwnServerLetsInLate(t *testing.T) {
	const refusals = 4
	s := serveOverNATS(t)
	seed, files, refused := filepath.Join(t.TempDir(), "node.nk"), t.TempDir(), make(chan struct{}, refusals)
	public, err := access.MakeKey(seed)
	if err != nil {
		t.Fatal(err)
	}
	begin := func(address, nodeKey string) *natsd.Server {
		t.Helper()
		at := natsListening(address, realmDefault, nodeKey, nil, s.tokens, quietLog)
		admit := at.Admit
		at.Admit = func(key string) (natsd.Permit, bool) {
			permit, ok := admit(key)
			if !ok {
				select {
				case refused <- struct{}{}:
				default:
				}
			}
			return permit, ok
		}
		server, err := startNATS(t.Context(), natsd.Config{Dir: files, Log: quietLog, Listen: at}, realmDefault)
		if err != nil {
			t.Fatal(err)
		}
		return server
	}
	server := begin("127.0.0.1:0", "another")
	address := server.Addr().String()
	s.restart(t, nodeOptions{log: quietLog, nats: &natsOptions{url: "nats://" + address, seedFile: seed}})
	c := s.connectAt(t, "gateway", address)
	c.leave(t, leave("gateway", "e-1", "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`))
	c.Close()
	for range refusals {
		select {
		case <-refused:
		case <-time.After(natsPatience):
			t.Fatal("the node gave up")
		}
	}
	server.Close()
	server = begin(address, public)
	t.Cleanup(server.Close)
	s.until(t, 1)
}

// laterClock is a node's clock that is ahead, or runs away, and says when the node has
// looked at it a number of times: while nothing is taken, its timers alone do.
type laterClock struct {
	ahead time.Duration
	away  atomic.Pointer[time.Time] // since when it runs
	looks atomic.Int64
	done  chan struct{}
}

// clockRate is how fast a clock runs that runs away: no jump from one look to the next.
const clockRate = 200

func newLaterClock(ahead time.Duration) *laterClock {
	return &laterClock{ahead: ahead, done: make(chan struct{})}
}

func (c *laterClock) now() time.Time {
	if c.looks.Add(-1) == 0 {
		close(c.done)
	}
	now := time.Now().Add(c.ahead)
	if since := c.away.Load(); since != nil {
		now = now.Add(clockRate * time.Since(*since))
	}
	return now
}

// await waits until the node has looked at the clock often enough from now on for its
// timers to have gone by it.
func (c *laterClock) await(t testing.TB) {
	t.Helper()
	c.looks.Store(6)
	select {
	case <-c.done:
	case <-time.After(natsPatience):
		t.Fatal("the timers don't look at the clock")
	}
}

// silentProxy passes on what comes for a server until it is told to be silent: then it
// keeps it, and nobody is told that nothing passes.
type silentProxy struct {
	net.Listener
	passes sync.RWMutex
}

func newSilentProxy(t testing.TB, address string) *silentProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &silentProxy{Listener: l}
	go func() { // until the test is over, and its node with it
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", address)
			if err != nil {
				_ = near.Close()
				continue
			}
			go p.pass(near, far)
			go p.pass(far, near)
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	return p
}

func (p *silentProxy) pass(from, to net.Conn) {
	defer to.Close()
	for b := make([]byte, 64<<10); ; {
		n, err := from.Read(b)
		p.passes.RLock()
		_, wrote := to.Write(b[:n])
		p.passes.RUnlock()
		if err != nil || wrote != nil {
			return
		}
	}
}
