package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"authledger/adapters/metrics"
	"authledger/adapters/watermill"
	"authledger/adapters/webhooks"
	"authledger/domain"
	"authledger/eventstore"
)

// RunWebhooks runs the webhooks until ctx ends.
func (n *Node) RunWebhooks(ctx context.Context, m *metrics.Metrics) {
	webhooks.NewSupervisor(webhooks.SupervisorOptions{
		Dir: n.Options.Dir, LedgerID: n.Manifest.LedgerID, Now: n.Now, Log: n.Options.Log, Metrics: m,
		Endpoints: n.endpoints, Changed: n.config.webhooks,
		SeqAt: n.Queries.SeqAt, Record: n.Ledger.Record, Show: n.Ledger.Names().Show,
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

// endpoints returns the webhook endpoints with their secrets. It leaves out an endpoint whose secret
// can't be opened, and logs the cause.
func (n *Node) endpoints(ctx context.Context) ([]webhooks.Endpoint, error) {
	v, err := n.Rows.View(ctx)
	if err != nil {
		return nil, err
	}
	defer v.Close()
	var all []webhooks.Endpoint
	for it := range v.RealmItems(domain.WebhookItem, "") {
		w := it.(*domain.Webhook)
		e, err := n.endpoint(ctx, w)
		if errors.Is(err, eventstore.ErrErased) || errors.Is(err, eventstore.ErrKeyMissing) {
			n.Options.Log.Error("webhook without its secret: replace the secret with authledger webhook rotate", "endpoint", w.Name, "cause", err)
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, v.Err()
}

func (n *Node) endpoint(ctx context.Context, w *domain.Webhook) (e webhooks.Endpoint, err error) {
	e = webhooks.Endpoint{
		Name: w.Name, URL: w.URL, Types: w.Types, AllowPrivate: w.AllowPrivate, Made: w.Made, AddedAt: uint64(w.AddedAt), FormerUntil: w.FormerUntil,
	}
	if e.Secret, err = n.secret(ctx, uint64(w.SecretAt)); err == nil && w.FormerAt > 0 {
		e.Former, err = n.secret(ctx, uint64(w.FormerAt))
	}
	return e, err
}

// secret returns the secret of a webhook that a record seals.
func (n *Node) secret(ctx context.Context, seq uint64) (string, error) {
	r, err := n.Ledger.Record(ctx, seq)
	if err != nil {
		return "", err
	}
	plain, err := n.Ledger.Secret(&r)
	if err != nil {
		return "", err
	}
	var members struct {
		Secret string `json:"secret"`
	}
	if err := json.Unmarshal(plain, &members); err != nil || members.Secret == "" {
		return "", fmt.Errorf("open the secret in record %d: it has no secret", seq) // the cause could contain it
	}
	return members.Secret, nil
}

// Now returns the time of the node's clock.
func (n *Node) Now() time.Time { return n.Options.now() }

func (o *Options) now() time.Time {
	if o.Now != nil {
		return o.Now()
	}
	return time.Now()
}
