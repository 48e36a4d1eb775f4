package metrics

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"authledger/eventstore"
)

// source gives access to the state of an open ledger.
type source struct {
	health func() eventstore.Health
	stored func() uint64
}

// health collects the health of the ledger at the time of a scrape. Before the ledger is
// open it collects only that the node is not ready.
type health struct {
	source atomic.Pointer[source]

	ready, unsynced, problems, position, queued, lag, scrubbed, rounds *prometheus.Desc
}

func newHealth() *health {
	return &health{
		ready:    desc("ready", "1 if the node decides commands."),
		unsynced: desc("unsynced", "1 if a power failure may lose acknowledged commands."),
		problems: desc("problems", "Number of problems because of which the node is not ready; /readyz lists them."),
		position: desc("position", "Position of the newest record that is on disk and folded."),
		queued:   desc("queued_commands", "Number of commands that wait for a decision, at most 4096."),
		lag:      desc("projection_lag_records", "Number of folded records whose rows are not on disk yet."),
		scrubbed: desc("scrubbed_position", "Position up to which the present round of the scrub has read the log."),
		rounds:   desc("scrub_rounds_total", "Number of rounds of the scrub since the start that found no damage."),
	}
}

// Describe implements prometheus.Collector.
func (h *health) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{h.ready, h.unsynced, h.problems, h.position, h.queued, h.lag, h.scrubbed, h.rounds} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (h *health) Collect(to chan<- prometheus.Metric) {
	s := h.source.Load()
	if s == nil {
		collect(to, h.ready, 0)
		return
	}
	stored := s.stored() // read before the position, so that the lag is never negative
	at := s.health()
	collect(to, h.ready, boolValue(len(at.Problems) == 0))
	collect(to, h.unsynced, boolValue(at.Unsynced))
	collect(to, h.problems, float64(len(at.Problems)))
	collect(to, h.position, float64(at.Position.Seq))
	collect(to, h.queued, float64(at.Queued))
	collect(to, h.lag, float64(at.Position.Seq-min(stored, at.Position.Seq)))
	collect(to, h.scrubbed, float64(at.Scrubbed))
	to <- prometheus.MustNewConstMetric(h.rounds, prometheus.CounterValue, float64(at.Rounds))
}

// Watch starts to collect the health of an open ledger. stored returns the position up to
// which the rows of the projections are on disk.
func (m *Metrics) Watch(health func() eventstore.Health, stored func() uint64) {
	m.health.source.Store(&source{health, stored})
}

// desc describes a gauge or counter without labels.
func desc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("authledger_"+name, help, nil, nil)
}

// collect sends the value of a gauge.
func collect(to chan<- prometheus.Metric, d *prometheus.Desc, value float64) {
	to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
}

func boolValue(isSet bool) float64 {
	if isSet {
		return 1
	}
	return 0
}
