package client

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"authledger/domain"
)

// pageOfTwo is an answer that can be cut between its lines.
const pageOfTwo = "{\"seq\":1}\n{\"seq\":2}\n"

// The client retries after an incomplete answer, wherever the answer ends. It rejects an
// answer without an end mark.
func TestClientRetriesIncompleteAnswers(t *testing.T) {
	chunked := func(text string) string {
		return fmt.Sprintf("%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", 10, text[:10], len(text)-10, text[10:])
	}
	for name, c := range map[string]struct{ head, body string }{
		"a length": {fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", len(pageOfTwo)),
			pageOfTwo},
		"a length, HTTP/1.0": {fmt.Sprintf("HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n", len(pageOfTwo)),
			pageOfTwo},
		"chunks": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunked(pageOfTwo)},
	} {
		for cut := range len(c.body) {
			asked := newCutClient(t, c.head+c.body[:cut], c.head+c.body)
			if got := records(t, asked); got != "1 2 " {
				t.Errorf("%s, cut after %d of %d bytes: got records %q, want \"1 2 \"", name, cut, len(c.body), got)
			}
		}
	}
	for _, head := range []string{"HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"} {
		asked := newCutClient(t, head+pageOfTwo)
		asked.options.Patience = 100 * time.Millisecond
		if got := records(t, asked); got != ErrUnknown.Error() {
			t.Errorf("answer without an end mark, %q: got records %q, want %q", head, got, ErrUnknown)
		}
		v, err := asked.Do(t.Context(), "x", &domain.LoginReport{User: "alice", Outcome: domain.Succeeded})
		if !errors.Is(err, ErrUnknown) {
			t.Errorf("answer without an end mark, %q: got verdict %+v, error %v, want %v", head, v, err, ErrUnknown)
		}
	}
}

// records returns the numbers of the records, or the error that ended the iteration.
func records(t *testing.T, c *Client) string {
	t.Helper()
	var got strings.Builder
	for r, err := range c.Records(t.Context(), Filter{}, 0) {
		switch {
		case errors.Is(err, ErrUnknown):
			return ErrUnknown.Error()
		case err != nil:
			return err.Error()
		}
		fmt.Fprintf(&got, "%d ", r.Seq)
	}
	return got.String()
}

// newCutClient returns a client of a server that sends one of the texts on each connection
// and closes the connection. After the last text the server repeats that text.
func newCutClient(t *testing.T, texts ...string) *Client {
	t.Helper()
	asked := make(chan string, len(texts))
	for _, text := range texts[:len(texts)-1] {
		asked <- text
	}
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // otherwise closing the connection would reset it
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		text := texts[len(texts)-1]
		select {
		case text = <-asked:
		default:
		}
		if _, err := io.WriteString(conn, text); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	}))
	t.Cleanup(node.Close)
	c, err := New(Options{URL: node.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}
