package natsconn

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/eventstore/durable"
)

// RequestTimeout is the maximum duration of one request to the NATS server.
const RequestTimeout = 5 * time.Second

const (
	connectTimeout = 5 * time.Second
	reconnectWait  = 250 * time.Millisecond
)

// ErrDisconnected reports that the node has no connection to its NATS server. The streams
// keep their messages, and a later call may succeed.
var ErrDisconnected = errors.New("the NATS server can't be reached")

// InProcess opens connections to a NATS server in this process.
type InProcess interface {
	InProcessConn() (net.Conn, error)
}

// Server selects the NATS server of a node: a server in this process, or a server at an
// address.
type Server struct {
	InProcess InProcess
	User      string // user name for InProcess

	URL      string      // nats:// or tls://; used if InProcess is nil
	SeedFile string      // path of the node's key for URL
	TLS      *tls.Config // for URL; nil trusts the root certificates of the system
}

// Conn is a connection of a node to its NATS server. It is safe for concurrent use.
type Conn struct {
	*nats.Conn
	server Server
	realm  string
	log    *slog.Logger
}

// Dial opens a connection. For a server in this process it returns after the connection
// is established. For a server at an address it returns at once, and the library connects
// in the background and retries until it succeeds.
func Dial(server Server, realm string, log *slog.Logger) (*Conn, error) {
	c := &Conn{server: server, realm: realm, log: log}
	lastCause := "" // cause of the last failed reconnect; the handler logs a cause only if it differs from the last one
	options := []nats.Option{
		nats.Name("authledger " + realm), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait), nats.ReconnectBufSize(-1), nats.Timeout(connectTimeout),
		nats.RetryOnFailedConnect(server.InProcess == nil), nats.IgnoreAuthErrorAbort(),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			log.Warn("the NATS connection reports an error", "cause", err)
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("the NATS connection is lost", "cause", err)
			}
		}),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) {
			if err.Error() != lastCause {
				lastCause = err.Error()
				log.Warn("the NATS server can't be reached; the node retries", "cause", err)
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) { lastCause = ""; log.Info("the NATS connection is established again") }),
	}
	if server.InProcess != nil {
		options = append(options, nats.InProcessServer(server.InProcess), nats.UserInfo(server.User, ""))
	} else {
		key, err := nats.NkeyOptionFromSeed(server.SeedFile)
		if err != nil {
			return nil, fmt.Errorf("read the node's key in %s: %w", server.SeedFile, err)
		}
		options = append(options, key)
	}
	if server.TLS != nil {
		options = append(options, nats.Secure(server.TLS))
	}
	var err error
	if c.Conn, err = nats.Connect(server.URL, options...); err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	return c, nil
}

// Dial opens another connection to the same server.
func (c *Conn) Dial() (*Conn, error) { return Dial(c.server, c.realm, c.log) }

// Realm returns the realm for which the connection was opened.
func (c *Conn) Realm() string { return c.realm }

// IsEmbedded reports whether the NATS server runs in this process.
func (c *Conn) IsEmbedded() bool { return c.server.InProcess != nil }

// FlushConnected returns after the server has processed all messages that were published
// before the call. Without a connection it returns nil at once, because the library sends
// all subscriptions again when it reconnects.
func (c *Conn) FlushConnected() error {
	if !c.IsConnected() {
		return nil
	}
	err := c.FlushTimeout(RequestTimeout)
	if !c.IsConnected() {
		return nil
	}
	return err
}

// CheckSeedFile returns an error if path does not hold the seed of a node's key.
func CheckSeedFile(path string) error {
	if err := durable.CheckRegular(path); err != nil {
		return err
	}
	_, err := nats.NkeyOptionFromSeed(path)
	return err
}
