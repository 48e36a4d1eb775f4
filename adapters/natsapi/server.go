package natsapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"authledger/adapters/natsconn"
	"authledger/domain/access"
	"authledger/eventstore"
)

// Options are the dependencies of a Server. All are required except Version.
type Options struct {
	Tokens  Tokens
	Serve   Handler
	Version string // of the program
	Log     *slog.Logger
}

// Tokens finds callers. The NATS server has verified that a client holds the key of a token.
type Tokens interface {
	// Named returns the caller of the token with a name. It returns [access.ErrNoToken] or
	// [access.ErrExpired] if the token is not valid. After any error the service rejects
	// the request.
	Named(name string) (*access.Caller, error)
}

// Server is the NATS service of a node, with its live events.
type Server struct {
	options Options
	conn    *natsconn.Conn
	service *service
	cancel  context.CancelFunc
	group   sync.WaitGroup
}

// Start answers requests on the connection and publishes the events of l, until Close. If
// the connection is open, Start returns after the NATS server has received the
// subscriptions of all endpoints.
func Start(conn *natsconn.Conn, l *eventstore.Ledger, o Options) (*Server, error) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{options: o, conn: conn, cancel: cancel}
	var err error
	if s.service, err = startService(ctx, conn, &s.options); err != nil {
		cancel()
		return nil, err
	}
	open := newSessions(time.Now)
	if err := s.service.mountEvents(conn.Realm(), l, open); err != nil {
		return nil, fmt.Errorf("add the endpoint of live events: %w", errors.Join(err, s.Close()))
	}
	if err := conn.FlushConnected(); err != nil {
		o.Log.Warn("the NATS server may not know the endpoint of live events yet", "cause", err)
	}
	s.group.Go(func() { s.publishEvents(ctx, l, open) })
	return s, nil
}

// Close waits until the service has answered the requests that it has received, and ends
// the service and the live events. The caller must call Close before it closes the ledger.
// The connection stays open.
func (s *Server) Close() error {
	err := s.service.stop()
	s.cancel()
	s.group.Wait()
	if err != nil {
		return fmt.Errorf("stop the NATS service: %w", err)
	}
	return nil
}
