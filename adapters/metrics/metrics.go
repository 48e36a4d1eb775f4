package metrics

import (
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"authledger/domain"
	"authledger/eventstore"
)

const (
	deadLetter = "dead_letter" // status of an intake message that has become a dead letter
	other      = "other"       // label of commands of an unknown type
	scrapesMax = 4             // scrapes that are answered at the same time
)

var (
	latencies = []float64{50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 500e-3, 1, 2.5, 5, 10}
	sizes     = []float64{1, 2, 4, 8, 16, 32, 64, 128, 256}
	statuses  = []string{string(domain.Accepted), string(domain.Refused), string(domain.Invalid), "denied", "unknown"}
)

// Results of opening the ledger.
const (
	startedOK   = "ok"
	startFailed = "failed"
)

// Metrics are the metrics of one node. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	commands map[string]map[string]prometheus.Counter // by type, by status
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	streams  prometheus.Gauge
	intake   *prometheus.CounterVec
	refused  *prometheus.CounterVec // intake messages
	decide   prometheus.Histogram
	commit   prometheus.Histogram
	fold     prometheus.Histogram
	refusals *prometheus.CounterVec
	records  prometheus.Histogram
	start    prometheus.Gauge
	started  *prometheus.GaugeVec
	health   *health
	webhooks webhooks
	backlog  *backlog
}

// New returns the metrics of a node that has not opened its ledger yet.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: counters("http_requests_total", "Number of requests over HTTP and NATS, by route and status.", "route", "code"),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "authledger_http_request_seconds", Help: "Duration of requests over HTTP and NATS, by route.", Buckets: latencies,
		}, []string{"route"}),
		streams:  gauge("http_streams", "Number of open streams of records."),
		intake:   counters("intake_total", "Number of handled intake messages, by the status of the verdict, or dead_letter.", "status"),
		refused:  counters("intake_refused_total", "Number of messages that the intake refused to store, by reason.", "reason"),
		decide:   histogram("decide_seconds", "Duration of deciding the commands of a commit.", latencies),
		commit:   histogram("commit_seconds", "Duration from sending a commit until it is on disk.", latencies),
		fold:     histogram("fold_seconds", "Duration of folding a commit and answering its commands.", latencies),
		refusals: counters("refusals_total", "Number of recorded refusals, by reason.", "reason"),
		records:  histogram("commit_records", "Number of records in a commit.", sizes),
		start:    gauge("start_seconds", "Duration of opening the ledger."),
		started: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "authledger_start_result", Help: "1 for the result of opening the ledger: ok or failed.",
		}, []string{"result"}),
		health:   newHealth(),
		webhooks: newWebhooks(),
		backlog:  newBacklog(),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "authledger_build_info", Help: "Always 1; the labels hold the versions of the program and of Go.",
		ConstLabels: prometheus.Labels{"version": version, "go": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.seconds, m.streams, m.intake, m.refused, m.decide, m.commit, m.fold, m.refusals, m.records, m.start, m.started,
		m.health, m.webhooks.deliveries, m.webhooks.failedAttempts, m.backlog, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.createZeros()
	return m
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "authledger_" + name, Help: help}, labels)
}

func gauge(name, help string) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Name: "authledger_" + name, Help: help})
}

func histogram(name, help string, buckets []float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Name: "authledger_" + name, Help: help, Buckets: buckets})
}

// createZeros creates the counters of all known labels with the value 0, because the rate
// function of Prometheus needs a first value.
func (m *Metrics) createZeros() {
	commands := counters("commands_total", "Number of commands, by type and outcome.", "type", "status")
	m.registry.MustRegister(commands)
	m.commands = make(map[string]map[string]prometheus.Counter)
	for _, kind := range append(domain.ClientCommands(), other) {
		m.commands[kind] = make(map[string]prometheus.Counter)
		for _, status := range statuses {
			m.commands[kind][status] = commands.WithLabelValues(kind, status)
		}
	}
	for _, reason := range []domain.Reason{domain.LockedOut, domain.AttemptsInFlight} {
		m.refusals.WithLabelValues(string(reason))
	}
	for _, status := range append(slices.Clone(statuses), deadLetter) {
		m.intake.WithLabelValues(status)
	}
	for _, result := range []string{startedOK, startFailed} {
		m.started.WithLabelValues(result)
	}
}

// Command counts a command by its type and its outcome: the status of its verdict,
// "denied" for a caller without permission, or "unknown".
func (m *Metrics) Command(kind, status string) {
	byStatus, isKnown := m.commands[kind]
	if !isKnown {
		byStatus = m.commands[other]
	}
	if counter := byStatus[status]; counter != nil {
		counter.Inc()
	}
}

// Request counts a request over HTTP or NATS by its route, which is a pattern, and its
// status.
func (m *Metrics) Request(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// Stream counts open streams of records: delta is 1 for an opened stream and -1 for a
// closed one.
func (m *Metrics) Stream(delta int) { m.streams.Add(float64(delta)) }

// Intake counts a handled intake message by the status of its verdict, or "dead_letter".
func (m *Metrics) Intake(status string) {
	if status == deadLetter || slices.Contains(statuses, status) {
		m.intake.WithLabelValues(status).Inc()
	}
}

// IntakeRefused counts messages that the intake refused to store. With 0 messages it only
// creates the counter of the reason.
func (m *Metrics) IntakeRefused(reason string, messages int) {
	m.refused.WithLabelValues(reason).Add(float64(messages))
}

// Observer returns an observer that measures the steps of each commit.
func (m *Metrics) Observer() eventstore.Observer {
	return eventstore.Observer{
		Decided: func(records int, took time.Duration) {
			m.decide.Observe(took.Seconds())
			m.records.Observe(float64(records))
		},
		Committed: func(_ int, took time.Duration) { m.commit.Observe(took.Seconds()) },
		Folded:    func(_ int, took time.Duration) { m.fold.Observe(took.Seconds()) },
		Refused:   func(reason domain.Reason) { m.refusals.WithLabelValues(string(reason)).Inc() },
	}
}

// Opened records the duration and the result of opening the ledger.
func (m *Metrics) Opened(took time.Duration, err error) {
	m.start.Set(took.Seconds())
	result := startedOK
	if err != nil {
		result = startFailed
	}
	m.started.WithLabelValues(result).Set(1)
}

// Registry returns the registry, to which other packages may add metrics.
func (m *Metrics) Registry() *prometheus.Registry { return m.registry }

// Handler returns the HTTP handler that answers scrapes.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: scrapesMax})
}
