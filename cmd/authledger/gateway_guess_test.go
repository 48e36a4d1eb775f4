package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"authledger/access"
)

// finishesLost is how often a node doesn't take a report: longer than a gateway needs to
// notice that the browser is gone.
const finishesLost = 5

// LOCK-1: who hangs up while the example looks at a wrong password has guessed all the
// same. The report goes out; a reservation that lapses would count as nothing.
func TestExampleGatewayCountsWhoHangsUp(t *testing.T) {
	s := serveHere(t)
	to, err := url.Parse(s.edge.url())
	if err != nil {
		t.Fatal(err)
	}
	hangUp, counted := make(chan struct{}), make(chan struct{})
	proxy := httputil.NewSingleHostReverseProxy(to)
	var finishes atomic.Int32
	front := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/login.finish") {
			proxy.ServeHTTP(w, r)
			return
		}
		switch n := finishes.Add(1); {
		case n == 1:
			close(hangUp)
			fallthrough
		case n <= finishesLost:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			proxy.ServeHTTP(w, r)
			close(counted)
		}
	})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = front.Serve(listener) }() // until it is closed
	t.Cleanup(func() { _ = front.Close() })   // nothing is under way
	gateway := startGateway(t, buildGateway(t), "AUTHLEDGER_SERVER=http://"+listener.Addr().String(), "AUTHLEDGER_TOKEN="+s.tokens[access.Gateway])

	browser, err := net.Dial("tcp", strings.TrimPrefix(gateway, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := browser.Write([]byte("POST /login HTTP/1.1\r\nHost: gateway\r\nAuthorization: Basic YWxpY2U6d3Jvbmc=\r\nContent-Length: 0\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for _, step := range []chan struct{}{hangUp, counted} {
		select {
		case <-step:
			_ = browser.Close() // the second time it is
		case <-ctx.Done():
			t.Fatal("the guess was not reported")
		}
	}
}
