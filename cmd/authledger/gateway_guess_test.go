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

	"authledger/domain/access"
)

// finishesLost is the number of reports that the proxy rejects. Its retries take longer than the
// gateway needs to detect the closed connection of the browser.
const finishesLost = 5

// TestExampleGateway_ClosedConnection checks that a wrong password counts as a failure (LOCK-1) if
// the browser closes its connection before the response. The gateway must still report the failure,
// because a reservation that lapses counts as no failure.
func TestExampleGateway_ClosedConnection(t *testing.T) {
	t.Parallel()
	s := serveHere(t)
	to, err := url.Parse(s.edge.URL())
	if err != nil {
		t.Fatal(err)
	}
	hangUp, counted := make(chan struct{}), make(chan struct{})
	proxy := httputil.NewSingleHostReverseProxy(to)
	var finishes atomic.Int32
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
	go func() { _ = server.Serve(listener) }() // Serve always returns an error after Close
	t.Cleanup(func() { _ = server.Close() })   // no request is in progress
	gateway := startGateway(t, buildGateway(t), "AUTHLEDGER_SERVER=http://"+listener.Addr().String(),
		"AUTHLEDGER_TOKEN="+s.tokens[access.Gateway])

	browser, err := net.Dial("tcp", strings.TrimPrefix(gateway, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	const login = "POST /login HTTP/1.1\r\nHost: gateway\r\n" +
		"Authorization: Basic YWxpY2U6d3Jvbmc=\r\nContent-Length: 0\r\n\r\n"
	if _, err := browser.Write([]byte(login)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	for _, step := range []chan struct{}{hangUp, counted} {
		select {
		case <-step:
			_ = browser.Close() // already closed after the second step
		case <-ctx.Done():
			t.Fatal("timed out: the gateway did not report the failure")
		}
	}
}
