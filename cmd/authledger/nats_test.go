package main

import (
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"authledger/access"
	"authledger/adapters/natsapi"
	"authledger/eventstore/natsd"
)

// natsPatience is how long a test waits for what must come.
const natsPatience = 20 * time.Second

// overNATS is a node in this process that is reached over NATS, with a key of each
// role, named like the role.
type overNATS struct {
	*node
	edge   *edge
	dir    string
	tokens *access.Tokens
	keys   map[string]nkeys.KeyPair
}

func serveOverNATS(t testing.TB) *overNATS {
	t.Helper()
	dir := t.TempDir()
	s := &overNATS{dir: dir, tokens: access.OpenTokens(filepath.Join(dir, tokensName), time.Now), keys: make(map[string]nkeys.KeyPair)}
	for _, role := range access.Roles() {
		s.add(t, access.Spec{Name: string(role), Role: role, Rate: benchRateMax})
	}
	s.start(t, nodeOptions{log: quietLog})
	t.Cleanup(func() { s.stop(t) })
	return s
}

func (s *overNATS) add(t testing.TB, spec access.Spec) {
	t.Helper()
	key, err := nkeys.CreateUser()
	if err == nil {
		spec.NKey, err = key.PublicKey()
	}
	if err == nil {
		_, err = s.tokens.Add(spec)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.keys[spec.Name] = key
}

func (s *overNATS) start(t testing.TB, o nodeOptions) {
	t.Helper()
	o.dir, o.realm, o.name = s.dir, realmDefault, nodeDefault
	var err error
	if s.edge, err = startEdge(edgeOptions{listen: "127.0.0.1:0", tokens: filepath.Join(s.dir, tokensName), log: o.log, now: time.Now}); err != nil {
		t.Fatal(err)
	}
	if o.nats == nil {
		o.nats = &natsOptions{listen: "127.0.0.1:0"}
	}
	o.nats.tokens, o.nats.serve = s.tokens, s.edge.ServeAs
	if s.node, err = openNode(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	s.edge.serve(s.node)
}

func (s *overNATS) stop(t testing.TB) {
	t.Helper()
	if s.node == nil {
		return
	}
	if err := errors.Join(s.edge.drain(), s.close()); err != nil {
		t.Error(err)
	}
	s.node = nil
}

// caller is a connection under one's own name.
type caller struct {
	*nats.Conn
	name string
}

func (s *overNATS) connect(t testing.TB, name string) *caller {
	t.Helper()
	public, err := s.keys[name].PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	c := &caller{name: name}
	c.Conn, err = nats.Connect("nats://"+s.natsAddress(), nats.Nkey(public, s.keys[name].Sign), nats.CustomInboxPrefix(natsapi.InboxPrefix(name)),
		nats.Timeout(natsPatience), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// inside is a connection of the node's own, on which commands can be left in the name
// of who is not let in, or not any more.
func (s *overNATS) inside(t testing.TB) *caller {
	t.Helper()
	conn, err := nats.Connect("", nats.InProcessServer(s.server), nats.UserInfo(natsd.NodeUser, ""), nats.NoReconnect())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return &caller{Conn: conn, name: natsd.NodeUser}
}

// isAllowed reports whether the server lets something pass about a subject: what it
// refuses it tells before it answers a ping.
func (c *caller) isAllowed(t *testing.T, subject string, err error) bool {
	t.Helper()
	if err = errors.Join(err, c.Flush()); err != nil {
		t.Fatal(err)
	}
	last := c.LastError()
	return !errors.Is(last, nats.ErrPermissionViolation) || !strings.Contains(last.Error(), `"`+subject+`"`)
}

func (c *caller) mayPublish(t *testing.T, subject string) bool {
	t.Helper()
	return c.isAllowed(t, subject, c.Publish(subject, nil))
}

func (c *caller) maySubscribe(t *testing.T, subject string) bool {
	t.Helper()
	_, err := c.SubscribeSync(subject)
	return c.isAllowed(t, subject, err)
}

// mayShare is with a queue, in which it would answer in the node's place: with "q", that
// of the node's own endpoints.
func (c *caller) mayShare(t *testing.T, subject string) bool {
	t.Helper()
	_, err := c.QueueSubscribeSync(subject, "q")
	return c.isAllowed(t, subject, err)
}

// quietLog tells nobody.
var quietLog = slog.New(slog.DiscardHandler)
