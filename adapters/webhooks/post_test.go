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
)

// Over a real connection: what is signed is what was sent, redirects are not followed,
// and an address of one's own network is not asked unless that is allowed.
func TestPost(t *testing.T) {
	var asked []string
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
		asked = append(asked, r.URL.Path)
		body := make([]byte, len(payload)+1)
		n, _ := r.Body.Read(body) // all of it: it is short
		at := time.Unix(1_700_000_100, 0)
		if r.Header.Get("Webhook-Id") != e.ID || r.Header.Get("Webhook-Signature") != signature(key, e.ID, at, body[:n]) || r.Header.Get("Webhook-Timestamp") != "1700000100" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%v %s", r.Header, body[:n])
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
		{"/ok", true, outcome{taken: true, status: 200}},
		{"/moved", true, outcome{status: 307, wrong: "a redirect, which is not followed"}},
		{"/ok", false, outcome{wrong: errPrivate.Error()}},
	} {
		to := testEndpoint
		to.URL, to.AllowPrivate = server.URL+c.path, c.allow
		post, end := newPost(&to, &signer{key: key})
		if got := post(t.Context(), &e, time.Unix(1_700_000_100, 0)); got != c.want {
			t.Errorf("%s, private allowed %t: %+v, want %+v", c.path, c.allow, got, c.want)
		}
		end()
	}
	if !slices.Equal(asked, []string{"/ok", "/moved"}) {
		t.Errorf("asked %v", asked)
	}
}

// A certificate that nobody vouches for is not trusted, also in a private network; no
// line break gets into a header.
func TestPostToHostile(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Error("an id that is no header was sent:", r.Header)
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
	}{{secured.URL, &plain, "the certificate is not trusted"}, {server.URL, &split, unheard}} {
		to := testEndpoint
		to.URL, to.AllowPrivate = c.url, true
		post, end := newPost(&to, &signer{key: make([]byte, secretBytes)})
		if got := post(t.Context(), c.e, time.Now()); got != (outcome{wrong: c.want}) {
			t.Errorf("%s: %+v", c.url, got)
		}
		end()
	}
}

// proxied counts who asks the proxy that the environment of all tests names, which is
// read only once in a process.
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

// A proxy would make connections that nobody has judged, and hear what is told.
func TestPostUsesNoProxy(t *testing.T) {
	to := testEndpoint
	to.URL, to.AllowPrivate = "http://endpoint.invalid/", true
	post, end := newPost(&to, &signer{key: make([]byte, secretBytes)})
	defer end()
	e := event(7)
	if got := post(t.Context(), &e, time.Now()); got.taken || proxied.Load() > 0 {
		t.Errorf("%+v, by a proxy", got)
	}
}

// An answer without an end is not heard to its end.
func TestAnswerIsBounded(t *testing.T) {
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
	post, end := newPost(&to, &signer{key: make([]byte, secretBytes)})
	defer end()
	e, begun := event(7), time.Now()
	if got := post(t.Context(), &e, time.Now()); !got.taken || time.Since(begun) > attemptWithin/2 {
		t.Errorf("%+v after %v", got, time.Since(begun))
	}
}

const unheard = "no whole answer: not of HTTP, not over TLS, or with more than 64 KiB of headers"

// An answer counts whatever a proxy adds to it, and why there is none is told apart.
func TestPostAnswered(t *testing.T) {
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
		{"large headers", raw("HTTP/1.1 204 No Content\r\nContent-Security-Policy: " + strings.Repeat("x", 32<<10) + "\r\n\r\n"), outcome{taken: true, status: 204}},
		{"endless headers", raw("HTTP/1.1 204 No Content\r\nX: " + strings.Repeat("x", 2*headerBytesMax) + "\r\n\r\n"), outcome{wrong: unheard}},
		{"no HTTP", raw("\x00\x01\r\n\r\n"), outcome{wrong: unheard}},
		{"hung up", raw(""), outcome{wrong: unheard}},
		{"cut off", raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), outcome{taken: true, status: 200}},
		{"gone", raw("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"), outcome{status: 410, wrong: "the endpoint is gone"}},
		{"busy", raw("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 90\r\nContent-Length: 0\r\n\r\n"), outcome{status: 429, wrong: "Too Many Requests", retryAfter: 90 * time.Second}},
		{"down", nil, outcome{wrong: "no connection"}},
	} {
		server := httptest.NewServer(c.answer)
		to := testEndpoint
		to.URL, to.AllowPrivate = server.URL, true
		if c.answer == nil {
			server.Close()
		}
		post, end := newPost(&to, &signer{key: make([]byte, secretBytes)})
		e := event(7)
		if got := post(t.Context(), &e, time.Now()); got != c.want {
			t.Errorf("%s: %+v", c.name, got)
		}
		end()
		server.Close()
	}
	if got := class(&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}); got != "the host's name is not known" {
		t.Error(got)
	}
}

// An attempt takes no longer than docs/webhooks.md says.
func TestPostWithin(t *testing.T) {
	t.Parallel()                                    // it waits as long as an endpoint is waited for
	silent, err := net.Listen("tcp", "127.0.0.1:0") // nobody accepts, but the kernel
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	to := testEndpoint
	to.URL, to.AllowPrivate = "http://"+silent.Addr().String(), true
	post, end := newPost(&to, &signer{key: make([]byte, secretBytes)})
	defer end()
	ctx, cancel := context.WithTimeout(t.Context(), 3*attemptWithin)
	defer cancel()
	e, begun := event(7), time.Now()
	if got := post(ctx, &e, begun); got != (outcome{wrong: "no answer in time"}) || time.Since(begun) > 2*attemptWithin {
		t.Errorf("%+v after %v", got, time.Since(begun))
	}
}

func TestRetryAfter(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	for said, want := range map[string]time.Duration{
		"": 0, "x": 0, "-1": 0, "1.5": 0, "90": 90 * time.Second, "86401": retryAfterMax, "99999999999": retryAfterMax, "999999999999999999999": 0,
		at.Add(time.Hour).UTC().Format(http.TimeFormat): time.Hour, at.Add(-time.Hour).UTC().Format(http.TimeFormat): 0,
		at.Add(1000 * time.Hour).UTC().Format(http.TimeFormat): retryAfterMax,
	} {
		if got := retryAfter(said, at); got != want {
			t.Errorf("%q: %v, want %v", said, got, want)
		}
	}
}

// A deliverer that is closed leaves no connection.
func TestCloseHangsUp(t *testing.T) {
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
	d, err := OpenDeliverer(to, Position{}, options(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Deliver(t.Context(), event(1)); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(attemptWithin):
		t.Error("the connection stays open")
	}
}

// The body is as docs/webhooks.md has it, and says when the event happened.
func TestPayload(t *testing.T) {
	e := event(7)
	e.At = time.Date(2026, 3, 2, 16, 9, 0, 5, time.FixedZone("", 3600))
	const want = `{"type":"lockout.started","timestamp":"2026-03-02T15:09:00.000000005Z","position":"7.0","entity":"user/u","data":{"until":"x"}}`
	if got, err := e.payload(); err != nil || string(got) != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
}
