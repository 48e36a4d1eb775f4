package node

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"

	"authledger/adapters/httpapi"
	"authledger/domain/access"
)

// localConnectionsMax is the maximum number of open connections of the socket. Streams of records
// hold at most half of the connections, so that a command can always connect: an idle connection,
// or one whose request has not arrived, makes way for the connection of the command.
const localConnectionsMax = 2 * httpapi.LocalStreamsMax

// peerKey is the context key of the caller of a connection to the socket.
type peerKey struct{}

// ListenLocal opens the socket in a data directory and serves it: every client there is a
// [access.LocalCaller] with the name of its user. The caller holds the lock of the directory, and
// calls release before it unlocks the directory. If ListenLocal can't open the
// socket, it logs the cause and returns no error, because the node serves its other listeners.
func (e *Server) ListenLocal(dir string) (release func() error) {
	listener, err := listenLocal(dir)
	if err != nil {
		e.log.Warn("the local socket can't be opened: commands with --data can't reach this node, use --server for them", "socket", SocketPath(dir), "cause", err)
		return func() error { return nil }
	}
	limited := limitConnections(listener, localConnectionsMax, localConnectionsMax)
	server := newHTTPServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.ServeAs(r.Context().Value(peerKey{}).(*access.Caller), w, r)
	}), limited, e.log)
	server.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if counted, ok := c.(*limitedConn); ok {
			c = counted.Conn
		}
		return context.WithValue(ctx, peerKey{}, access.LocalCaller(peerName(c)))
	}
	l := &listening{listener: limited, server: server, scheme: "unix"}
	e.serve(l, func() error { return server.Serve(limited) }, SocketPath(dir))
	return func() error {
		err := server.Close() // Shutdown has waited for the requests, unless the node did not open
		if errors.Is(err, net.ErrClosed) {
			err = nil
		}
		return errors.Join(err, os.Remove(SocketPath(dir)))
	}
}

// newHTTPServer returns a server with the limits of this package for connections of a listener.
func newHTTPServer(routes http.Handler, of *limitedListener, log *slog.Logger) *http.Server {
	return &http.Server{
		ConnState: of.track, Handler: routes, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: headerBytesMax, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
