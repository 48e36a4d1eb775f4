package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"authledger/adapters/console"
	"authledger/adapters/httpapi"
	"authledger/adapters/metrics"
	"authledger/adapters/tokens"
	"authledger/adapters/webhooks"
	"authledger/cmd/internal/buildinfo"
)

// Limits of a connection to the HTTP server. A stream of records sets its own deadline for
// each write.
const (
	headerTimeout  = 5 * time.Second
	readTimeout    = 25 * time.Second // it also ends the wait for a verdict, so it exceeds the time that a verdict takes
	writeTimeout   = 30 * time.Second
	idleTimeout    = 2 * time.Minute
	headerBytesMax = 16 << 10         // bytes
	stopTimeout    = 10 * time.Second // default of ServerOptions.StopWithin
	connectionsMax = 8192             // open connections of each listener
	listenersMax   = 3                // --listen, --admin and the local socket

	// connectionsOfNetworkMax is the maximum number of open connections of one client
	// network (one IPv4 address, one IPv6 /64) on each listener. It exceeds the maximum
	// number of streams of one token, so that a client behind one proxy can open them all.
	connectionsOfNetworkMax = 2048
)

// ServerOptions configure the HTTP server of a node.
type ServerOptions struct {
	Listen, Admin string // host:port; Admin "" opens no admin listener
	TLSCert       string // paths of PEM files; "" for HTTP without TLS
	TLSKey        string
	Tokens        *tokens.Table // nil permits every request without a token
	Log           *slog.Logger
	Now           func() time.Time
	StopWithin    time.Duration // maximum wait for requests under way in Shutdown; 0 for 10 seconds
}

// Server is the HTTP server of a node. It answers health requests before the node is open and
// while the node closes, and all other requests while the node is open.
type Server struct {
	*httpapi.Server
	Console *console.Server
	Metrics *metrics.Metrics
	open    []*listening
	log     *slog.Logger
	within  time.Duration // maximum duration of Shutdown
	Failed  chan error    // receives an error of a listener
}

// listening is a listener and the server of its connections.
type listening struct {
	listener net.Listener
	server   *http.Server
	scheme   string
}

// StartServer opens the listeners. Until ServeNode, it answers only health requests and metrics.
func StartServer(o ServerOptions) (*Server, error) {
	e := &Server{Metrics: metrics.New(buildinfo.Read().String()), log: o.Log, within: cmp.Or(o.StopWithin, stopTimeout), Failed: make(chan error, listenersMax)}
	api := httpapi.Options{
		Log: o.Log, Version: buildinfo.Read().String(), Now: o.Now, Metrics: e.Metrics.Handler(),
		Observe: httpapi.Observer{Request: e.Metrics.Request, Command: e.Metrics.Command, Stream: e.Metrics.Stream},
	}
	if o.Tokens != nil {
		api.Tokens = o.Tokens
	}
	e.Server = httpapi.New(api)
	e.Console = console.New(console.Options{
		Tokens: api.Tokens, Shared: e.Server, Log: o.Log, Observe: e.Metrics.Request, Now: o.Now,
		NewToken: tokens.FromSeed, NewSecret: webhooks.SecretFromSeed,
	})
	if err := e.listen(o.Listen, e.publicRoutes(api.Tokens == nil), o); err != nil {
		return nil, err
	}
	if o.Admin == "" {
		return e, nil
	}
	o.TLSCert = "" // the admin listener uses no TLS: it is for this machine or a separate network
	hosts := httpapi.Hosts{Networked: !IsLoopback(o.Admin)}
	if err := e.listen(o.Admin, hosts.Guard(e.adminRoutes()), o); err != nil {
		return nil, errors.Join(err, e.Shutdown())
	}
	return e, nil
}

// listen opens a listener and serves it.
func (e *Server) listen(address string, routes http.Handler, o ServerOptions) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("%w: give another address", err)
	}
	limited := limitConnections(listener, connectionsMax, connectionsOfNetworkMax)
	l := &listening{listener: limited, scheme: "http", server: newHTTPServer(routes, limited, o.Log)}
	serve := func() error { return l.server.Serve(l.listener) }
	if o.TLSCert != "" {
		if l.server.TLSConfig, err = NewTLS(o.TLSCert, o.TLSKey, o.Log); err != nil {
			return errors.Join(err, listener.Close())
		}
		l.scheme = "https"
		serve = func() error { return l.server.ServeTLS(l.listener, "", "") }
	}
	e.serve(l, serve, address)
	return nil
}

// serve runs a listener until it is closed, and reports its failure.
func (e *Server) serve(l *listening, serve func() error, address string) {
	e.open = append(e.open, l)
	go func() {
		if err := serve(); !errors.Is(err, http.ErrServerClosed) {
			e.Failed <- fmt.Errorf("serve %s: %w", address, err)
		}
	}()
}

// publicRoutes returns the routes of the main listener: the pages of the console, and the API
// for all other paths. isOpen reports that the listener requires no credentials.
func (e *Server) publicRoutes(isOpen bool) http.Handler {
	pages := http.Handler(e.Console)
	if isOpen {
		pages = httpapi.Hosts{}.Guard(pages)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e.Console.Serves(r) {
			pages.ServeHTTP(w, r)
			return
		}
		e.Server.ServeHTTP(w, r)
	})
}

// Progress sets the progress of opening the ledger: commit at of last.
func (e *Server) Progress(at, last uint64) {
	e.Server.Progress(at, last)
	e.Console.Progress(at, last)
}

// adminRoutes returns the routes of the admin listener, which need no credentials: health,
// metrics and profiles of the process.
func (e *Server) adminRoutes() http.Handler {
	routes := http.NewServeMux()
	routes.Handle("GET /metrics", e.Metrics.Handler())
	for _, path := range []string{"/healthz", "/readyz"} {
		routes.Handle("GET "+path, e.Server)
	}
	routes.HandleFunc("GET /debug/pprof/", pprof.Index)
	routes.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	routes.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return routes
}

// URL returns the URL of the main listener.
func (e *Server) URL() string { return e.open[0].scheme + "://" + e.open[0].listener.Addr().String() }

// ServeNode starts to answer requests from n.
func (e *Server) ServeNode(n *Node) {
	e.Metrics.Watch(n.Ledger.Health, func() uint64 { return n.Rows.Stored().Seq })
	e.ServeTasks(tasks{n})
	e.ServeWebhooks(httpDeliveries{n.Deliveries()})
	e.Open(n.Ledger, n.Rows, n.intake())
	pages := &console.Node{Ledger: n.Ledger, Rows: n.Rows, Queries: e.Queries(), Facts: n.facts, Webhooks: e.Metrics.Webhooks,
		Deliveries: consoleDeliveries{n.Deliveries()}, WhatIf: tasks{n}.suppose}
	if n.NATS != nil {
		pages.Backlog = n.NATS.Backlog
		pages.DeadLetters = consoleDeadLetters{n.NATS.DeadLetters(n.Ledger)}
	}
	e.Console.Open(pages)
}

// EndStreams ends the open streams of the token with a name, of the API and of the console.
func (e *Server) EndStreams(token string) {
	e.Server.EndStreams(token)
	e.Console.EndStreams(token)
}

// Shutdown reports that the node is not ready, ends the streams, closes the listeners, and waits
// for the requests under way, at most for the duration in the options.
func (e *Server) Shutdown() error {
	e.Drain()
	ctx, cancel := context.WithTimeout(context.Background(), e.within)
	defer cancel()
	var all error
	for _, l := range e.open {
		if err := l.server.Shutdown(ctx); err != nil {
			all = errors.Join(all, fmt.Errorf("stop serving %s: %w", l.listener.Addr(), err), l.server.Close())
		}
	}
	e.AwaitTasks()
	return all
}
