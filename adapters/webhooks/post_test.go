package webhooks

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"authledger/domain"
)

// Over a real connection: the signature covers the sent payload, the deliverer follows no
// redirect, and it connects to a private address only if the endpoint allows that.
func TestPost(t *testing.T) {
	var requested []string
	key, err := secretKey(testEndpoint.Secret)
	if err != nil {
		t.Fatal(err)
	}
	e := event(7)
	payload, err := e.payload()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requested = append(requested, r.URL.Path)
		body := make([]byte, len(payload)+1)
		n, _ := r.Body.Read(body) // reads the whole short body
		at := time.Unix(1_700_000_100, 0)
		if r.Header.Get("Webhook-Id") != e.ID ||
			r.Header.Get("Webhook-Signature") != signature(key, e.ID, at, body[:n]) ||
			r.Header.Get("Webhook-Timestamp") != "1700000100" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("got headers %v and body %s, want those of event %s", r.Header, body[:n], e.ID)
		}
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}
	}))
	defer server.Close()
	for _, c := range []struct {
		path  string
		allow bool
		want  outcome
	}{
		{"/ok", true, outcome{accepted: true, status: 200}},
		{"/moved", true, outcome{status: 307, cause: "redirect not followed"}},
		{"/ok", false, outcome{cause: errPrivate.Error()}},
	} {
		to := testEndpoint
		to.URL, to.AllowPrivate = server.URL+c.path, c.allow
		post, end := newPost(&to, &signer{key: key}, asIs)
		if got := post(t.Context(), &e, time.Unix(1_700_000_100, 0)); got != c.want {
			t.Errorf("post to %s, private allowed %t: got %+v, want %+v", c.path, c.allow, got, c.want)
		}
		end()
	}
	if !slices.Equal(requested, []string{"/ok", "/moved"}) {
		t.Errorf("got requests for %v, want /ok and /moved", requested)
	}
}

// The deliverer does not trust a self-signed certificate, also in a private network. It
// sends no header that contains a line break.
func TestPostToHostile(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("request with an invalid header value: got headers %v, want no request", r.Header)
	}))
	defer server.Close()
	secured := httptest.NewUnstartedServer(http.NotFoundHandler())
	secured.Config.ErrorLog = log.New(io.Discard, "", 0)
	secured.StartTLS()
	defer secured.Close()
	split := event(7)
	split.ID = "evt\r\nX-Injected: 1"
	plain := event(7)
	for _, c := range []struct {
		url  string
		e    *Event
		want string
	}{{secured.URL, &plain, "TLS certificate not trusted"}, {server.URL, &split, invalidResponse}} {
		to := testEndpoint
		to.URL, to.AllowPrivate = c.url, true
		post, end := newPost(&to, &signer{key: make([]byte, secretBytes)}, asIs)
		if got := post(t.Context(), c.e, time.Now()); got != (outcome{cause: c.want}) {
			t.Errorf("post to %s: got %+v, want cause %q", c.url, got, c.want)
		}
		end()
	}
}

// proxied counts the requests to the proxy that the environment of all tests names.
// net/http reads that environment once in a process.
var proxied atomic.Int32

func TestMain(m *testing.M) {
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied.Add(1) }))
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY"} {
		if err := os.Setenv(name, proxy.URL); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	proxy.Close()
	os.Exit(code)
}

// A proxy would connect to addresses that the deliverer has not checked, and read the events.
func TestPostUsesNoProxy(t *testing.T) {
	to := testEndpoint
	to.URL, to.AllowPrivate = "http://endpoint.invalid/", true
	post, end := newPost(&to, &signer{key: make([]byte, secretBytes)}, asIs)
	defer end()
	e := event(7)
	if got := post(t.Context(), &e, time.Now()); got.accepted || proxied.Load() > 0 {
		t.Errorf("got %+v and %d requests to the proxy, want a failure and none", got, proxied.Load())
	}
}

// The deliverer stops reading an endless response.
func TestResponseIsBounded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	to := testEndpoint
	to.URL, to.AllowPrivate = server.URL, true
	post, end := newPost(&to, &signer{key: make([]byte, secretBytes)}, asIs)
	defer end()
	e, start := event(7), time.Now()
	if got := post(t.Context(), &e, time.Now()); !got.accepted || time.Since(start) > attemptTimeout/2 {
		t.Errorf("got %+v after %v, want accepted within %v", got, time.Since(start), attemptTimeout/2)
	}
}

const invalidResponse = "invalid response: no HTTP, no TLS, incomplete, or more than 64 KiB of headers"

// A response is valid with the headers that a proxy adds. Each class of failure has its
// own cause.
func TestPostResponses(t *testing.T) {
	raw := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, err = c.Write([]byte(text))
			}
			if err != nil || c.Close() != nil {
				t.Error(err)
			}
		}
	}
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   outcome
	}{
		{"large headers",
			raw("HTTP/1.1 204 No Content\r\nContent-Security-Policy: " + strings.Repeat("x", 32<<10) + "\r\n\r\n"),
			outcome{accepted: true, status: 204}},
		{"endless headers",
			raw("HTTP/1.1 204 No Content\r\nX: " + strings.Repeat("x", 2*headerBytesMax) + "\r\n\r\n"),
			outcome{cause: invalidResponse}},
		{"no HTTP", raw("\x00\x01\r\n\r\n"), outcome{cause: invalidResponse}},
		{"connection closed", raw(""), outcome{cause: invalidResponse}},
		{"cut off", raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
			outcome{accepted: true, status: 200}},
		{"gone", raw("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"),
			outcome{status: 410, cause: "the endpoint no longer exists"}},
		{"busy", raw("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 90\r\nContent-Length: 0\r\n\r\n"),
			outcome{status: 429, cause: "Too Many Requests", retryAfter: 90 * time.Second}},
		{"down", nil, outcome{cause: "connection failed"}},
	} {
		server := httptest.NewServer(c.answer)
		to := testEndpoint
		to.URL, to.AllowPrivate = server.URL, true
		if c.answer == nil {
			server.Close()
		}
		post, end := newPost(&to, &signer{key: make([]byte, secretBytes)}, asIs)
		e := event(7)
		if got := post(t.Context(), &e, time.Now()); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
		end()
		server.Close()
	}
	got := errorCause(&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}})
	if got != "host name not found" {
		t.Errorf("cause of a DNS error: got %q, want \"host name not found\"", got)
	}
}

// An attempt ends within the timeout in docs/webhooks.md.
func TestPostTimesOut(t *testing.T) {
	t.Parallel()                                    // waits for the timeout of an attempt
	silent, err := net.Listen("tcp", "127.0.0.1:0") // only the kernel accepts connections
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	to := testEndpoint
	to.URL, to.AllowPrivate = "http://"+silent.Addr().String(), true
	post, end := newPost(&to, &signer{key: make([]byte, secretBytes)}, asIs)
	defer end()
	ctx, cancel := context.WithTimeout(t.Context(), 3*attemptTimeout)
	defer cancel()
	e, start := event(7), time.Now()
	got := post(ctx, &e, start)
	if got != (outcome{cause: "timed out"}) || time.Since(start) > 2*attemptTimeout {
		t.Errorf("got %+v after %v, want a timeout within %v", got, time.Since(start), 2*attemptTimeout)
	}
}

func TestRetryAfter(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	for value, want := range map[string]time.Duration{
		"": 0, "x": 0, "-1": 0, "1.5": 0, "90": 90 * time.Second, "86401": retryAfterMax,
		"99999999999": retryAfterMax, "999999999999999999999": 0,
		at.Add(time.Hour).UTC().Format(http.TimeFormat):        time.Hour,
		at.Add(-time.Hour).UTC().Format(http.TimeFormat):       0,
		at.Add(1000 * time.Hour).UTC().Format(http.TimeFormat): retryAfterMax,
	} {
		if got := retryAfter(value, at); got != want {
			t.Errorf("Retry-After %q: got %v, want %v", value, got, want)
		}
	}
}

// Close closes the idle connections of a deliverer.
func TestCloseClosesConnections(t *testing.T) {
	ended := make(chan bool, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			ended <- true
		}
	}
	server.Start()
	defer server.Close()
	to := testEndpoint
	to.URL, to.AllowPrivate = server.URL, true
	d, err := OpenDeliverer(to, domain.EventPosition{}, options(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.deliver(t.Context(), event(1)); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(attemptTimeout):
		t.Errorf("connection %v after Close: got it open, want it closed", attemptTimeout)
	}
}

// The body has the format in docs/webhooks.md, with the time of the event.
func TestPayload(t *testing.T) {
	e := event(7)
	e.At = time.Date(2026, 3, 2, 16, 9, 0, 5, time.FixedZone("", 3600))
	const want = `{"type":"lockout.started","timestamp":"2026-03-02T15:09:00.000000005Z","position":"7.0",` +
		`"entity":"user/u","data":{"until":"x"}}`
	if got, err := e.payload(); err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}
