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

// scrape is what Prometheus reads.
func scrape(m *Metrics) string {
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

func used() *Metrics {
	m := New("test")
	m.Opened(time.Second, nil)
	m.Watch(func() eventstore.Health {
		return eventstore.Health{Position: domain.Position{Seq: 12}, Queued: 3, Scrubbed: 5, Rounds: 1, Problems: []string{"x"}}
	}, func() uint64 { return 10 })
	o := m.Observer()
	o.Decided(4, time.Millisecond)
	o.Committed(4, time.Millisecond)
	o.Folded(4, time.Millisecond)
	m.Command("login.report", "accepted")
	m.Request("GET /v1/lockouts", 200, time.Millisecond)
	m.Stream(1)
	m.Endpoint("desk")
	m.Delivered("desk", "pending", 3)
	m.Backlog(Backlog{Connected: true, Waiting: 7, Oldest: 90 * time.Second, Letters: 2, LetterBytes: 5000})
	return m
}

func TestMetrics(t *testing.T) {
	text := scrape(used())
	for _, line := range []string{
		`authledger_commands_total{status="accepted",type="login.report"} 1`, `authledger_commands_total{status="refused",type="policy.adopt"} 0`,
		`authledger_decide_seconds_count 1`, `authledger_commit_seconds_count 1`, `authledger_fold_seconds_count 1`, `authledger_commit_records_sum 4`,
		`authledger_queued_commands 3`, `authledger_position 12`, `authledger_projection_lag_records 2`, `authledger_scrubbed_position 5`,
		`authledger_scrub_rounds_total 1`, `authledger_ready 0`, `authledger_problems 1`, `authledger_start_result{result="ok"} 1`,
		`authledger_http_requests_total{code="200",route="GET /v1/lockouts"} 1`, `authledger_http_streams 1`,
		`authledger_webhook_deliveries_total{endpoint="desk",state="pending"} 1`, `authledger_webhook_deliveries_total{endpoint="desk",state="failed"} 0`,
		`authledger_webhook_turned_down{endpoint="desk"} 3`,
		`authledger_nats_connected 1`, `authledger_intake_waiting_commands 7`, `authledger_intake_oldest_seconds 90`, `authledger_intake_letters 2`,
		`authledger_intake_letter_bytes 5000`, `authledger_intake_waits 0`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no %s", line)
		}
	}
	away := used()
	away.Backlog(Backlog{Waits: true})
	if text := scrape(away); !strings.Contains(text, "authledger_nats_connected 0\n") || !strings.Contains(text, "authledger_intake_waits 1\n") || strings.Contains(text, "authledger_intake_waiting_commands ") {
		t.Error("without a connection somebody knows how much waits")
	}
	closed := New("test")
	closed.Opened(time.Second, errors.New("damaged"))
	if text := scrape(closed); !strings.Contains(text, `authledger_start_result{result="failed"} 1`) || !strings.Contains(text, "authledger_ready 0\n") {
		t.Error(text)
	}
}

// No label names anybody, whatever is counted.
func TestLabelsAreClosed(t *testing.T) {
	m := used()
	m.Command("alice", "accepted")
	m.Command("login.report", "alice")
	closed := map[string][]string{
		"type": append(domain.ClientCommands(), other), "status": append([]string{letter}, statuses...), "result": {startedOK, startFailed},
		"endpoint": {"desk"}, "state": deliveryStates,
		"route": {"GET /v1/lockouts"}, "code": {"200"}, "version": nil, "go": nil, "le": nil, "quantile": nil,
	}
	for _, label := range regexp.MustCompile(`[{,]([a-z_]+)="([^"]*)"`).FindAllStringSubmatch(scrape(m), -1) {
		values, known := closed[label[1]]
		if !known || values != nil && !slices.Contains(values, label[2]) {
			t.Errorf("the label %s is %q", label[1], label[2])
		}
	}
	if strings.Contains(scrape(m), "alice") {
		t.Error("a metric names a user")
	}
}

// Of an endpoint that was removed nothing is told.
func TestEndpointForgotten(t *testing.T) {
	m := used()
	m.ForgetEndpoint("desk")
	if strings.Contains(scrape(m), "desk") {
		t.Error(scrape(m))
	}
}

// Alerts and their documentation speak of metrics that there are, and of all.
func TestNamesAreKnown(t *testing.T) {
	text := scrape(used())
	names := make(map[string]bool)
	for _, name := range regexp.MustCompile(`(?m)^# TYPE (authledger_[a-z_]+) `).FindAllStringSubmatch(text, -1) {
		names[name[1]] = true
	}
	for _, path := range []string{"../../deploy/prometheus/alerts.yml", "../../docs/operations.md"} {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		said := make(map[string]bool)
		for _, name := range regexp.MustCompile(`authledger_[a-z_]+`).FindAllString(string(file), -1) {
			name = strings.TrimSuffix(name, "_bucket")
			said[name] = true
			if !names[name] {
				t.Errorf("%s names %s, which nobody measures", path, name)
			}
		}
		for name := range names {
			if strings.HasSuffix(path, ".md") && !said[name] {
				t.Errorf("%s does not tell of %s", path, name)
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
