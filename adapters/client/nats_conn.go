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
	natsAgain      = 250 * time.Millisecond // pause before it is made anew
	natsPing       = 2 * time.Second        // between two questions whether it is alive
	natsUnanswered = 2                      // of those, before it is given up
)

var (
	errDenied   = errors.New("the server lets this key not say that")
	errNotLetIn = errors.New("the server does not let this key in")
	errCut      = errors.New("the connection was lost before the answer")
)

// natsConn is a connection that is made anew whenever it is lost. Who waits for an
// answer hears when none will come.
type natsConn struct {
	conn *nats.Conn

	mu      sync.Mutex
	waiting map[chan error]string // the subjects that were asked on
	why     error                 // of the last attempt to connect
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
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(natsAgain), nats.ReconnectBufSize(-1),
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

// request asks, and waits for the answer until ctx ends or there is a reason that none
// will come.
func (c *natsConn) request(ctx context.Context, m *nats.Msg) (*nats.Msg, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	hopeless := make(chan error, 1)
	c.wait(m.Subject, hopeless)
	defer c.leave(hopeless)
	type told struct {
		m   *nats.Msg
		err error
	}
	answered := make(chan told, 1)
	go func() {
		m, err := c.conn.RequestMsgWithContext(ctx, m)
		answered <- told{m, err}
	}()
	select {
	case a := <-answered:
		if a.err != nil && ctx.Err() == nil && !c.conn.IsConnected() {
			return nil, c.away()
		}
		return a.m, a.err
	case err := <-hopeless:
		return nil, err
	}
}

// away is why there is no connection.
func (c *natsConn) away() error {
	if c.conn.IsClosed() {
		return nats.ErrConnectionClosed
	}
	err := c.conn.LastError()
	if err == nil {
		c.mu.Lock()
		err = c.why
		c.mu.Unlock()
	}
	switch {
	case err == nil:
		return errCut
	case notLetIn(err):
		return errNotLetIn
	}
	return fmt.Errorf("not connected to the server: %w", err)
}

// notLetIn compares texts: on its way the library loses which error it was.
func notLetIn(err error) bool {
	for _, known := range []error{nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked} {
		if strings.EqualFold(err.Error(), known.Error()) {
			return true
		}
	}
	return false
}

var quoted = regexp.MustCompile(`"([^"]+)"`)

// refused hears what the server lets this key not say, which no answer tells.
func (c *natsConn) refused(_ *nats.Conn, _ *nats.Subscription, err error) {
	subject := quoted.FindStringSubmatch(err.Error())
	if errors.Is(err, nats.ErrPermissionViolation) && subject != nil {
		c.give(errDenied, func(on string) bool { return on == subject[1] })
	}
}

// lost hears that the connection is gone, and with it the answers.
func (c *natsConn) lost(*nats.Conn, error) {
	c.give(errCut, func(string) bool { return true })
}

// failed hears why it can't be made anew.
func (c *natsConn) failed(_ *nats.Conn, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.why = err
}

// give tells those who wait for answers to what they asked on such subjects.
func (c *natsConn) give(err error, to func(subject string) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for hopeless, subject := range c.waiting {
		if to(subject) {
			hopeless <- err
			delete(c.waiting, hopeless)
		}
	}
}

func (c *natsConn) wait(subject string, hopeless chan error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting[hopeless] = subject
}

func (c *natsConn) leave(hopeless chan error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, hopeless)
}
