package natsd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats-server/v2/server"

	"authledger/eventstore/guard"
)

// Server is a running nats-server.
type Server struct {
	nats       *server.Server
	guards     *guard.Set // of the files, until Release
	auth       *authenticator
	log        *logger
	listen     *Listening            // nil for no listener
	hasNode    bool                  // the server has the accounts of the node and the callers
	failed     chan error            // receives the failure once, for Failed
	failure    atomic.Pointer[error] // the reason for which the server stores no more messages; nil while it stores them
	closed     chan struct{}
	recheckNow chan struct{} // has an element after Recheck
	once       sync.Once
	watcher    sync.WaitGroup
}

// Start starts a server. It returns when the server has recovered its files and accepts
// in-process connections. After an error no server runs.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	opts, err := options(cfg)
	if err != nil {
		return nil, err
	}
	guards, err := guard.Begin(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("open the files in %s: %w", cfg.Dir, err)
	}
	if cfg.Check != nil {
		if err := cfg.Check(); err != nil {
			return nil, errors.Join(err, guards.Restore())
		}
	}
	s := &Server{guards: guards, auth: new(authenticator), log: newLogger(cfg.Log), listen: cfg.Listen, failed: make(chan error, 1), closed: make(chan struct{}), recheckNow: make(chan struct{}, 1)}
	opts.CustomClientAuthentication = s.auth
	nats, err := server.NewServer(opts)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create nats server in %s: %w", cfg.Dir, err), guards.Restore())
	}
	s.nats, s.auth.log = nats, nats.GlobalAccount()
	nats.SetLoggerV2(s.log, false, false, false)

	// nats.Start recovers the streams before it returns, which can take longer than ctx allows.
	go nats.Start()
	err = awaitReady(ctx, nats, s.log)
	if err == nil {
		err = s.openAuth(&cfg)
	}
	if err == nil {
		err = s.log.shortage()
	}
	if err == nil && !cfg.Guarded {
		err = errors.Join(s.Release(LogAccount), s.Release(NodeAccount))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start nats server in %s: %w", cfg.Dir, err), s.Stop())
	}
	return s, nil
}

// Release removes the guard of an account's files. The caller MUST have checked the account's
// streams, because Stop no longer restores these files. A second call has no effect.
func (s *Server) Release(account string) error { return s.guards.Release(account) }

// openAuth creates the node's account if it is configured, and starts the watch.
func (s *Server) openAuth(cfg *Config) error {
	if cfg.Listen == nil && !cfg.NodeAccount {
		s.watcher.Go(s.watch)
		return nil
	}
	s.hasNode = true
	at := cfg.Listen
	if at == nil {
		at = new(Listening)
	}
	s.auth.admit = at.Admit
	if err := s.auth.open(s.nats, &at.Crossing); err != nil {
		return err
	}
	s.watcher.Go(s.watch)
	return nil
}

// Listen opens the port of Config.Listen, if that is set. Start does not open the port, so that
// the node first opens its in-process connections: other clients could use up all connections.
func (s *Server) Listen() error {
	if s.listen == nil {
		return nil
	}
	opened := make(chan struct{})
	go s.nats.AcceptLoop(opened)
	<-opened
	if s.nats.Addr() != nil {
		return nil
	}
	return fmt.Errorf("listen on %s: %w: give another address", s.listen.Address, cmp.Or(s.log.fatal(), errStopped))
}

var errStopped = errors.New("the server has stopped")

// InProcessConn opens a connection within this process. It implements the interface
// nats.InProcessConnProvider of the client library.
func (s *Server) InProcessConn() (net.Conn, error) { return s.nats.InProcessConn() }

// SyncAlways reports whether the running server syncs each message to disk before it
// acknowledges the message.
func (s *Server) SyncAlways() bool {
	info, err := s.nats.Jsz(nil)
	return err == nil && info.Config.SyncAlways
}

// Addr returns the address of the open port, nil before [Server.Listen].
func (s *Server) Addr() net.Addr { return s.nats.Addr() }

// Stop stops the server and waits until its files are complete. A clean stop writes the
// index that makes the next start fast. Stop then restores the files of the accounts that
// were not released to their state before Start. A second call has no effect.
func (s *Server) Stop() error {
	s.once.Do(func() { close(s.closed) })
	s.watcher.Wait()
	s.nats.Shutdown()
	s.nats.WaitForShutdown()
	return s.guards.Restore()
}

// Close calls Stop and logs its error.
func (s *Server) Close() {
	if err := s.Stop(); err != nil {
		s.log.Errorf("%v", err)
	}
}

func awaitReady(ctx context.Context, nats *server.Server, log *logger) error {
	ctx, cancel := context.WithTimeout(ctx, startWaitMax)
	defer cancel()
	for !nats.ReadyForConnections(readyPoll) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := log.fatal(); err != nil {
			return err
		}
	}
	if nats.JetStreamEnabled() {
		return nil
	}
	if err := log.fatal(); err != nil {
		return err
	}
	return errors.New("jetstream did not start")
}
