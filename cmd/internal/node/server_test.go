package node

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"authledger/adapters/tokens"
)

// TestAdminListener checks that only the admin listener serves profiles, and metrics without a
// token.
func TestAdminListener(t *testing.T) {
	e, err := StartServer(ServerOptions{
		Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Tokens: tokens.NewTable(time.Now),
		Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Shutdown(); err != nil {
			t.Error(err)
		}
	}()
	admin := "http://" + e.open[1].listener.Addr().String()
	for url, want := range map[string]int{
		e.URL() + "/debug/pprof/": 404, e.URL() + "/metrics": 401, e.URL() + "/healthz": 200,
		e.URL() + "/readyz":     503,
		admin + "/debug/pprof/": 200, admin + "/debug/pprof/heap": 200, admin + "/metrics": 200,
		admin + "/readyz":      503,
		admin + "/v1/lockouts": 404, admin + "/v1/records": 404,
	} {
		answer, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("GET %s: got %d, want %d", url[strings.LastIndex(url, ":"):], answer.StatusCode, want)
		}
	}
}

// TestListenersWithoutCredentialsCheckHost checks that a listener without credentials rejects the
// Host header of a web page that uses DNS rebinding. Such listeners are the main listener of a demo
// and the admin listener.
func TestListenersWithoutCredentialsCheckHost(t *testing.T) {
	e, err := StartServer(ServerOptions{Listen: "127.0.0.1:0", Admin: "127.0.0.1:0",
		Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	networked, err := StartServer(ServerOptions{Listen: "127.0.0.1:0", Admin: "0.0.0.0:0",
		Tokens: tokens.NewTable(time.Now), Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(e.Shutdown(), networked.Shutdown()); err != nil {
			t.Error(err)
		}
	}()
	for _, test := range []struct {
		listener *listening
		host     string
		want     int
	}{
		{e.open[0], "localhost", 200}, {e.open[0], "127.0.0.1:1", 200}, {e.open[0], "attacker.example", 421},
		{e.open[0], "192.0.2.7", 421},
		{e.open[1], "localhost", 200}, {e.open[1], "[::1]", 200}, {e.open[1], "attacker.example", 421},
		{e.open[1], "192.0.2.7", 421},
		{networked.open[1], "192.0.2.7:9090", 200}, {networked.open[1], "authledger:9090", 200},
		{networked.open[1], "attacker.example:9090", 421},
	} {
		_, port, err := net.SplitHostPort(test.listener.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/healthz", "/metrics", "/debug/pprof/"} {
			request, err := http.NewRequest(http.MethodGet, "http://127.0.0.1:"+port+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Host = test.host
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			isAbsent := path == "/debug/pprof/" && answer.StatusCode == 404
			if answer.StatusCode != test.want && !isAbsent || isAbsent && test.want != 200 {
				t.Errorf("%s of %s at %s: got %d, want %d", path, test.host, test.listener.listener.Addr(),
					answer.StatusCode, test.want)
			}
		}
	}
}

func TestServer_ConnectionLimits(t *testing.T) {
	e, err := StartServer(ServerOptions{Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler),
		Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	l := e.open[0].listener.(*limitedListener)
	if l.most != connectionsMax || l.mostOfNetwork != connectionsOfNetworkMax {
		t.Errorf("got %d connections, %d of a network, want %d, %d", l.most, l.mostOfNetwork, connectionsMax,
			connectionsOfNetworkMax)
	}
	for range 5 {
		answer, err := http.Get(e.URL() + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		http.DefaultClient.CloseIdleConnections()
	}
	if err := e.Shutdown(); err != nil {
		t.Fatal(err)
	}
	if open, _ := e.open[0].listener.(*limitedListener).counts(); open != 0 {
		t.Errorf("after Shutdown: got %d counted connections, want 0", open)
	}
}
