package metrics

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"authledger/eventstore"
)

// source is where an open ledger's state is read.
type source struct {
	health func() eventstore.Health
	stored func() uint64
}

// watched collects what the ledger's health says at the time of a scrape. Until a
// ledger is open there is only that it isn't ready.
type watched struct {
	source atomic.Pointer[source]

	ready, unsynced, problems, position, queued, lag, scrubbed, rounds *prometheus.Desc
}

func newWatched() *watched {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("authledger_"+name, help, nil, nil)
	}
	return &watched{
		ready:    desc("ready", "1 if commands are decided."),
		unsynced: desc("unsynced", "1 if answers may be lost with the power."),
		problems: desc("problems", "What keeps the node from being ready; /readyz tells."),
		position: desc("position", "The newest record that is on disk and folded."),
		queued:   desc("queued_commands", "Commands waiting to be decided, of 4096."),
		lag:      desc("projection_lag_records", "Records that are folded, and whose rows are not on disk yet."),
		scrubbed: desc("scrubbed_position", "The record up to which the scrub's present round has read the log again."),
		rounds:   desc("scrub_rounds_total", "Rounds of the scrub that found nothing since the start."),
	}
}

func (w *watched) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{w.ready, w.unsynced, w.problems, w.position, w.queued, w.lag, w.scrubbed, w.rounds} {
		to <- d
	}
}

func (w *watched) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
	}
	s := w.source.Load()
	if s == nil {
		gauge(w.ready, 0)
		return
	}
	stored := s.stored() // before the position, so that the lag is never negative
	h := s.health()
	gauge(w.ready, bit(len(h.Problems) == 0))
	gauge(w.unsynced, bit(h.Unsynced))
	gauge(w.problems, float64(len(h.Problems)))
	gauge(w.position, float64(h.Position.Seq))
	gauge(w.queued, float64(h.Queued))
	gauge(w.lag, float64(h.Position.Seq-min(stored, h.Position.Seq)))
	gauge(w.scrubbed, float64(h.Scrubbed))
	to <- prometheus.MustNewConstMetric(w.rounds, prometheus.CounterValue, float64(h.Rounds))
}

func bit(set bool) float64 {
	if set {
		return 1
	}
	return 0
}
