package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"authledger/adapters/httpapi"
	"authledger/adapters/intake"
	"authledger/adapters/natsapi"
	"authledger/adapters/natsconn"
	"authledger/cmd/internal/buildinfo"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
	"authledger/eventstore/natsd"
)

// NATSOptions configure the NATS interface of a node, which uses the embedded server or a
// separate server.
type NATSOptions struct {
	Listen   string // host:port of the embedded server; "" accepts no clients
	URL      string // of a separate server; "" uses the embedded server
	SeedFile string // path of the seed of the node's key at URL
	TLS      *tls.Config
	Serve    natsapi.Handler // nil for a command that only handles dead letters
	Observe  intake.Observer

	DeadLetterBytes int64 // maximum size of all dead letters; 0 for the default
	Quotas          intake.Quotas
	AcceptLost      bool // open the intake although its store lost messages
}

// Holders finds callers by their public NATS keys: a [tokens.Table] or a [tokens.CallersFile].
type Holders interface {
	Holder(key string) (*access.Caller, error)
}

// Listening returns the configuration of a NATS listener, nil if address is "". The listener
// authenticates clients by the NATS keys of tokens, and gives each client the permissions of
// its role. The client with nodeKey, if that is not "", has all permissions.
func Listening(address, realm, nodeKey string, config *tls.Config, holders Holders, log *slog.Logger) *natsd.Listening {
	if address == "" {
		return nil
	}
	return &natsd.Listening{
		Address: address, TLS: config,
		Crossing: natsd.Crossing{Requests: natsconn.RequestSubjects(realm), Events: natsconn.EventSubjects(realm)},
		Admit: func(key string) (permit natsd.Permit, ok bool) {
			if nodeKey != "" && key == nodeKey {
				return natsd.Permit{Node: true}, true
			}
			caller, err := holders.Holder(key)
			if err != nil {
				if !errors.Is(err, access.ErrNoToken) && !errors.Is(err, access.ErrExpired) {
					log.Error("the tokens can't be read, NATS clients are rejected", "cause", err)
				}
				return permit, false
			}
			permit.Publish, permit.Subscribe = natsapi.Permissions(realm, caller)
			return permit, true
		},
	}
}

// IsEmbedded reports whether the NATS interface uses the embedded server.
func (o *NATSOptions) IsEmbedded() bool { return o != nil && o.URL == "" }

func (d *Directory) listening() *natsd.Listening {
	if o := d.Options.NATS; o.IsEmbedded() {
		return Listening(o.Listen, d.Options.Realm, "", o.TLS, d.Options.Tokens, d.Options.Log)
	}
	return nil
}

// Messaging is the NATS connection of a process, with the intake and the service on it.
// The owner of the connection, a [Node] or an [IntakeServer], closes it.
type Messaging struct {
	*intake.Intake
	conn   *natsconn.Conn
	server *natsapi.Server // nil before serve
}

// connectNATS opens a connection and the intake on it.
func connectNATS(server natsconn.Server, realm string, o intake.Options) (*Messaging, error) {
	conn, err := natsconn.Dial(server, realm, o.Log)
	if err != nil {
		return nil, err
	}
	in, err := intake.Open(conn, o)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &Messaging{Intake: in, conn: conn}, nil
}

// serve answers requests, publishes live events, and reads the intake, until close.
func (m *Messaging) serve(l *eventstore.Ledger, o natsapi.Options) (err error) {
	if m.server, err = natsapi.Start(m.conn, l, o); err != nil {
		return err
	}
	m.Start(l)
	return nil
}

// close answers the requests under way, ends the intake, and closes the connection. Call it
// before the ledger is closed.
func (m *Messaging) close() error {
	var err error
	if m.server != nil {
		err = m.server.Close()
	}
	m.Close()
	err = errors.Join(err, m.conn.FlushConnected())
	m.conn.Conn.Close()
	if err != nil {
		return fmt.Errorf("disconnect from NATS: %w", err)
	}
	return nil
}

// connect opens the node's connection to NATS. Open calls connect before it opens the ledger,
// because the deadlines of the ledger wait for the watermark of the intake.
func (d *Directory) connect() (*Messaging, error) {
	o := d.Options.NATS
	if o == nil {
		return nil, nil
	}
	server := natsconn.Server{InProcess: d.LogServer, User: natsd.NodeUser}
	if !o.IsEmbedded() {
		server = natsconn.Server{URL: o.URL, SeedFile: o.SeedFile}
	}
	return connectNATS(server, d.Options.Realm, intake.Options{
		Tokens: d.Options.Tokens, Log: d.Options.Log, Now: d.Options.Now, Observer: o.Observe,
		DeadLetterBytes: o.DeadLetterBytes, Quotas: o.Quotas, IdentityFile: filepath.Join(d.Options.Dir, IntakeName), AcceptLost: o.AcceptLost,
	})
}

// natsServiceOptions returns the options of the NATS service of the node.
func (n *Node) natsServiceOptions() natsapi.Options {
	o := n.Options.NATS
	return natsapi.Options{Tokens: n.Options.Tokens, Serve: o.Serve, Version: buildinfo.Read().String(), Log: n.Options.Log}
}

// admitCallers opens the listener of the embedded server, after the node's own connections
// exist. From then on callers can publish intake messages, also while the ledger opens.
func (n *Node) admitCallers(ctx context.Context) error {
	if n.Options.NATS.IsEmbedded() {
		if err := n.NATS.CreateStreams(ctx); err != nil {
			return err
		}
		if err := n.NATS.Admit(ctx); err != nil {
			return err
		}
		// While a guard exists, a stop restores the old files and thereby deletes new
		// messages. So remove the guard before the first caller can publish.
		if err := n.LogServer.Release(natsd.NodeAccount); err != nil {
			return err
		}
	}
	return n.LogServer.Listen()
}

// NATSAddress returns the address of the embedded server's listener, "" without a listener.
func (n *Node) NATSAddress() string {
	if at := n.LogServer.Addr(); at != nil {
		return at.String()
	}
	return ""
}

// IntakeFailed returns the channel that receives a fault of the intake's store. The channel is
// nil if the node has no intake.
func (n *Node) IntakeFailed() <-chan error {
	if n.NATS == nil {
		return nil
	}
	return n.NATS.Failed()
}

// intake returns the intake for the HTTP interface, nil if the node has none.
func (n *Node) intake() *httpapi.Intake {
	if n.NATS == nil {
		return nil
	}
	return &httpapi.Intake{DeadLetters: httpDeadLetters{n.NATS.DeadLetters(n.Ledger)}, Warnings: n.NATS.Warnings}
}

// httpDeadLetters adapts dead letters to the HTTP interface.
type httpDeadLetters struct{ *intake.DeadLetters }

func (s httpDeadLetters) List(ctx context.Context, of httpapi.DeadLetterList) (httpapi.Page, error) {
	page, err := ListDeadLetters(ctx, s.DeadLetters, of)
	return &page, httpError(err)
}

func (s httpDeadLetters) Version(ctx context.Context) (string, error) {
	version, err := s.DeadLetters.Version(ctx)
	return version, httpError(err)
}

// ListDeadLetters returns a page of dead letters.
func ListDeadLetters(ctx context.Context, l *intake.DeadLetters, of httpapi.DeadLetterList) (intake.DeadLetterPage, error) {
	list := l.ListBack
	if of.Oldest {
		list = l.List
	}
	page, err := list(ctx, of.After, of.Limit)
	if page.More {
		page.Next = of.Next(page.Last())
	}
	return page, err
}

func (s httpDeadLetters) Show(ctx context.Context, position uint64) (any, error) {
	letter, err := s.DeadLetters.Show(ctx, position)
	return letter, httpError(err)
}

func (s httpDeadLetters) Retry(ctx context.Context, caller string, position uint64) (domain.Verdict, error) {
	v, err := s.DeadLetters.Retry(ctx, caller, position)
	return v, httpError(err)
}

func (s httpDeadLetters) Drop(ctx context.Context, caller string, position uint64) error {
	return httpError(s.DeadLetters.Drop(ctx, caller, position))
}

// httpError replaces the error of a lost NATS connection by the error of the HTTP interface.
func httpError(err error) error {
	if errors.Is(err, natsconn.ErrDisconnected) {
		return httpapi.ErrDeadLettersUnavailable
	}
	return err
}
