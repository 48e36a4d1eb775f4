package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"path/filepath"
	"strconv"
	"time"

	"authledger/access"
	"authledger/adapters/httpapi"
	"authledger/adapters/metrics"
)

// Bounds of a connection to the edge. A stream of records sets its own time for
// each write.
const (
	edgeHeaderWithin = 5 * time.Second
	edgeReadWithin   = 25 * time.Second // longer than a verdict takes: it also ends waiting for one
	edgeWriteWithin  = 30 * time.Second
	edgeIdleWithin   = 2 * time.Minute
	edgeHeaderMax    = 16 << 10 // bytes
	edgeStopWithin   = 10 * time.Second
	connectionsMax   = 8192 // at once, on each listener
)

// edgeOptions say where an edge answers, and to whom.
type edgeOptions struct {
	listen, admin string // host:port; no admin listener if ""
	tlsCert       string // paths; plaintext if ""
	tlsKey        string
	tokens        string // path of the file; "" lets everybody do everything
	log           *slog.Logger
	now           func() time.Time
}

// edge answers how a node is doing, from before it has opened until it has
// closed, and everything else while it is open.
type edge struct {
	*httpapi.Server
	metrics *metrics.Metrics
	open    []*listening
	failed  chan error // of serving
}

// listening is one address that is served.
type listening struct {
	listener net.Listener
	server   *http.Server
	scheme   string
}

func startEdge(o edgeOptions) (*edge, error) {
	e := &edge{metrics: metrics.New(buildVersion()), failed: make(chan error, 2)}
	api := httpapi.Options{
		Log: o.log, Version: buildVersion(), Now: o.now, Metrics: e.metrics.Handler(),
		Observe: httpapi.Observer{Request: e.metrics.Request, Command: e.metrics.Command, Stream: e.metrics.Stream},
	}
	if o.tokens != "" {
		api.Tokens = access.OpenTokens(o.tokens, o.now)
	}
	e.Server = httpapi.New(api)
	if err := e.listen(o.listen, e.Server, o); err != nil {
		return nil, err
	}
	if o.admin == "" {
		return e, nil
	}
	o.tlsCert = "" // the admin listener is for the machine itself, or its own network
	if err := e.listen(o.admin, e.adminRoutes(), o); err != nil {
		return nil, errors.Join(err, e.drain())
	}
	return e, nil
}

// listen serves an address.
func (e *edge) listen(address string, routes http.Handler, o edgeOptions) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("%w: give another address", err)
	}
	l := &listening{listener: bounded(listener, connectionsMax), scheme: "http", server: &http.Server{
		Handler: routes, ReadHeaderTimeout: edgeHeaderWithin, ReadTimeout: edgeReadWithin, WriteTimeout: edgeWriteWithin,
		IdleTimeout: edgeIdleWithin, MaxHeaderBytes: edgeHeaderMax, ErrorLog: slog.NewLogLogger(o.log.Handler(), slog.LevelDebug),
	}}
	serve := func() error { return l.server.Serve(l.listener) }
	if o.tlsCert != "" {
		if l.server.TLSConfig, err = newTLS(o.tlsCert, o.tlsKey, o.log); err != nil {
			return errors.Join(err, listener.Close())
		}
		l.scheme = "https"
		serve = func() error { return l.server.ServeTLS(l.listener, "", "") }
	}
	e.open = append(e.open, l)
	go func() {
		if err := serve(); !errors.Is(err, http.ErrServerClosed) {
			e.failed <- fmt.Errorf("serve %s: %w", address, err)
		}
	}()
	return nil
}

// adminRoutes are what only the machine's own people reach, without credentials:
// metrics, and profiles of the running process.
func (e *edge) adminRoutes() http.Handler {
	routes := http.NewServeMux()
	routes.Handle("GET /metrics", e.metrics.Handler())
	for _, path := range []string{"/healthz", "/readyz"} {
		routes.Handle("GET "+path, e.Server)
	}
	routes.HandleFunc("GET /debug/pprof/", pprof.Index)
	routes.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	routes.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return routes
}

func (e *edge) url() string { return e.open[0].scheme + "://" + e.open[0].listener.Addr().String() }

// serve begins to serve a node.
func (e *edge) serve(n *node) {
	e.metrics.Watch(n.ledger.Health, func() uint64 { return n.rows.Stored().Seq })
	e.Open(n.ledger, n.rows, n.intake())
}

// drain says that the node is not ready, ends the streams, takes no new connection
// and waits for the requests under way.
func (e *edge) drain() error {
	e.Drain()
	ctx, cancel := context.WithTimeout(context.Background(), edgeStopWithin)
	defer cancel()
	var all error
	for _, l := range e.open {
		if err := l.server.Shutdown(ctx); err != nil {
			all = errors.Join(all, fmt.Errorf("stop serving %s: %w", l.listener.Addr(), err), l.server.Close())
		}
	}
	return all
}

// edgeOptions are those of a node that serves others, or why it must not: tokens
// don't cross a network in the clear unless that was asked for.
func (p *program) edgeOptions() (edgeOptions, error) {
	o := edgeOptions{
		listen: p.set.listen, admin: p.set.admin, tlsCert: p.set.tlsCert, tlsKey: p.set.tlsKey,
		tokens: filepath.Join(p.set.data, tokensName), log: p.log, now: p.now,
	}
	switch {
	case (o.tlsCert == "") != (o.tlsKey == ""):
		return o, usagef("--tls-cert and --tls-key go together")
	case !isAddress(o.listen):
		return o, usagef("--listen %q: want host:port, such as 127.0.0.1:8080", o.listen)
	case o.tlsCert == "" && !isLoopback(o.listen) && !p.set.allowPlaintext:
		return o, usagef("--listen %s is reached over the network, and tokens would cross it in the clear: give --tls-cert and --tls-key, or --allow-plaintext behind a proxy that ends TLS", o.listen)
	}
	return o, nil
}

// isAddress reports whether something can be listened to at an address: a name is looked
// up only then.
func isAddress(address string) bool {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// isLoopback reports whether only this machine reaches an address.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
