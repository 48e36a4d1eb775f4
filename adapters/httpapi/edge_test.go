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

	"authledger/access"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/memory"
	"authledger/eventstore/seal"
	"authledger/projections"
)

// patience is how long a test waits for what must come before it gives up.
const patience = 30 * time.Second

// site is an edge with a ledger in memory behind it, and a token of each role.
type site struct {
	t      testing.TB
	edge   *Server
	url    string
	ledger *eventstore.Ledger
	rows   *projections.Engine
	tokens *access.Tokens
	token  map[access.Role]string
	log    *safeBuffer
	ids    int
	disk   *disk
}

// disk is a store whose answers can be held back.
type disk struct {
	eventstore.Store
	held atomic.Pointer[chan struct{}] // closed when they may go on
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

// safeBuffer is a log that can be read while it is written.
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

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{t: t, tokens: access.OpenTokens(filepath.Join(t.TempDir(), "tokens.json"), time.Now), token: make(map[access.Role]string), log: new(safeBuffer)}
	for _, role := range access.Roles() {
		text, err := s.tokens.Add(access.Spec{Name: string(role), Role: role, Persons: []string{access.Anyone}, Rate: 1_000_000})
		if err != nil {
			t.Fatal(err)
		}
		s.token[role] = text
	}
	s.openLedger()
	s.edge = New(Options{
		Tokens: s.tokens, Log: slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: time.Now, Version: "test",
		Metrics: http.NotFoundHandler(),
		Observe: Observer{Request: func(string, int, time.Duration) {}, Command: func(string, string) {}, Stream: func(int) {}},
	})
	s.edge.Open(s.ledger, s.rows, nil)
	server := httptest.NewUnstartedServer(s.edge)
	server.Config.ConnState = smallBuffers
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(s.edge.Drain)
	s.url = server.URL
	return s
}

// smallBuffers keep the kernel from reading ahead for a client that doesn't read.
func smallBuffers(c net.Conn, state http.ConnState) {
	if tcp, ok := c.(*net.TCPConn); ok && state == http.StateNew {
		_ = tcp.SetWriteBuffer(8 << 10) // the test that needs it sees
	}
}

func (s *site) openLedger() {
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
	s.rows, err = projections.Open(s.t.TempDir(), projections.Options{Log: slog.New(slog.DiscardHandler)})
	must(err)
	dir := s.t.TempDir()
	s.disk = &disk{Store: memory.New()}
	must(eventstore.CreateHead(dir, domain.Position{}))
	s.ledger, err = eventstore.Open(context.Background(), eventstore.Options{
		Dir: dir, Manifest: eventstore.NewManifest("main", "{}"), Store: s.disk, State: s.rows, Keys: keys,
		Node: "n1", DiskFreeMin: 1, Log: slog.New(slog.DiscardHandler),
	})
	must(err)
	s.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		for _, err := range []error{s.ledger.Close(ctx), s.rows.Close(), keys.Close()} {
			if err != nil {
				s.t.Error(err)
			}
		}
	})
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   string
}

// ask sends a request as a role; headers are name, value, name, value …
func (s *site) ask(role access.Role, method, path, body string, headers ...string) reply {
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

func (s *site) get(role access.Role, path string) reply {
	s.t.Helper()
	return s.ask(role, "GET", path, "")
}

// typed gives a command by its bare data, under an id of its own.
func (s *site) typed(role access.Role, kind, data string) reply {
	s.t.Helper()
	s.ids++
	return s.ask(role, "POST", "/v1/commands/"+kind, data, "Idempotency-Key", fmt.Sprint("k-", s.ids))
}

// fails reports so many wrong passwords of a user.
func (s *site) fails(user string, times int) {
	s.t.Helper()
	for range times {
		if r := s.typed(access.Gateway, "login.report", fmt.Sprintf(`{"user":%q,"outcome":"failed","reason":"bad_credentials","ip":"192.0.2.7"}`, user)); r.status != 200 {
			s.t.Fatalf("%d %s", r.status, r.body)
		}
	}
}

// event is a command as a CloudEvent, of now.
func event(role access.Role, id, kind, data string) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":%q,"type":%q,"time":%q,"data":%s}`,
		id, string(role)+"/"+string(role), kind, time.Now().UTC().Format(time.RFC3339Nano), data)
}

func (r reply) want(t testing.TB, status int, holds ...string) {
	t.Helper()
	if r.status != status {
		t.Errorf("status %d, want %d: %s", r.status, status, r.body)
	}
	for _, part := range holds {
		if !strings.Contains(r.body, part) {
			t.Errorf("%s does not hold %s", r.body, part)
		}
	}
	if strings.Contains(r.header.Get("Content-Type"), "json") && !strings.Contains(r.header.Get("Content-Type"), "jsonl") && !json.Valid([]byte(r.body)) {
		t.Errorf("no JSON: %s", r.body)
	}
}
