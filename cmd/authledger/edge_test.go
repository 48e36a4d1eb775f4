package main

import (
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Profiles and metrics without a token are on the admin listener only.
func TestAdminListener(t *testing.T) {
	e, err := startEdge(edgeOptions{
		listen: "127.0.0.1:0", admin: "127.0.0.1:0", tokens: filepath.Join(t.TempDir(), tokensName),
		log: slog.New(slog.DiscardHandler), now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.drain(); err != nil {
			t.Error(err)
		}
	}()
	admin := "http://" + e.open[1].listener.Addr().String()
	for url, want := range map[string]int{
		e.url() + "/debug/pprof/": 404, e.url() + "/metrics": 401, e.url() + "/healthz": 200, e.url() + "/readyz": 503,
		admin + "/debug/pprof/": 200, admin + "/debug/pprof/heap": 200, admin + "/metrics": 200, admin + "/readyz": 503,
		admin + "/v1/lockouts": 404, admin + "/v1/records": 404,
	} {
		answer, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%s: %d, want %d", url[strings.LastIndex(url, ":"):], answer.StatusCode, want)
		}
	}
}

// A connection that ends makes room for the next.
func TestConnectionsAreBounded(t *testing.T) {
	e, err := startEdge(edgeOptions{listen: "127.0.0.1:0", log: slog.New(slog.DiscardHandler), now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if l := e.open[0].listener.(*boundedListener); cap(l.places) != connectionsMax {
		t.Errorf("%d connections at once", cap(l.places))
	}
	for range 5 {
		if _, err := get(t.Context(), e.url()+"/healthz"); err != nil {
			t.Fatal(err)
		}
		http.DefaultClient.CloseIdleConnections()
	}
	if err := e.drain(); err != nil {
		t.Fatal(err)
	}
	if open := len(e.open[0].listener.(*boundedListener).places); open != 0 {
		t.Errorf("%d places are still taken", open)
	}
}
