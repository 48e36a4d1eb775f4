package metrics

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"authledger/eventstore"
)

// backlog collects the newest [eventstore.Backlog]. It collects nothing for a node without NATS, and
// only the state of the connection while the node is disconnected.
type backlog struct {
	newest atomic.Pointer[eventstore.Backlog]

	connected, blocked, messages, oldest, deadLetters, deadLetterBytes *prometheus.Desc
}

func newBacklog() *backlog {
	return &backlog{
		connected:       desc("nats_connected", "1 if the node has a connection to its NATS server."),
		blocked:         desc("intake_blocked", "1 if the node reads no intake messages and therefore records no deadlines."),
		messages:        desc("intake_messages", "Number of messages in the intake."),
		oldest:          desc("intake_oldest_message_seconds", "Age of the oldest message in the intake."),
		deadLetters:     desc("dead_letters", "Number of dead letters: invalid intake messages that no operator has retried or dropped."),
		deadLetterBytes: desc("dead_letter_bytes", "Bytes of the dead letters. At 8 GiB the intake is blocked."),
	}
}

// Describe implements prometheus.Collector.
func (b *backlog) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{b.connected, b.blocked, b.messages, b.oldest, b.deadLetters, b.deadLetterBytes} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (b *backlog) Collect(to chan<- prometheus.Metric) {
	newest := b.newest.Load()
	if newest == nil {
		return
	}
	collect(to, b.connected, boolValue(newest.Connected))
	collect(to, b.blocked, boolValue(newest.Blocked))
	if newest.Connected {
		collect(to, b.messages, float64(newest.Messages))
		collect(to, b.oldest, newest.OldestAge.Seconds())
		collect(to, b.deadLetters, float64(newest.DeadLetters))
		collect(to, b.deadLetterBytes, float64(newest.DeadLetterBytes))
	}
}

// Backlog stores the newest backlog of the intake.
func (m *Metrics) Backlog(b eventstore.Backlog) { m.backlog.newest.Store(&b) }
