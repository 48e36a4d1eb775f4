package natsapi

import (
	"bytes"
	"net"
	"sync"
	"testing"
	"time"

	"authledger/eventstore/natsd"
)

// delayedConn is a connection to a server that can delay the client's writes.
type delayedConn struct {
	net.Conn
	server *natsd.Server
	pinged chan struct{} // closed when the client sends PING while its writes are delayed

	mu      sync.Mutex
	delays  bool
	delayed []byte
}

// InProcessConn implements nats.InProcessConnProvider.
func (c *delayedConn) InProcessConn() (_ net.Conn, err error) {
	c.Conn, err = c.server.InProcessConn()
	return c, err
}

func (c *delayedConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.delays {
		return c.Conn.Write(p)
	}
	if c.delayed = append(c.delayed, p...); bytes.Contains(p, []byte("PING\r\n")) {
		close(c.pinged)
	}
	return len(p), nil
}

func (c *delayedConn) delay() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.delays = true
}

func (c *delayedConn) deliver() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.delays = false
	_, err := c.Conn.Write(c.delayed)
	return err
}

// TestStartService_ReturnsAfterFlush checks that the server knows the endpoints when
// startService returns, so that the first request of a caller is answered.
func TestStartService_ReturnsAfterFlush(t *testing.T) {
	server, err := natsd.Start(t.Context(), natsd.Config{Dir: t.TempDir(), NodeAccount: true, Log: quietLog})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	link := &delayedConn{server: server, pinged: make(chan struct{})}
	conn := dial(t, link)
	link.delay()
	started := make(chan error, 1)
	go func() {
		_, err := startService(t.Context(), conn, &Options{Log: quietLog})
		started <- err
	}()
	select {
	case err := <-started:
		t.Fatalf("startService before the server knows an endpoint: got %v, want it to wait", err)
	case <-link.pinged:
	case <-time.After(10 * time.Second):
		t.Fatal("timed out: got no PING of startService, want one")
	}
	if err := link.deliver(); err != nil {
		t.Fatal(err)
	}
	if err := <-started; err != nil {
		t.Error(err)
	}
}
