package natsapi

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/access"
	"authledger/eventstore"
)

// Bounds of talking to the server.
const (
	askWithin     = 5 * time.Second
	connectWithin = 5 * time.Second
	reconnectWait = 250 * time.Millisecond
)

// Conns opens connections to a server in this process.
type Conns interface {
	InProcessConn() (net.Conn, error)
}

// Server says which one: one in this process, or that at an address.
type Server struct {
	Conns Conns
	User  string // with Conns

	URL      string      // nats:// or tls://
	SeedFile string      // of the node's key; with URL
	TLS      *tls.Config // nil for what the system trusts; with URL
}

// Options says what an edge is made of.
type Options struct {
	Realm   string
	Server  Server
	Tokens  *access.Tokens
	Serve   Interface
	Version string // of the program
	Log     *slog.Logger
	Observe Observer

	// LetterBytes bounds the letters together; 0 for 1 GiB.
	LetterBytes int64
}

// Observer is told what the edge does. Its funcs may be nil.
type Observer struct {
	Intake  func(status string) // a command was taken: a status of a verdict, or "letter"
	Backlog func(Backlog)       // every few seconds
}

// Edge is a node's side of NATS.
type Edge struct {
	options Options
	conn    *nats.Conn
	js      jetstream.JetStream
	intake  intake

	ctx     context.Context
	cancel  context.CancelFunc
	group   sync.WaitGroup
	service *service
}

// Connect opens the connection, and makes no use of it yet. A server that is
// somewhere else may be away: it is waited for.
func Connect(o Options) (*Edge, error) {
	e := &Edge{options: o}
	if err := e.connect(); err != nil {
		return nil, fmt.Errorf("connect to nats: %w", err)
	}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.intake.edge = e
	return e, nil
}

func (e *Edge) connect() (err error) {
	at := &e.options.Server
	why := "" // it can't be reached, as it was told last
	options := []nats.Option{
		nats.Name("authledger " + e.options.Realm), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait), nats.ReconnectBufSize(-1), nats.Timeout(connectWithin),
		nats.RetryOnFailedConnect(at.Conns == nil), nats.IgnoreAuthErrorAbort(), // until who runs the server lets this node in
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { e.options.Log.Warn("nats", "cause", err) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				e.options.Log.Warn("nats is away", "cause", err)
			}
		}),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) {
			if err.Error() != why {
				why = err.Error()
				e.options.Log.Warn("nats can't be reached, and is tried again", "cause", err)
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) { why = ""; e.options.Log.Info("nats is back") }),
	}
	if at.Conns != nil {
		options = append(options, nats.InProcessServer(at.Conns), nats.UserInfo(at.User, ""))
	} else {
		key, err := nats.NkeyOptionFromSeed(at.SeedFile)
		if err != nil {
			return fmt.Errorf("read the node's key in %s: %w", at.SeedFile, err)
		}
		options = append(options, key)
	}
	if at.TLS != nil {
		options = append(options, nats.Secure(at.TLS))
	}
	if e.conn, err = nats.Connect(at.URL, options...); err != nil {
		return err
	}
	e.js, err = jetstream.New(e.conn, jetstream.WithDefaultTimeout(askWithin))
	return err
}

// MakeStreams makes the streams of the intake and its letters, so that commands can be
// left before the ledger is there for the first time.
func (e *Edge) MakeStreams(ctx context.Context) error {
	_, err := e.intake.open(ctx)
	return err
}

// Serve answers requests, tells events as they are recorded, and takes what lies in
// the intake, until Close.
func (e *Edge) Serve(l *eventstore.Ledger) (err error) {
	if e.service, err = startService(e.ctx, e.conn, &e.options); err != nil {
		return err
	}
	e.group.Go(func() { e.tellFeed(e.ctx, l) })
	e.group.Go(func() { e.intake.run(e.ctx, l) })
	if e.options.Observe.Backlog != nil {
		e.group.Go(func() { e.tellBacklog(e.ctx) })
	}
	return nil
}

// Letters are those of the realm, which l may be given again.
func (e *Edge) Letters(l *eventstore.Ledger) *Letters {
	return &Letters{Options: &e.options, js: e.js, ledger: l}
}

// Close answers what is under way and lets go. The ledger is closed after it.
func (e *Edge) Close() error {
	var err error
	if e.service != nil {
		err = e.service.stop()
	}
	e.cancel()
	e.group.Wait()
	err = errors.Join(err, flush(e.conn))
	e.conn.Close()
	if err != nil {
		return fmt.Errorf("leave nats: %w", err)
	}
	return nil
}

// flush returns once the server has heard all that was said to it. One that is away
// hears what matters when it is back.
func flush(conn *nats.Conn) error {
	if !conn.IsConnected() {
		return nil
	}
	err := conn.FlushTimeout(askWithin)
	if !conn.IsConnected() {
		return nil
	}
	return err
}

// sleep reports false if ctx ends before.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// CheckSeedFile says what is wrong with the file of a node's key, nil if nothing.
func CheckSeedFile(path string) error {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	_, err := nats.NkeyOptionFromSeed(path)
	return err
}
