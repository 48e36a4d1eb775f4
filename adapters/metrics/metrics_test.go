package metrics

import (
	"errors"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

// scrape returns the answer to a scrape.
func scrape(m *Metrics) string {
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

// newUsed returns metrics with values from all sources.
func newUsed() *Metrics {
	m := New("test")
	m.Opened(time.Second, nil)
	m.Watch(func() eventstore.Health {
		return eventstore.Health{Position: domain.Position{Seq: 12}, Queued: 3, Scrubbed: 5, Rounds: 1,
			Problems: []string{"x"}}
	}, func() uint64 { return 10 })
	o := m.Observer()
	o.Decided(4, time.Millisecond)
	o.Committed(4, time.Millisecond)
	o.Folded(4, time.Millisecond)
	o.Refused(domain.AttemptsInFlight)
	m.Command("login.report", "accepted")
	m.Request("GET /v1/lockouts", 200, time.Millisecond)
	m.Stream(1)
	m.Intake("dead_letter")
	m.IntakeRefused("rate", 2)
	m.Endpoint("desk")
	m.Delivered("desk", "pending", 3)
	m.Backlog(eventstore.Backlog{Connected: true, Messages: 7, OldestAge: 90 * time.Second, DeadLetters: 2,
		DeadLetterBytes: 5000})
	return m
}

func wantLines(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("scrape: got no line %s, want it in\n%s", line, text)
		}
	}
}

func TestScrape_OpenLedger(t *testing.T) {
	wantLines(t, scrape(newUsed()),
		`authledger_commands_total{status="accepted",type="login.report"} 1`,
		`authledger_commands_total{status="refused",type="policy.adopt"} 0`,
		`authledger_decide_seconds_count 1`,
		`authledger_commit_seconds_count 1`,
		`authledger_fold_seconds_count 1`,
		`authledger_commit_records_sum 4`,
		`authledger_refusals_total{reason="attempts_in_flight"} 1`,
		`authledger_refusals_total{reason="locked_out"} 0`,
		`authledger_queued_commands 3`,
		`authledger_position 12`,
		`authledger_projection_lag_records 2`,
		`authledger_scrubbed_position 5`,
		`authledger_scrub_rounds_total 1`,
		`authledger_ready 0`,
		`authledger_problems 1`,
		`authledger_start_result{result="ok"} 1`,
		`authledger_http_requests_total{code="200",route="GET /v1/lockouts"} 1`,
		`authledger_http_streams 1`,
		`authledger_webhook_deliveries_total{endpoint="desk",state="pending"} 1`,
		`authledger_webhook_deliveries_total{endpoint="desk",state="failed"} 0`,
		`authledger_webhook_failed_attempts{endpoint="desk"} 3`,
		`authledger_nats_connected 1`,
		`authledger_intake_blocked 0`,
		`authledger_intake_messages 7`,
		`authledger_intake_oldest_message_seconds 90`,
		`authledger_intake_total{status="dead_letter"} 1`,
		`authledger_intake_refused_total{reason="rate"} 2`,
		`authledger_dead_letters 2`,
		`authledger_dead_letter_bytes 5000`)
}

func TestScrape_NATSDisconnected(t *testing.T) {
	m := newUsed()
	m.Backlog(eventstore.Backlog{Blocked: true})
	text := scrape(m)
	wantLines(t, text, "authledger_nats_connected 0", "authledger_intake_blocked 1")
	if strings.Contains(text, "authledger_intake_messages ") {
		t.Error("scrape without a connection: got a number of intake messages, want none")
	}
}

func TestScrape_LedgerNotOpened(t *testing.T) {
	m := New("test")
	m.Opened(time.Second, errors.New("damaged"))
	wantLines(t, scrape(m), `authledger_start_result{result="failed"} 1`, "authledger_ready 0")
}

// TestLabels_KnownValues checks that no label has a value outside its known values, also
// after calls with unknown types and statuses.
func TestLabels_KnownValues(t *testing.T) {
	m := newUsed()
	m.Command("alice", "accepted")
	m.Command("login.report", "alice")
	m.Intake("alice")
	known := map[string][]string{
		"type": append(domain.ClientCommands(), other), "status": append([]string{deadLetter}, statuses...),
		"result":   {startedOK, startFailed},
		"endpoint": {"desk"}, "state": deliveryStates,
		"reason": {string(domain.AttemptsInFlight), string(domain.LockedOut), "rate"},
		"route":  {"GET /v1/lockouts"}, "code": {"200"}, "version": nil, "go": nil, "le": nil, "quantile": nil,
	}
	text := scrape(m)
	for _, label := range regexp.MustCompile(`[{,]([a-z_]+)="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		values, ok := known[label[1]]
		if !ok || values != nil && !slices.Contains(values, label[2]) {
			t.Errorf("label %s: got value %q, want one of %q", label[1], label[2], values)
		}
	}
	if strings.Contains(text, "alice") {
		t.Error("scrape: got alice, which the test passed as a type and as a status, want known values only")
	}
}

func TestWebhooks(t *testing.T) {
	m := newUsed()
	m.Endpoint("audit")
	if all, failing := m.Webhooks(); all != 2 || failing != 1 {
		t.Errorf("got %d failing of %d endpoints, want 1 of 2", failing, all)
	}
	m.Delivered("desk", "delivered", 0)
	if all, failing := m.Webhooks(); all != 2 || failing != 0 {
		t.Errorf("after a delivery: got %d failing of %d endpoints, want 0 of 2", failing, all)
	}
}

func TestRemoveEndpoint(t *testing.T) {
	m := newUsed()
	m.RemoveEndpoint("desk")
	if all, _ := m.Webhooks(); all != 0 {
		t.Errorf("got %d endpoints after the removal, want 0", all)
	}
	if text := scrape(m); strings.Contains(text, "desk") {
		t.Errorf("scrape: got the removed endpoint desk, want none:\n%s", text)
	}
}

// TestNames_AlertsAndDocumentation checks that the alert rules and operations.md name only
// existing metrics, and that operations.md describes all metrics.
func TestNames_AlertsAndDocumentation(t *testing.T) {
	text := scrape(newUsed())
	names := make(map[string]bool)
	for _, name := range regexp.MustCompile(`(?m)^# TYPE (authledger_[a-z_]+) `).FindAllStringSubmatch(
		text, -1) {
		names[name[1]] = true
	}
	for _, path := range []string{"../../deploy/prometheus/alerts.yml", "../../docs/operations.md"} {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found := make(map[string]bool)
		for _, name := range regexp.MustCompile(`authledger_[a-z_]+`).FindAllString(string(file), -1) {
			name = strings.TrimSuffix(name, "_bucket")
			found[name] = true
			if !names[name] {
				t.Errorf("%s: got the metric %s, which does not exist, want existing metrics", path, name)
			}
		}
		for name := range names {
			if strings.HasSuffix(path, ".md") && !found[name] {
				t.Errorf("%s: got no description of the metric %s, want one", path, name)
			}
		}
	}
}

func BenchmarkRequest(b *testing.B) {
	m := New("test")
	b.ReportAllocs()
	for b.Loop() {
		m.Request("GET /v1/lockouts", 200, time.Millisecond)
		m.Command("login.report", "accepted")
	}
}
