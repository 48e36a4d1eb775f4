package main

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"authledger/adapters/natsconn"
	"authledger/adapters/tokens/tokenstest"
	"authledger/cmd/internal/node"
	"authledger/domain/access"
	"authledger/eventstore/natsd"
)

// natsTimeout bounds each wait of a test.
const natsTimeout = time.Minute

// overNATS is a node in this process with NATS callers, one for each role. The name of the
// caller is the role.
type overNATS struct {
	*node.Node
	edge   *node.Server
	dir    string
	tokens *tokenstest.Table
	keys   map[string]nkeys.KeyPair
}

func serveOverNATS(t testing.TB) *overNATS {
	t.Helper()
	return serveOptionsOverNATS(t, node.Options{Log: quietLog})
}

func serveOptionsOverNATS(t testing.TB, o node.Options) *overNATS {
	t.Helper()
	dir := t.TempDir()
	s := &overNATS{dir: dir, tokens: tokenstest.New(time.Now),
		keys: make(map[string]nkeys.KeyPair)}
	for _, role := range access.Roles() {
		s.add(t, tokenstest.Spec{Name: string(role), Role: role, Rate: testRateMax})
	}
	s.start(t, o)
	t.Cleanup(func() { s.stop(t) })
	return s
}

// add adds a token with a NATS key, and returns the text of the token.
func (s *overNATS) add(t testing.TB, spec tokenstest.Spec) (token string) {
	t.Helper()
	key, err := nkeys.CreateUser()
	if err == nil {
		spec.NKey, err = key.PublicKey()
	}
	if err == nil {
		token, err = s.tokens.Add(spec)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.keys[spec.Name] = key
	return token
}

func (s *overNATS) start(t testing.TB, o node.Options) {
	t.Helper()
	o.Dir, o.Realm, o.Name = s.dir, realmDefault, nodeDefault
	var err error
	s.edge, err = node.StartServer(node.ServerOptions{Listen: "127.0.0.1:0",
		Tokens: s.tokens.Table, Log: o.Log, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if o.NATS == nil {
		o.NATS = &node.NATSOptions{Listen: "127.0.0.1:0"}
	}
	o.NATS.Serve, o.Tokens, o.Revoked = s.edge.ServeAs, s.tokens.Table, s.edge.EndStreams
	if s.Node, err = node.Open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	s.edge.ServeNode(s.Node)
}

func (s *overNATS) stop(t testing.TB) {
	t.Helper()
	if s.Node == nil {
		return
	}
	if err := errors.Join(s.edge.Shutdown(), s.Close()); err != nil {
		t.Error(err)
	}
	s.Node = nil
}

// caller is a NATS connection of a caller.
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
	c.Conn, err = nats.Connect("nats://"+s.NATSAddress(), nats.Nkey(public, s.keys[name].Sign),
		nats.CustomInboxPrefix(natsconn.InboxPrefix(name)),
		nats.Timeout(natsTimeout), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// inside returns a connection of the node, which may publish in the name of any caller, also
// of a caller without a token.
func (s *overNATS) inside(t testing.TB) *caller {
	t.Helper()
	conn, err := nats.Connect("", nats.InProcessServer(s.LogServer), nats.UserInfo(natsd.NodeUser, ""),
		nats.NoReconnect())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return &caller{Conn: conn, name: natsd.NodeUser}
}

// isAllowed reports whether the server has permitted the last request about a subject. The
// server sends a refusal before it answers the ping of Flush.
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

// mayShare reports whether the caller may join the queue group "q" of the node's endpoints,
// in which it would answer requests in place of the node.
func (c *caller) mayShare(t *testing.T, subject string) bool {
	t.Helper()
	_, err := c.QueueSubscribeSync(subject, "q")
	return c.isAllowed(t, subject, err)
}

// quietLog discards all log lines.
var quietLog = slog.New(slog.DiscardHandler)
