package client

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// Bounds of a connection to a NATS server.
const (
	natsReconnectWait = 250 * time.Millisecond // pause before a reconnect
	natsPing          = 2 * time.Second        // interval of pings
	natsUnanswered    = 2                      // unanswered pings after which the connection is closed
)

var (
	errDenied         = errors.New("permission denied: the NATS server rejects the subject for this key")
	errKeyRejected    = errors.New("the NATS server rejects this key")
	errConnectionLost = errors.New("the connection was lost before the answer arrived")
)

// natsConn is a connection that reconnects whenever it is lost. A request returns an error
// when its answer can no longer arrive. It is safe for concurrent use.
type natsConn struct {
	conn *nats.Conn

	mu      sync.Mutex
	waiting map[chan error]string // subjects of the requests that wait for an answer
	failure error                 // error of the last attempt to connect
}

func connectNATS(url string, o *NATS) (*natsConn, error) {
	if _, err := os.Stat(o.Seed); err != nil {
		return nil, fmt.Errorf("client: the key: %w", err)
	}
	key, err := nats.NkeyOptionFromSeed(o.Seed)
	if err != nil {
		return nil, fmt.Errorf("client: the key in %s: %w", o.Seed, err)
	}
	c := &natsConn{waiting: make(map[chan error]string)}
	options := []nats.Option{
		key, nats.Name("authledger client " + o.Name), nats.CustomInboxPrefix("_INBOX." + o.Name),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(natsReconnectWait), nats.ReconnectBufSize(-1),
		nats.PingInterval(natsPing), nats.MaxPingsOutstanding(natsUnanswered), nats.IgnoreAuthErrorAbort(),
		nats.ErrorHandler(c.refused), nats.DisconnectErrHandler(c.lost), nats.ReconnectErrHandler(c.failed),
	}
	if o.TLS != nil {
		options = append(options, nats.Secure(o.TLS))
	}
	if c.conn, err = nats.Connect(url, options...); err != nil {
		return nil, fmt.Errorf("client: connect to nats: %w", err)
	}
	return c, nil
}

// request sends a message and waits for the reply until ctx ends, the server rejects the
// message, or the connection is lost.
func (c *natsConn) request(ctx context.Context, m *nats.Msg) (*nats.Msg, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, 1)
	c.addWaiting(m.Subject, failed)
	defer c.removeWaiting(failed)
	type reply struct {
		m   *nats.Msg
		err error
	}
	answered := make(chan reply, 1)
	go func() {
		m, err := c.conn.RequestMsgWithContext(ctx, m)
		answered <- reply{m, err}
	}()
	select {
	case a := <-answered:
		if a.err != nil && ctx.Err() == nil && !c.conn.IsConnected() {
			return nil, c.connectionError()
		}
		return a.m, a.err
	case err := <-failed:
		return nil, err
	}
}

// connectionError returns the reason why there is no connection.
func (c *natsConn) connectionError() error {
	if c.conn.IsClosed() {
		return nats.ErrConnectionClosed
	}
	err := c.conn.LastError()
	if err == nil {
		c.mu.Lock()
		err = c.failure
		c.mu.Unlock()
	}
	switch {
	case err == nil:
		return errConnectionLost
	case isKeyRejected(err):
		return errKeyRejected
	}
	return fmt.Errorf("not connected to the server: %w", err)
}

// isKeyRejected reports whether the server rejected the key. It compares texts, because the
// library does not wrap the error.
func isKeyRejected(err error) bool {
	for _, known := range []error{nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked} {
		if strings.EqualFold(err.Error(), known.Error()) {
			return true
		}
	}
	return false
}

var quoted = regexp.MustCompile(`"([^"]+)"`)

// refused ends the waiting requests on a subject to which the key may not publish. The
// server reports a rejected message as an asynchronous error and sends no reply to it.
func (c *natsConn) refused(_ *nats.Conn, _ *nats.Subscription, err error) {
	subject := quoted.FindStringSubmatch(err.Error())
	if errors.Is(err, nats.ErrPermissionViolation) && subject != nil {
		c.failWaiting(errDenied, func(on string) bool { return on == subject[1] })
	}
}

// lost ends all waiting requests after the connection was lost.
func (c *natsConn) lost(*nats.Conn, error) {
	c.failWaiting(errConnectionLost, func(string) bool { return true })
}

// failed stores the error of an attempt to reconnect.
func (c *natsConn) failed(_ *nats.Conn, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failure = err
}

// failWaiting ends the waiting requests whose subjects match, with err.
func (c *natsConn) failWaiting(err error, matches func(subject string) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for failed, subject := range c.waiting {
		if matches(subject) {
			failed <- err
			delete(c.waiting, failed)
		}
	}
}

func (c *natsConn) addWaiting(subject string, failed chan error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting[failed] = subject
}

func (c *natsConn) removeWaiting(failed chan error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, failed)
}
