package httpapi

import (
	"bufio"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"authledger/domain/access"
	"authledger/domain/problems"
)

var (
	loopbackHosts = []string{"localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:8080", "127.8.9.1:1",
		"[::1]", "[::1]:8080", "[::ffff:127.0.0.1]:80"}
	networkHosts = []string{"192.0.2.7", "192.0.2.7:9090", "[2001:db8::7]:9090", "0.0.0.0", "authledger",
		"authledger:9090"}
	publicHosts = []string{"", ":80", "attacker.example", "attacker.example:8080", "localhost.attacker.example",
		"127.0.0.1.attacker.example",
		"127.0.0.1.", "localhost.", "[::1].attacker.example", "[fe80::1%25lo]", "2130706433.example",
		"0x7f.1", "127.1"}
)

func TestHostsAccept(t *testing.T) {
	for _, host := range loopbackHosts {
		if !(Hosts{}).accept(host) || !(Hosts{Networked: true}).accept(host) {
			t.Errorf("%q: got refused, want it accepted by every listener", host)
		}
	}
	for _, host := range networkHosts {
		if (Hosts{}).accept(host) || !(Hosts{Networked: true}).accept(host) {
			t.Errorf("%q: want it accepted by a listener that other machines reach, and by no other", host)
		}
	}
	for _, host := range publicHosts {
		if (Hosts{}).accept(host) || (Hosts{Networked: true}).accept(host) {
			t.Errorf("%q: got accepted, want it refused by every listener", host)
		}
	}
}

// newOpenServer is a server that asks for no credentials, as a demonstration does.
func newOpenServer(t *testing.T) (*testServer, *httptest.Server) {
	s := newTestServer(t)
	open := New(Options{Log: slog.New(slog.DiscardHandler), Now: time.Now, Version: "test",
		Metrics: http.NotFoundHandler(), Observe: s.server.options.Observe})
	open.Open(s.ledger, s.rows, nil)
	server := httptest.NewServer(open)
	t.Cleanup(server.Close)
	t.Cleanup(open.Drain)
	return s, server
}

// A server without credentials refuses the Host header of another site on every path,
// also on a path that does not exist or redirects.
func TestServerWithoutCredentialsChecksHost(t *testing.T) {
	_, open := newOpenServer(t)
	paths := []string{docsPath, problems.Path, "/nowhere", "//v1//policy", "/v1/../v1/policy"}
	for i := range routes {
		paths = append(paths,
			strings.NewReplacer("{user}", "alice", "{account}", "a-1", "{seq}", "1", "{position}", "1", "{type}",
				"login.report", "{$}", "").Replace(routes[i].path))
	}
	for _, path := range paths {
		for _, host := range []string{"attacker.example", "attacker.example:80", "192.0.2.7"} {
			if got := statusOf(t, open.Listener.Addr().String(), path, host); got != http.StatusMisdirectedRequest {
				t.Errorf("%s of host %s: got %d, want 421", path, host, got)
			}
		}
		got := statusOf(t, open.Listener.Addr().String(), path, "localhost:1")
		if got == http.StatusMisdirectedRequest {
			t.Errorf("%s of localhost: got 421, want another status", path)
		}
	}
}

// A server that asks for a token accepts any host: a page of another site has no token.
func TestServerWithTokensAcceptsAnyHost(t *testing.T) {
	s := newTestServer(t)
	got := statusOf(t, strings.TrimPrefix(s.url, "http://"), "/healthz", "ledger.example")
	if got != http.StatusOK {
		t.Errorf("got %d, want 200", got)
	}
}

func statusOf(t *testing.T, address, path, host string) int {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path,
		host); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// TestCrossSiteRequestsChangeNothing sends the requests that a browser sends for a page of another site
// without a preflight (https://fetch.spec.whatwg.org/#cors-safelisted-method). A server without
// credentials must record nothing, and no answer to a preflight may permit further requests.
func TestCrossSiteRequestsChangeNothing(t *testing.T) {
	s, open := newOpenServer(t)
	before := s.ledger.Health().Position
	event := event(access.Gateway, "x-1", "login.report",
		`{"user":"alice","outcome":"failed","reason":"bad_credentials"}`)
	for i := range routes {
		path := strings.NewReplacer("{user}", "alice", "{account}", "a-1", "{seq}", "1", "{position}", "1",
			"{type}", "login.report", "{$}", "").Replace(routes[i].path)
		if strings.HasSuffix(path, "/records") {
			path += "?limit=1"
		}
		for _, method := range []string{"GET", "HEAD", "POST"} {
			for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded",
				"multipart/form-data; boundary=x"} {
				for _, body := range []string{"", event, `{"user":"alice","outcome":"failed","reason":"bad_credentials"}`,
					"user=alice"} {
					crossSite(t, open.URL+path, method, body, "Content-Type", kind, "Accept-Language", "en", "Range",
						"bytes=0-1")
				}
			}
		}
		for _, headers := range []string{"x-login-user", "idempotency-key,content-type", "authorization", "ce-id"} {
			crossSite(t, open.URL+path, "OPTIONS", "", "Access-Control-Request-Method", "GET",
				"Access-Control-Request-Headers", headers)
		}
	}
	if after := s.ledger.Health().Position; after != before {
		t.Errorf("end of the ledger: got %+v, want %+v as before", after, before)
	}
	if r := crossSite(t, open.URL+"/v1/gate/login", "GET", ""); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("gate: got %d, want 401", r.StatusCode)
	}
}

func crossSite(t *testing.T, url, method, body string, headers ...string) *http.Response {
	t.Helper()
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", "https://attacker.example")
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] != "" {
			request.Header.Set(headers[i], headers[i+1])
		}
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	for name := range answer.Header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("%s %s: got header %s: %v, want no Access-Control header", method, url, name, answer.Header[name])
		}
	}
	if method == "OPTIONS" && answer.StatusCode < 300 {
		t.Errorf("OPTIONS %s: got %d, want no success", url, answer.StatusCode)
	}
	return answer
}
