package metrics

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Backlog is what a node that is reached over NATS has not dealt with.
type Backlog struct {
	Connected   bool
	Waits       bool          // nothing is taken, and no deadline recorded
	Waiting     uint64        // commands in the intake
	Oldest      time.Duration // since the first of them was left
	Letters     uint64
	LetterBytes uint64
}

// backlog collects the newest. A node that is not reached over NATS has none, and
// without a connection nobody knows how much waits.
type backlog struct {
	newest atomic.Pointer[Backlog]

	connected, waits, waiting, oldest, letters, letterBytes *prometheus.Desc
}

func newBacklog() *backlog {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("authledger_"+name, help, nil, nil)
	}
	return &backlog{
		connected:   desc("nats_connected", "1 if the node has a connection to its NATS server."),
		waits:       desc("intake_waits", "1 if nothing is taken from the intake, so that no deadline is recorded."),
		waiting:     desc("intake_waiting_commands", "Commands in the intake."),
		oldest:      desc("intake_oldest_seconds", "How long the first command of the intake has waited."),
		letters:     desc("intake_letters", "Commands of the intake that are invalid, and wait for somebody."),
		letterBytes: desc("intake_letter_bytes", "Bytes of theirs; at 1 GiB the intake waits."),
	}
}

func (b *backlog) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{b.connected, b.waits, b.waiting, b.oldest, b.letters, b.letterBytes} {
		to <- d
	}
}

func (b *backlog) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
	}
	newest := b.newest.Load()
	if newest == nil {
		return
	}
	gauge(b.connected, bit(newest.Connected))
	gauge(b.waits, bit(newest.Waits))
	if newest.Connected {
		gauge(b.waiting, float64(newest.Waiting))
		gauge(b.oldest, newest.Oldest.Seconds())
		gauge(b.letters, float64(newest.Letters))
		gauge(b.letterBytes, float64(newest.LetterBytes))
	}
}

// Backlog tells what has not been dealt with.
func (m *Metrics) Backlog(b Backlog) { m.backlog.newest.Store(&b) }
