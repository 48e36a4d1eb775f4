package natsapi

import (
	"bytes"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/eventstore/natsd"
)

// late is the way to a server, on which what is said stays until it is let go.
type late struct {
	net.Conn
	server *natsd.Server
	asked  chan struct{} // closed once it is asked whether the server has heard all

	mu    sync.Mutex
	holds bool
	said  []byte
}

// InProcessConn implements nats.InProcessConnProvider.
func (l *late) InProcessConn() (_ net.Conn, err error) {
	l.Conn, err = l.server.InProcessConn()
	return l, err
}

func (l *late) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.holds {
		return l.Conn.Write(p)
	}
	if l.said = append(l.said, p...); bytes.Contains(p, []byte("PING\r\n")) {
		close(l.asked)
	}
	return len(p), nil
}

func (l *late) hold() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.holds = true
}

func (l *late) letGo() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.holds = false
	_, err := l.Conn.Write(l.said)
	return err
}

// Whoever finds a service started is answered: the server knows its endpoints then.
func TestServiceIsThereOnceStarted(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	server, err := natsd.Start(t.Context(), natsd.Config{Dir: t.TempDir(), Edge: true, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	way := &late{server: server, asked: make(chan struct{})}
	conn, err := nats.Connect("", nats.InProcessServer(way), nats.UserInfo(natsd.NodeUser, ""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	way.hold()
	started := make(chan error, 1)
	go func() {
		_, err := startService(t.Context(), conn, &Options{Realm: "main", Log: quiet})
		started <- err
	}()
	select {
	case err := <-started:
		t.Fatalf("it has started, and the server has heard of no endpoint: %v", err)
	case <-way.asked:
	case <-time.After(10 * time.Second):
		t.Fatal("it does not start")
	}
	if err := way.letGo(); err != nil {
		t.Fatal(err)
	}
	if err := <-started; err != nil {
		t.Error(err)
	}
}
