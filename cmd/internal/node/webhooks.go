package node

import (
	"context"
	"time"

	"authledger/adapters/metrics"
	"authledger/adapters/watermill"
	"authledger/adapters/webhooks"
)

// RunWebhooks runs the webhooks until ctx ends.
func (n *Node) RunWebhooks(ctx context.Context, m *metrics.Metrics) {
	webhooks.NewSupervisor(webhooks.SupervisorOptions{
		Dir: n.Options.Dir, LedgerID: n.Manifest.LedgerID, Now: n.Now, Log: n.Options.Log, Metrics: m,
		SeqAt: n.Queries.SeqAt, Record: n.Ledger.Record,
		Follow: func(ctx context.Context, d *webhooks.Deliverer) error {
			return watermill.React(ctx, n.Ledger, []watermill.Reactor{webhookReactor(d)}, m.Registry(), n.Options.Log)
		},
	}).Run(ctx)
}

// webhookReactor returns the reactor that passes recorded events to a deliverer. The
// deliverer stores the position and retries failed deliveries, so the reactor returns an
// error only when the node stops.
func webhookReactor(d *webhooks.Deliverer) watermill.Reactor {
	return watermill.Reactor{
		Name: "webhook-" + d.Name(), Wants: d.Wants,
		After:  d.Finished,
		Passed: d.Skip,
		React: func(m *watermill.Message) ([]*watermill.Message, error) {
			r, at := watermill.RecordOf(m)
			return nil, d.Handle(m.Context(), r, at.Event)
		},
	}
}

// Now returns the time of the node's clock.
func (n *Node) Now() time.Time {
	if n.Options.Now != nil {
		return n.Options.Now()
	}
	return time.Now()
}
