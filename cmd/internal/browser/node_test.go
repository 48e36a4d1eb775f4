//go:build e2e

package browser

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"authledger/adapters/tokens"
	"authledger/cmd/internal/ingest"
	"authledger/cmd/internal/loadgen"
	"authledger/cmd/internal/node"
	"authledger/domain"
)

const realm = "main"

// usersOfDay is the number of users of the generated day.
const usersOfDay = 300

// startNode runs a node with a generated day that ends now, and returns it with its URL. Each visitor has
// the role open.
func startNode(t *testing.T) (*node.Node, string) {
	t.Helper()
	h := &host{listen: "127.0.0.1:0"}
	h.start(t, t.TempDir())
	importDay(t, h.node)
	return h.node, h.address
}

// host is a node with its HTTP server, which a test can stop and start again at the same address.
type host struct {
	listen  string        // address of the listener; start replaces the port 0
	tokens  *tokens.Table // nil gives each visitor the role open
	isFull  bool          // the node has an intake and delivers to webhooks
	node    *node.Node
	server  *node.Server
	address string // URL
}

// start opens the node in a directory, and serves it until the end of the test.
func (h *host) start(t *testing.T, dir string) {
	t.Helper()
	h.listenAgain(t)
	h.open(t, dir)
	h.server.ServeNode(h.node)
}

// listenAgain starts the HTTP server, which reports that the node is opening the ledger.
func (h *host) listenAgain(t *testing.T) {
	t.Helper()
	var err error
	h.server, err = node.StartServer(node.ServerOptions{Listen: h.listen, Tokens: h.tokens,
		Log: slog.New(slog.DiscardHandler), Now: time.Now})
	must(t, err)
	server := h.server
	t.Cleanup(func() {
		if err := server.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	h.address = h.server.URL()
	_, h.listen, _ = strings.Cut(h.address, "://")
}

// open opens the ledger in a directory. The node closes at the end of the test, unless stop closes it.
func (h *host) open(t *testing.T, dir string) {
	t.Helper()
	o := node.Options{
		Dir: dir, Realm: realm, Name: "n1", Unsynced: true, Log: slog.New(slog.DiscardHandler),
		Now: time.Now, Tokens: h.tokens, Revoked: h.server.EndStreams, Observe: h.server.Metrics.Observer(),
	}
	if h.isFull {
		o.NATS = &node.NATSOptions{Listen: "127.0.0.1:0", Serve: h.server.ServeAs}
	}
	n, err := node.Open(t.Context(), o)
	must(t, err)
	h.node = n
	t.Cleanup(func() {
		if h.node != n {
			return
		}
		if err := errors.Join(h.server.Shutdown(), n.Close()); err != nil {
			t.Error(err)
		}
	})
	if h.isFull {
		h.deliver(t)
	}
}

// deliver delivers events to the webhooks until the end of the test.
func (h *host) deliver(t *testing.T) {
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var reactors sync.WaitGroup
	n, m := h.node, h.server.Metrics
	reactors.Go(func() { n.RunWebhooks(ctx, m) })
	t.Cleanup(func() {
		stop()
		reactors.Wait()
	})
}

// stop closes the listener and the ledger.
func (h *host) stop(t *testing.T) {
	t.Helper()
	n := h.node
	h.node = nil
	must(t, errors.Join(h.server.Shutdown(), n.Close()))
}

func importDay(t *testing.T, n *node.Node) {
	t.Helper()
	items := func(yield func(ingest.Item) bool) {
		line := 0
		for c := range loadgen.Brokerage(1, time.Now(), usersOfDay, 1) {
			line++
			if !yield(ingest.Item{Line: line, Commands: []domain.Command{c}}) {
				return
			}
		}
	}
	run := ingest.Pipeline{Ledger: n.Ledger, Items: items, Report: func(*ingest.Batch) error { return nil }}
	if err := run.Run(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
}
