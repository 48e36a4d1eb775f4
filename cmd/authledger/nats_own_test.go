package main

import (
	"context"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/adapters/intake"
	"authledger/adapters/natsconn"
	"authledger/adapters/tokens"
	"authledger/cmd/internal/node"
	"authledger/eventstore/natsd"
	"authledger/eventstore/wire"
)

// ownServer is a NATS server apart from the node.
type ownServer struct {
	address, seed string
	server        *node.IntakeServer // nil while the server is stopped
	config        natsd.Config
	intake        intake.Options
}

func (s *overNATS) natsOwn(t testing.TB) *ownServer {
	t.Helper()
	o := &ownServer{seed: filepath.Join(t.TempDir(), "node.nk")}
	public, err := tokens.MakeKey(o.seed)
	if err != nil {
		t.Fatal(err)
	}
	o.config = natsd.Config{Dir: t.TempDir(), Log: quietLog,
		Listen: node.Listening("127.0.0.1:0", realmDefault, public, nil, s.tokens, quietLog)}
	o.intake = intake.Options{Tokens: s.tokens, Log: quietLog}
	o.start(t)
	t.Cleanup(func() { o.stop() })
	o.address = o.server.Addr().String()
	o.config.Listen.Address = o.address
	return o
}

func (o *ownServer) start(t testing.TB) {
	t.Helper()
	server, err := node.StartIntakeServer(context.Background(), o.config, realmDefault, o.intake)
	if err != nil {
		t.Fatal(err)
	}
	o.server = server
}

func (o *ownServer) stop() {
	if o.server != nil {
		_ = o.server.Close() // a test may have emptied its directory
	}
	o.server = nil
}

func (o *ownServer) options() *node.NATSOptions {
	return &node.NATSOptions{URL: "nats://" + o.address, SeedFile: o.seed}
}

// restart stops the node if it runs, and starts it.
func (s *overNATS) restart(t testing.TB, o node.Options) {
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
	conn, err := nats.Connect("nats://"+address, nats.Nkey(public, s.keys[name].Sign),
		nats.CustomInboxPrefix(natsconn.InboxPrefix(name)), nats.Timeout(natsTimeout))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return &caller{Conn: conn, name: name}
}

// verdicts returns the verdicts of the first records as JSON.
func (s *overNATS) verdicts(t testing.TB, most uint64) (all []string) {
	t.Helper()
	for r, err := range s.Ledger.Records(t.Context(), 1, most, false) {
		if err != nil {
			t.Fatal(err)
		}
		v := r.Verdict()
		all = append(all, string(wire.AppendVerdict(nil, &v)))
	}
	return all
}

// TestSeparateServer_NodeKeyChanges checks that a node retries a NATS server that refuses its
// key, and reads the intake after the server was restarted with the right key.
func TestSeparateServer_NodeKeyChanges(t *testing.T) {
	const refusals = 4
	s := serveOverNATS(t)
	seed, files, refused := filepath.Join(t.TempDir(), "node.nk"), t.TempDir(), make(chan struct{}, refusals)
	public, err := tokens.MakeKey(seed)
	if err != nil {
		t.Fatal(err)
	}
	begin := func(address, nodeKey string) *node.IntakeServer {
		t.Helper()
		at := node.Listening(address, realmDefault, nodeKey, nil, s.tokens, quietLog)
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
		server, err := node.StartIntakeServer(t.Context(), natsd.Config{Dir: files, Log: quietLog, Listen: at},
			realmDefault, intake.Options{Tokens: s.tokens, Log: quietLog})
		if err != nil {
			t.Fatal(err)
		}
		return server
	}
	server := begin("127.0.0.1:0", "another")
	address := server.Addr().String()
	s.restart(t, node.Options{Log: quietLog, NATS: &node.NATSOptions{URL: "nats://" + address, SeedFile: seed}})
	c := s.connectAt(t, "gateway", address)
	c.mustPublish(t,
		intakeMessage("gateway", "e-1", "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`))
	c.Close()
	for range refusals {
		select {
		case <-refused:
		case <-time.After(natsTimeout):
			t.Fatalf("timed out: got fewer than %d attempts of the node to connect, want at least %[1]d", refusals)
		}
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	server = begin(address, public)
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	s.until(t, 1)
}

// laterClock is a clock of a node that is ahead of the wall clock, or runs faster. It counts
// how often the node reads it; while the intake is blocked, only the timers do.
type laterClock struct {
	ahead time.Duration
	away  atomic.Pointer[time.Time] // when it began to run faster
	looks atomic.Int64
	done  chan struct{}
}

// clockRate is the rate of a clock that runs faster. It is too low for the ledger to detect a
// jump of the clock.
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

// await waits until the node has read the clock often enough that its timers have used a time after
// the call of await.
func (c *laterClock) await(t testing.TB) {
	t.Helper()
	c.looks.Store(6)
	select {
	case <-c.done:
	case <-time.After(natsTimeout):
		t.Fatal("timed out: got too few reads of the clock by the timers, want enough to use the later time")
	}
}

// silentProxy forwards connections to a server. While passes is locked it forwards no bytes
// and closes no connection.
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
	go func() { // until the cleanup of the test closes the listener
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
