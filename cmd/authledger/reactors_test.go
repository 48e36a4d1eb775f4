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

	"github.com/google/uuid"

	"authledger/adapters/metrics"
	"authledger/adapters/webhooks"
	"authledger/cmd/internal/node"
	"authledger/domain"
)

// reactingNode is a node that runs webhooks until the test ends.
type reactingNode struct {
	*node.Node
	t       *testing.T
	metrics *metrics.Metrics
}

func newReactingNode(t *testing.T) *reactingNode {
	n := openTestNode(t)
	return &reactingNode{Node: n, t: t, metrics: metrics.New("test")}
}

// runWebhooks starts the delivery to the endpoints.
func (r *reactingNode) runWebhooks() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); r.RunWebhooks(ctx, r.metrics) }()
	r.t.Cleanup(func() { stop(); <-done })
}

// configure submits a config.* command.
func (r *reactingNode) configure(data domain.CommandData) {
	r.t.Helper()
	c := domain.Command{Source: "cli", ID: uuid.NewString(), Stamped: true, Caller: "test", Data: data}
	if v, err := r.Ledger.Do(r.t.Context(), c); err != nil || v.Status != domain.Accepted {
		r.t.Fatalf("%s: got %+v, %v, want accepted", data.CommandType(), v, err)
	}
}

// addURL adds an endpoint at a URL of this machine.
func (r *reactingNode) addURL(name, url string, types ...string) {
	r.t.Helper()
	r.configure(&domain.ConfigWebhookAdd{Name: name, URL: url, AllowPrivate: true, Types: types,
		Secret: webhooks.NewSecret()})
}

// add adds an endpoint that receives failed logins.
func (r *reactingNode) add(name string, h *testEndpoint) {
	r.t.Helper()
	r.addURL(name, h.URL, "login.failed")
}

func (r *reactingNode) remove(name string) {
	r.t.Helper()
	r.configure(&domain.ConfigWebhookRemove{Name: name})
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
	r.remove("swift")
	r.fail("u4")
	late.wantUser(t, "u4")
	if len(hung.cancelled) > 0 || len(hung.received) > 0 {
		t.Error("delivery without a response: got a cancelled or a second request, want it to continue")
	}
	r.remove("hung")
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
	r.remove("e")
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
	r.remove("down")
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
	for begun := time.Now(); !strings.Contains(r.scrape(), line+"\n"); <-time.After(pollEvery) {
		if time.Since(begun) > deliveryTimeout {
			t.Fatalf("timed out: got no metric %s, want it in\n%s", line, r.scrape())
		}
	}
}

// pollEvery is the pause between two looks at a state that a test waits for.
const pollEvery = 10 * time.Millisecond

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
