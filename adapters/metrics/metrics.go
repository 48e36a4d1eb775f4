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

// letter is what came of a command of the intake that could not be read, or whose
// caller may not give it.
const letter = "letter"

// other is the label of what is none of the known.
const other = "other"

// scrapesMax is how many scrapes are answered at once.
const scrapesMax = 4

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
	decide   prometheus.Histogram
	commit   prometheus.Histogram
	fold     prometheus.Histogram
	records  prometheus.Histogram
	start    prometheus.Gauge
	started  *prometheus.GaugeVec
	watched  *watched
	told     told
	backlog  *backlog
}

// New makes the metrics of a node that has not opened its ledger yet.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "authledger_http_requests_total", Help: "Requests, by route and status."}, []string{"route", "code"}),
		seconds:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "authledger_http_request_seconds", Help: "How long requests took, by route.", Buckets: latencies}, []string{"route"}),
		streams:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "authledger_http_streams", Help: "Streams of records that are open."}),
		intake:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "authledger_intake_total", Help: "Commands taken from the intake, by what came of them."}, []string{"status"}),
		decide:   histogram("authledger_decide_seconds", "How long the commands of a commit took to decide.", latencies),
		commit:   histogram("authledger_commit_seconds", "How long a commit took from being sent to being on disk.", latencies),
		fold:     histogram("authledger_fold_seconds", "How long a commit took to fold and answer.", latencies),
		records:  histogram("authledger_commit_records", "Records in a commit.", sizes),
		start:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "authledger_start_seconds", Help: "How long opening the ledger took."}),
		started:  prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "authledger_start_result", Help: "How opening the ledger ended: 1 of ok, failed."}, []string{"result"}),
		watched:  newWatched(),
		told:     newTold(),
		backlog:  newBacklog(),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "authledger_build_info", Help: "The program.", ConstLabels: prometheus.Labels{"version": version, "go": runtime.Version()}})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.seconds, m.streams, m.intake, m.decide, m.commit, m.fold, m.records, m.start, m.started, m.watched, m.told.deliveries, m.told.turnedDown, m.backlog, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.countCommands()
	for _, status := range append(slices.Clone(statuses), letter) {
		m.intake.WithLabelValues(status)
	}
	for _, r := range []string{startedOK, startFailed} {
		m.started.WithLabelValues(r)
	}
	return m
}

func histogram(name, help string, buckets []float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets})
}

// countCommands makes every counter there will be: a rate needs its zero.
func (m *Metrics) countCommands() {
	all := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "authledger_commands_total", Help: "Commands, by type and by what came of them."}, []string{"type", "status"})
	m.registry.MustRegister(all)
	m.commands = make(map[string]map[string]prometheus.Counter)
	for _, kind := range append(domain.ClientCommands(), other) {
		m.commands[kind] = make(map[string]prometheus.Counter)
		for _, status := range statuses {
			m.commands[kind][status] = all.WithLabelValues(kind, status)
		}
	}
}

// Command counts one by its type and what came of it: a status of a verdict,
// "denied" to who asked, or "unknown".
func (m *Metrics) Command(kind, status string) {
	of, known := m.commands[kind]
	if !known {
		of = m.commands[other]
	}
	if counter := of[status]; counter != nil {
		counter.Inc()
	}
}

// Request counts one by its route, which is a pattern, and its status.
func (m *Metrics) Request(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// Stream counts streams of records, opened (1) and closed (-1).
func (m *Metrics) Stream(delta int) { m.streams.Add(float64(delta)) }

// Intake counts a command that was taken from the intake, by a status of a verdict,
// or "letter".
func (m *Metrics) Intake(status string) {
	if status == letter || slices.Contains(statuses, status) {
		m.intake.WithLabelValues(status).Inc()
	}
}

// Observer is told by the ledger how long the steps of each commit took.
func (m *Metrics) Observer() eventstore.Observer {
	return eventstore.Observer{
		Decided: func(records int, took time.Duration) {
			m.decide.Observe(took.Seconds())
			m.records.Observe(float64(records))
		},
		Committed: func(_ int, took time.Duration) { m.commit.Observe(took.Seconds()) },
		Folded:    func(_ int, took time.Duration) { m.fold.Observe(took.Seconds()) },
	}
}

// Opened tells how opening the ledger ended.
func (m *Metrics) Opened(took time.Duration, err error) {
	m.start.Set(took.Seconds())
	result := startedOK
	if err != nil {
		result = startFailed
	}
	m.started.WithLabelValues(result).Set(1)
}

// Watch begins to tell of an open ledger; stored is the record up to which the
// rows are on disk.
func (m *Metrics) Watch(health func() eventstore.Health, stored func() uint64) {
	m.watched.source.Store(&source{health, stored})
}

// Registry takes metrics that others make.
func (m *Metrics) Registry() *prometheus.Registry { return m.registry }

// Handler answers scrapes.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: scrapesMax})
}
