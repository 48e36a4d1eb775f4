package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"authledger/adapters/metrics"
	"authledger/adapters/webhooks"
	"authledger/domain"
)

// toldWithin is how long a test waits for an endpoint to be told.
const toldWithin = 20 * time.Second

// hearing is an endpoint of a test: what it is told comes over a channel, and it
// answers when it is let.
type hearing struct {
	*httptest.Server
	told chan string // the user of each event
	gone chan bool   // a request that was hung up on before it was answered
}

// hear begins to hear; answer says how, and may wait.
func hear(t *testing.T, answer func(*http.Request) int) *hearing {
	t.Helper()
	h := &hearing{told: make(chan string, 100), gone: make(chan bool, 100)}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Entity string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		select {
		case h.told <- strings.TrimPrefix(body.Entity, "user/"):
		case <-r.Context().Done(): // the test has heard enough
			return
		}
		if status := answer(r); r.Context().Err() == nil {
			w.WriteHeader(status)
		} else {
			h.gone <- true
		}
	}))
	t.Cleanup(h.Close)
	return h
}

func takes(*http.Request) int { return http.StatusOK }

// hangs answers nobody until they hang up.
func hangs(r *http.Request) int { <-r.Context().Done(); return 0 }

// wants waits until the endpoint is told of a user.
func (h *hearing) wants(t *testing.T, user string) {
	t.Helper()
	if got := h.next(t, user); got != user {
		t.Fatalf("told of %s, want %s", got, user)
	}
}

// wantsBehind is wants where the attempt before may have been cut off, and is made again.
func (h *hearing) wantsBehind(t *testing.T, before, user string) {
	t.Helper()
	got := before
	for got == before {
		got = h.next(t, user)
	}
	if got != user {
		t.Fatalf("told of %s, want %s behind %s", got, user, before)
	}
}

func (h *hearing) next(t *testing.T, user string) (got string) {
	t.Helper()
	select {
	case got = <-h.told:
	case <-time.After(toldWithin):
		t.Fatalf("not told of %s", user)
	}
	return got
}

// reactingNode is a node with reactors, which end with the test.
type reactingNode struct {
	*node
	t         *testing.T
	endpoints *webhooks.Endpoints
	metrics   *metrics.Metrics
}

func newReactingNode(t *testing.T) *reactingNode {
	n := openTestNode(t)
	return &reactingNode{node: n, t: t, endpoints: webhooks.OpenEndpoints(n.options.dir, n.now), metrics: metrics.New("test")}
}

func (r *reactingNode) begin() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); r.react(ctx, r.metrics) }()
	r.t.Cleanup(func() { stop(); <-done })
}

// add adds an endpoint that is told of failed logins.
func (r *reactingNode) add(name string, h *hearing) {
	r.t.Helper()
	if _, err := r.endpoints.Add(webhooks.Endpoint{Name: name, URL: h.URL, AllowPrivate: true, Types: []string{"login.failed"}}); err != nil {
		r.t.Fatal(err)
	}
}

// fail records that a user's password was wrong.
func (r *reactingNode) fail(user string) {
	r.t.Helper()
	c := domain.Command{Source: "gateway/test", ID: user, Stamped: true, Caller: "test", Data: &domain.LoginReport{User: user, Outcome: domain.Failed, Reason: "bad_credentials"}}
	if v, err := r.ledger.Do(r.t.Context(), c); err != nil || v.Status != domain.Accepted {
		r.t.Fatal(v, err)
	}
}

// Nobody waits for an endpoint that hangs, nor is anybody's delivery disturbed by an
// endpoint that is added or removed, or that can't be told.
func TestWebhooksApart(t *testing.T) {
	r := newReactingNode(t)
	hung, swift, late := hear(t, hangs), hear(t, takes), hear(t, takes)
	r.add("hung", hung)
	r.add("swift", swift)
	r.begin()
	r.fail("u1")
	hung.wants(t, "u1")
	swift.wants(t, "u1")
	r.fail("u2")
	swift.wants(t, "u2")
	r.add("late", late)
	r.fail("u3")
	swift.wants(t, "u3")
	late.wants(t, "u3")
	if err := r.endpoints.Remove("swift"); err != nil {
		t.Fatal(err)
	}
	r.fail("u4")
	late.wants(t, "u4")
	if len(hung.gone) > 0 || len(hung.told) > 0 {
		t.Error("the delivery that hung was disturbed")
	}
	if err := r.endpoints.Remove("hung"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-hung.gone:
	case <-time.After(webhookAttempt / 2):
		t.Error("an endpoint that was removed is still told")
	}
}

// webhookAttempt is how long a delivery may take (docs/webhooks.md).
const webhookAttempt = 10 * time.Second

// An endpoint that can't be told is told once it can, and keeps nobody waiting.
func TestWebhookBeginsAgain(t *testing.T) {
	r := newReactingNode(t)
	broken, swift := hear(t, takes), hear(t, takes)
	r.add("broken", broken)
	journal := filepath.Join(r.options.dir, "webhooks", "broken.journal")
	if err := os.MkdirAll(filepath.Dir(journal), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(journal, []byte("this is\nno journal\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.add("swift", swift)
	r.begin()
	r.fail("u1")
	swift.wants(t, "u1")
	if err := os.Remove(journal); err != nil {
		t.Fatal(err)
	}
	for n, begun := 2, time.Now(); len(broken.told) == 0; n++ {
		if time.Since(begun) > toldWithin {
			t.Fatal("it is never told")
		}
		r.fail(fmt.Sprint("u", n))
		swift.wants(t, fmt.Sprint("u", n))
	}
}

// errorsLogged is where a log goes that a test waits for.
type errorsLogged chan string

func (l errorsLogged) Write(line []byte) (int, error) {
	select {
	case l <- string(line):
	default: // nobody waits for so many
	}
	return len(line), nil
}

// A list that can't be read keeps those from nothing who are told already.
func TestWebhooksListDamaged(t *testing.T) {
	r := newReactingNode(t)
	heard := make(errorsLogged, 100)
	r.options.log = slog.New(slog.NewTextHandler(heard, &slog.HandlerOptions{Level: slog.LevelError}))
	swift := hear(t, takes)
	r.add("swift", swift)
	r.begin()
	r.fail("u1")
	swift.wants(t, "u1")
	path := filepath.Join(r.options.dir, "webhooks.json")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:20], 0o600); err != nil {
		t.Fatal(err)
	}
	select {
	case <-heard:
	case <-time.After(toldWithin):
		t.Fatal("nobody says that the list can't be read")
	}
	r.fail("u2")
	swift.wants(t, "u2")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	late := hear(t, takes)
	r.add("late", late)
	r.fail("u3")
	late.wants(t, "u3")
}

// An endpoint is told of what is recorded once it is added, and of nothing before,
// whenever a node notices it.
func TestWebhookFromItsMaking(t *testing.T) {
	r := newReactingNode(t)
	h, again := hear(t, takes), hear(t, takes)
	r.fail("before")
	r.add("e", h)
	r.fail("u1")
	r.fail("u2")
	r.begin()
	h.wants(t, "u1")
	h.wants(t, "u2")
	if err := r.endpoints.Remove("e"); err != nil {
		t.Fatal(err)
	}
	r.fail("between")
	r.add("e", again)
	r.fail("u3")
	again.wants(t, "u3")
}

// Whoever scrapes a node sees that an endpoint takes nothing.
func TestWebhookMeasured(t *testing.T) {
	r := newReactingNode(t)
	down := hear(t, func(*http.Request) int { return http.StatusBadGateway })
	r.add("down", down)
	r.begin()
	r.fail("u1")
	down.wants(t, "u1")
	r.scrapes(t, `authledger_webhook_turned_down{endpoint="down"} 1`)
	r.scrapes(t, `authledger_webhook_deliveries_total{endpoint="down",state="pending"} 1`)
	if err := r.endpoints.Remove("down"); err != nil {
		t.Fatal(err)
	}
	r.add("next", down)
	r.scrapes(t, `authledger_webhook_turned_down{endpoint="next"} 0`)
	if text := r.scrape(); strings.Contains(text, `endpoint="down"`) {
		t.Error("an endpoint that was removed is measured")
	}
}

func (r *reactingNode) scrape() string {
	w := httptest.NewRecorder()
	r.metrics.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

// scrapes waits for a line of a scrape.
func (r *reactingNode) scrapes(t *testing.T, line string) {
	t.Helper()
	for begun := time.Now(); !strings.Contains(r.scrape(), line+"\n"); <-time.After(reactorsEvery / 100) {
		if time.Since(begun) > toldWithin {
			t.Fatalf("no %s in\n%s", line, r.scrape())
		}
	}
}
