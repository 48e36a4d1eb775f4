package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"authledger/adapters/tokens/tokenstest"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
	"authledger/eventstore/memory"
	"authledger/eventstore/seal"
	"authledger/projections"
)

// patience is the maximum time that a test waits for an expected event.
const patience = time.Minute

// testServer is a server with a ledger in memory and a token of each role.
type testServer struct {
	t      testing.TB
	server *Server
	url    string
	ledger *eventstore.Ledger
	keys   *seal.Store
	rows   *projections.Engine
	tokens *tokenstest.Table
	token  map[access.Role]string
	log    *safeBuffer
	ids    int
	disk   *disk

	manifest eventstore.Manifest

	ahead *atomic.Int64 // duration by which the clock of the ledger is ahead
}

// disk is a store that can delay its answers.
type disk struct {
	eventstore.Store
	held atomic.Pointer[chan struct{}] // appends are answered after it is closed; nil: at once
}

func (d *disk) Append(ctx context.Context, data []byte, after uint64) <-chan error {
	outcome := d.Store.Append(ctx, data, after)
	held := d.held.Load()
	if held == nil {
		return outcome
	}
	late := make(chan error, 1)
	go func() {
		<-*held
		late <- <-outcome
	}()
	return late
}

// safeBuffer is a buffer that is safe for concurrent use.
type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func newTestServer(t testing.TB) *testServer {
	t.Helper()
	return newServerOf(t, eventstore.NewManifest("main", "{}"))
}

// newServerOf returns a test server with a new ledger of the manifest.
func newServerOf(t testing.TB, of eventstore.Manifest) *testServer {
	t.Helper()
	s := &testServer{t: t, manifest: of, token: make(map[access.Role]string), log: new(safeBuffer),
		ahead: new(atomic.Int64)}
	s.tokens = tokenstest.New(time.Now)
	for _, role := range access.Roles() {
		spec := tokenstest.Spec{Name: string(role), Role: role, Persons: []string{access.Anyone}, Rate: 1_000_000}
		text, err := s.tokens.Add(spec)
		if err != nil {
			t.Fatal(err)
		}
		s.token[role] = text
	}
	s.openLedger()
	t.Cleanup(s.closeLedger)
	s.server = New(Options{
		Tokens: s.tokens, Now: time.Now, Version: "test", Metrics: http.NotFoundHandler(),
		Log: slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Observe: Observer{
			Request: func(string, int, time.Duration) {},
			Command: func(string, string) {},
			Stream:  func(int) {},
		},
	})
	s.server.Open(s.ledger, s.rows, nil)
	server := httptest.NewUnstartedServer(s.server)
	server.Config.ConnState = smallBuffers
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(s.server.Drain)
	s.url = server.URL
	return s
}

// stopRates stops the clock of the rate limits, so that no token bucket refills on a slow
// machine.
func (s *testServer) stopRates() {
	now := time.Now()
	s.server.limits.now = func() time.Time { return now }
}

// smallBuffers limits the bytes that the kernel accepts for a client that does not read.
func smallBuffers(c net.Conn, state http.ConnState) {
	if tcp, ok := c.(*net.TCPConn); ok && state == http.StateNew {
		_ = tcp.SetWriteBuffer(8 << 10) // TestServerClosesStreamOfSlowReader needs it
	}
}

func (s *testServer) openLedger() {
	s.t.Helper()
	must := func(err error) {
		s.t.Helper()
		if err != nil {
			s.t.Fatal(err)
		}
	}
	master, err := seal.CreateMaster(filepath.Join(s.t.TempDir(), "master"))
	must(err)
	keys, err := seal.Open(s.t.TempDir(), master, seal.Options{Create: true})
	must(err)
	s.keys = keys
	s.rows, err = projections.Open(s.t.TempDir(), projections.Options{Log: slog.New(slog.DiscardHandler)})
	must(err)
	dir := s.t.TempDir()
	s.disk = &disk{Store: memory.New()}
	must(eventstore.CreateHead(dir, domain.Position{}))
	s.ledger, err = eventstore.Open(context.Background(), eventstore.Options{
		Dir: dir, Manifest: s.manifest, Store: s.disk, State: s.rows, Keys: keys,
		Node: "n1", DiskFreeMin: 1, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) },
	})
	must(err)
}

func (s *testServer) closeLedger() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, err := range []error{s.ledger.Close(ctx), s.rows.Close(), s.keys.Close()} {
		if err != nil {
			s.t.Error(err)
		}
	}
}

// reply is the answer to a request.
type reply struct {
	status int
	header http.Header
	body   string
}

// request sends a request with the token of a role, or without a token for "". The headers
// are name, value, name, value …
func (s *testServer) request(role access.Role, method, path, body string, headers ...string) reply {
	s.t.Helper()
	request, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if role != "" {
		request.Header.Set("Authorization", "Bearer "+s.token[role])
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close() // only read from
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, string(text)}
}

func (s *testServer) get(role access.Role, path string) reply {
	s.t.Helper()
	return s.request(role, "GET", path, "")
}

// submit sends the data of a command as plain JSON, with a new id.
func (s *testServer) submit(role access.Role, kind, data string) reply {
	s.t.Helper()
	s.ids++
	return s.request(role, "POST", "/v1/commands/"+kind, data, "Idempotency-Key", fmt.Sprint("k-", s.ids))
}

// reportFailures reports n failed logins of a user.
func (s *testServer) reportFailures(user string, n int) {
	s.t.Helper()
	for range n {
		data := fmt.Sprintf(`{"user":%q,"outcome":"failed","reason":"bad_credentials","ip":"192.0.2.7"}`, user)
		if r := s.submit(access.Gateway, "login.report", data); r.status != 200 {
			s.t.Fatalf("login.report of %s: got %d %s, want 200", user, r.status, r.body)
		}
	}
}

// event returns a command as a CloudEvent with the present time.
func event(role access.Role, id, kind, data string) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":%q,"type":%q,"time":%q,"data":%s}`,
		id, string(role)+"/"+string(role), kind, time.Now().UTC().Format(time.RFC3339Nano), data)
}

// want checks the status, and that the body contains each of the texts. It checks that a
// JSON answer is valid, and that the type of a problem has a page.
func (r reply) want(t testing.TB, status int, holds ...string) {
	t.Helper()
	if r.status != status {
		t.Errorf("got status %d, want %d: %s", r.status, status, r.body)
	}
	r.wantPage(t)
	for _, part := range holds {
		if !strings.Contains(r.body, part) {
			t.Errorf("got %s, want it to contain %s", r.body, part)
		}
	}
	if strings.Contains(r.header.Get("Content-Type"), "json") &&
		!strings.Contains(r.header.Get("Content-Type"), "jsonl") && !json.Valid([]byte(r.body)) {
		t.Errorf("got %s, want valid JSON", r.body)
	}
}
