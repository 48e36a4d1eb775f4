package main

import (
	"context"
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
	"authledger/cmd/internal/node"
	"authledger/domain"
)

// reactingNode is a node that runs webhooks until the test ends.
type reactingNode struct {
	*node.Node
	t         *testing.T
	endpoints *webhooks.Endpoints
	metrics   *metrics.Metrics
}

func newReactingNode(t *testing.T) *reactingNode {
	n := openTestNode(t)
	return &reactingNode{Node: n, t: t, endpoints: webhooks.OpenEndpoints(n.Options.Dir, n.Now),
		metrics: metrics.New("test")}
}

// runWebhooks starts the delivery to the endpoints.
func (r *reactingNode) runWebhooks() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); r.RunWebhooks(ctx, r.metrics) }()
	r.t.Cleanup(func() { stop(); <-done })
}

// add adds an endpoint that receives failed logins.
func (r *reactingNode) add(name string, h *testEndpoint) {
	r.t.Helper()
	_, err := r.endpoints.Add(webhooks.Endpoint{Name: name, URL: h.URL, AllowPrivate: true,
		Types: []string{"login.failed"}})
	if err != nil {
		r.t.Fatal(err)
	}
}

// fail records that a user's password was wrong.
func (r *reactingNode) fail(user string) {
	r.t.Helper()
	c := domain.Command{Source: "gateway/test", ID: user, Stamped: true, Caller: "test",
		Data: &domain.LoginReport{User: user, Outcome: domain.Failed, Reason: "bad_credentials"}}
	if v, err := r.Ledger.Do(r.t.Context(), c); err != nil || v.Status != domain.Accepted {
		r.t.Fatalf("failed login of %s: got %+v, %v, want accepted", user, v, err)
	}
}

// TestWebhooks_Independent checks that an endpoint without a response delays no other endpoint,
// and that adding or removing an endpoint interrupts no delivery to another endpoint.
func TestWebhooks_Independent(t *testing.T) {
	r := newReactingNode(t)
	hung, swift, late := startEndpoint(t, hangs), startEndpoint(t, accepts), startEndpoint(t, accepts)
	r.add("hung", hung)
	r.add("swift", swift)
	r.runWebhooks()
	r.fail("u1")
	hung.wantUser(t, "u1")
	swift.wantUser(t, "u1")
	r.fail("u2")
	swift.wantUser(t, "u2")
	r.add("late", late)
	r.fail("u3")
	swift.wantUser(t, "u3")
	late.wantUser(t, "u3")
	if err := r.endpoints.Remove("swift"); err != nil {
		t.Fatal(err)
	}
	r.fail("u4")
	late.wantUser(t, "u4")
	if len(hung.cancelled) > 0 || len(hung.received) > 0 {
		t.Error("delivery without a response: got a cancelled or a second request, want it to continue")
	}
	if err := r.endpoints.Remove("hung"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-hung.cancelled:
	case <-time.After(webhookAttempt / 2):
		t.Error("request to a removed endpoint: got an open connection, want it cancelled")
	}
}

// webhookAttempt is the timeout of one delivery attempt (docs/webhooks.md).
const webhookAttempt = 10 * time.Second

// TestWebhook_InvalidJournal checks that an endpoint with an invalid journal receives events after
// the journal was removed, and meanwhile delays no other endpoint.
func TestWebhook_InvalidJournal(t *testing.T) {
	r := newReactingNode(t)
	broken, swift := startEndpoint(t, accepts), startEndpoint(t, accepts)
	r.add("broken", broken)
	journal := filepath.Join(r.Options.Dir, "webhooks", "broken.journal")
	if err := os.MkdirAll(filepath.Dir(journal), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(journal, []byte("this is\nno journal\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.add("swift", swift)
	r.runWebhooks()
	r.fail("u1")
	swift.wantUser(t, "u1")
	if err := os.Remove(journal); err != nil {
		t.Fatal(err)
	}
	for n, begun := 2, time.Now(); len(broken.received) == 0; n++ {
		if time.Since(begun) > deliveryTimeout {
			t.Fatal("timed out: got no event after the removal of the invalid journal, want one")
		}
		r.fail(fmt.Sprint("u", n))
		swift.wantUser(t, fmt.Sprint("u", n))
	}
}

// errorsLogged is a writer of a logger that sends each line to a test.
type errorsLogged chan string

func (l errorsLogged) Write(line []byte) (int, error) {
	select {
	case l <- string(line):
	default: // the channel is full: discard the line
	}
	return len(line), nil
}

// TestWebhooks_UnreadableList checks that the node logs an error if the list of endpoints is
// unreadable, and continues to deliver to the endpoints that it knows.
func TestWebhooks_UnreadableList(t *testing.T) {
	r := newReactingNode(t)
	logged := make(errorsLogged, 100)
	r.Options.Log = slog.New(slog.NewTextHandler(logged, &slog.HandlerOptions{Level: slog.LevelError}))
	swift := startEndpoint(t, accepts)
	r.add("swift", swift)
	r.runWebhooks()
	r.fail("u1")
	swift.wantUser(t, "u1")
	path := filepath.Join(r.Options.Dir, "webhooks.json")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:20], 0o600); err != nil {
		t.Fatal(err)
	}
	select {
	case <-logged:
	case <-time.After(deliveryTimeout):
		t.Fatal("timed out: got no logged error about the unreadable list, want one")
	}
	r.fail("u2")
	swift.wantUser(t, "u2")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	late := startEndpoint(t, accepts)
	r.add("late", late)
	r.fail("u3")
	late.wantUser(t, "u3")
}

// TestWebhook_FirstEvent checks that an endpoint receives the events after it was added and no
// earlier events, also if the node reads the list of endpoints later.
func TestWebhook_FirstEvent(t *testing.T) {
	r := newReactingNode(t)
	h, again := startEndpoint(t, accepts), startEndpoint(t, accepts)
	r.fail("before")
	r.add("e", h)
	r.fail("u1")
	r.fail("u2")
	r.runWebhooks()
	h.wantUser(t, "u1")
	h.wantUser(t, "u2")
	if err := r.endpoints.Remove("e"); err != nil {
		t.Fatal(err)
	}
	r.fail("between")
	r.add("e", again)
	r.fail("u3")
	again.wantUser(t, "u3")
}

// TestWebhook_Metrics checks the metrics of an endpoint that rejects events, and that a removed
// endpoint has none.
func TestWebhook_Metrics(t *testing.T) {
	r := newReactingNode(t)
	down := startEndpoint(t, func(*http.Request) int { return http.StatusBadGateway })
	r.add("down", down)
	r.runWebhooks()
	r.fail("u1")
	down.wantUser(t, "u1")
	r.wantMetric(t, `authledger_webhook_failed_attempts{endpoint="down"} 1`)
	r.wantMetric(t, `authledger_webhook_deliveries_total{endpoint="down",state="pending"} 1`)
	if err := r.endpoints.Remove("down"); err != nil {
		t.Fatal(err)
	}
	r.add("next", down)
	r.wantMetric(t, `authledger_webhook_failed_attempts{endpoint="next"} 0`)
	if text := r.scrape(); strings.Contains(text, `endpoint="down"`) {
		t.Error("metrics: got the removed endpoint \"down\", want only the others")
	}
}

func (r *reactingNode) scrape() string {
	w := httptest.NewRecorder()
	r.metrics.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

// wantMetric waits until the metrics contain a line.
func (r *reactingNode) wantMetric(t *testing.T, line string) {
	t.Helper()
	for begun := time.Now(); !strings.Contains(r.scrape(),
		line+"\n"); <-time.After(webhooks.WatchInterval / 100) {
		if time.Since(begun) > deliveryTimeout {
			t.Fatalf("timed out: got no metric %s, want it in\n%s", line, r.scrape())
		}
	}
}

func openTestNode(t *testing.T) *node.Node {
	t.Helper()
	n, err := node.Open(t.Context(),
		node.Options{Dir: t.TempDir(), Realm: realmDefault, Name: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}
