package node

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// Limits of the listener under test.
const (
	testConnectionsMax  = 24
	testConnectionsEach = 8
)

// serveBounded serves 200 at a listener with small limits. A request for /wait is
// answered when wait is closed.
func serveBounded(t *testing.T, wait chan struct{}) *limitedListener {
	t.Helper()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := limitConnections(plain, testConnectionsMax, testConnectionsEach)
	server := &http.Server{ConnState: l.track,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/wait" {
				w.WriteHeader(http.StatusOK)
				_ = http.NewResponseController(w).Flush() // the client sees that the request is served
				<-wait
			}
		})}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-done
	})
	return l
}

// dialFrom connects to the listener from a source address of the loopback network.
func dialFrom(t *testing.T, l net.Listener, source string) net.Conn {
	t.Helper()
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}}
	c, err := from.DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // the server may have closed it
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

// requestOn sends one request and returns its status, or the error of a closed connection.
func requestOn(c net.Conn, path string) (int, error) {
	if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path); err != nil {
		return 0, err
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, err
	}
	if path != "/wait" {
		defer answer.Body.Close() // only read from
		_, err = io.Copy(io.Discard, answer.Body)
	}
	return answer.StatusCode, err
}

func (l *limitedListener) counts() (open, networks int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open, len(l.networks)
}

func TestBoundedListenerServesOthers_OneAddressHoldsIdleConnections(t *testing.T) {
	l := serveBounded(t, nil)
	for i := range 4 * testConnectionsMax {
		c := dialFrom(t, l, "127.0.0.2")
		if i%2 == 0 { // a connection idle after a request, and one that sent none
			if status, err := requestOn(c, "/"); status != http.StatusOK {
				t.Fatalf("connection %d: got %d %v, want 200", i, status, err)
			}
		}
	}
	if status, err := requestOn(dialFrom(t, l, "127.0.0.3"), "/"); status != http.StatusOK {
		t.Fatalf("another address: got %d %v, want 200", status, err)
	}
	if open, _ := l.counts(); open > testConnectionsEach+1 {
		t.Errorf("open connections: got %d, want at most %d of one address and 1 of another", open,
			testConnectionsEach)
	}
}

func TestBoundedListenerServesOthers_ManyAddressesHoldIdleConnections(t *testing.T) {
	l := serveBounded(t, nil)
	for i := range 3 * testConnectionsMax {
		dialFrom(t, l, fmt.Sprintf("127.0.0.%d", 2+i%12))
	}
	if status, err := requestOn(dialFrom(t, l, "127.0.0.99"), "/"); status != http.StatusOK {
		t.Fatalf("another address: got %d %v, want 200", status, err)
	}
	if open, _ := l.counts(); open > testConnectionsMax {
		t.Errorf("open connections: got %d, want at most %d", open, testConnectionsMax)
	}
}

func TestBoundedListenerKeepsServedConnections(t *testing.T) {
	wait := make(chan struct{})
	l := serveBounded(t, wait)
	served := make([]net.Conn, testConnectionsEach)
	for i := range served {
		served[i] = dialFrom(t, l, "127.0.0.2")
		if status, err := requestOn(served[i], "/wait"); status != http.StatusOK {
			t.Fatalf("connection %d: got %d %v, want 200", i, status, err)
		}
	}
	if status, err := requestOn(dialFrom(t, l, "127.0.0.2"), "/"); err == nil {
		t.Errorf("a connection above the limit of its address: got %d, want a closed connection", status)
	}
	if status, err := requestOn(dialFrom(t, l, "127.0.0.3"), "/"); status != http.StatusOK {
		t.Errorf("another address: got %d %v, want 200", status, err)
	}
	close(wait)
	for i, c := range served { // chunked: the last chunk ends the answer
		if _, err := bufio.NewReader(c).ReadString('0'); err != nil {
			t.Errorf("served connection %d: %v, want the whole answer", i, err)
		}
	}
}

func TestBoundedListenerUncountsClosedConnections(t *testing.T) {
	l := serveBounded(t, nil)
	for i := range 5 * testConnectionsMax {
		c := dialFrom(t, l, fmt.Sprintf("127.0.0.%d", 2+i%30))
		if status, err := requestOn(c, "/"); status != http.StatusOK {
			t.Fatalf("connection %d: got %d %v, want 200", i, status, err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for open, networks := l.counts(); open+networks > 0; open, networks = l.counts() {
		if ctx.Err() != nil {
			t.Fatalf("counts after the connections are closed: got %d connections of %d networks, want 0", open,
				networks)
		}
	}
}
