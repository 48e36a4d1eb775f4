package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"authledger/adapters/httpapi"
	"authledger/adapters/webhooks"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/projections"
)

// DeliveryPage is a page of the deliveries of a node to a webhook endpoint, as JSON.
type DeliveryPage struct {
	Node       string              `json:"node"` // name of the node that keeps the deliveries
	Deliveries []webhooks.Delivery `json:"deliveries"`
	Next       string              `json:"next,omitempty"`
}

// Members implements [domain.Data].
func (p *DeliveryPage) Members(v domain.Visitor) {
	v.Text("node", &p.Node, domain.Need)
	v.List("deliveries", domain.List(&p.Deliveries))
	v.Text("next", &p.Next, domain.Free)
}

// NextPage returns the value of the parameter after for the next page, "" on the last page.
func (p *DeliveryPage) NextPage() string { return p.Next }

// Redriven is the answer to a redrive, as JSON.
type Redriven struct {
	Node     string `json:"node"`
	Redriven int    `json:"redriven"` // deliveries that the node makes again
}

// Deliveries are the deliveries of a node to its webhook endpoints. They are in files of the data
// directory, because each node of a realm keeps its own.
type Deliveries struct {
	Dir, Node string
	Rows      *projections.Engine
	log       *slog.Logger
}

// Deliveries returns the deliveries in the directory.
func (d *Directory) Deliveries() *Deliveries {
	return &Deliveries{d.Options.Dir, d.Options.Name, d.Rows, d.Options.Log}
}

// List returns a page of deliveries. It returns [eventstore.ErrNoRecord] for an unknown endpoint.
func (d *Deliveries) List(ctx context.Context, of httpapi.DeliveryList) (DeliveryPage, error) {
	page := DeliveryPage{Node: d.Node, Deliveries: []webhooks.Delivery{}}
	after, err := domain.EventPosition{}, d.wantEndpoint(ctx, of.Name)
	if err == nil && of.After != "" {
		after, err = domain.ParseEventPosition(of.After)
	}
	if err != nil {
		return page, err
	}
	all, err := webhooks.Deliveries(d.Dir, of.Name, webhooks.State(of.State))
	if err != nil {
		return page, err
	}
	for _, each := range all {
		at, err := domain.ParseEventPosition(each.Position)
		switch {
		case err != nil:
			return page, err
		case of.After != "" && !after.Before(at):
			continue
		case len(page.Deliveries) == of.Limit:
			page.Next = of.Next(page.Deliveries[of.Limit-1].Position)
			return page, nil
		}
		page.Deliveries = append(page.Deliveries, each)
	}
	return page, nil
}

// Redo delivers events again: those of the deliveries with the ids, or without ids all failed
// ones. A running node, or the next node that starts, makes the attempts.
func (d *Deliveries) Redo(ctx context.Context, name string, ids []string) (Redriven, error) {
	if err := d.wantEndpoint(ctx, name); err != nil {
		return Redriven{}, err
	}
	n, err := webhooks.Redrive(d.Dir, name, ids)
	return Redriven{d.Node, n}, err
}

// RedoFor is Redo on a running node: the log of the node names the caller.
func (d *Deliveries) RedoFor(ctx context.Context, caller, name string, ids []string) (Redriven, error) {
	d.log.Info("a caller redrives webhook deliveries", "caller", caller, "endpoint", name, "ids", len(ids))
	done, err := d.Redo(ctx, name, ids)
	if err == nil {
		d.log.Info("webhook deliveries are queued", "caller", caller, "endpoint", name, "deliveries", done.Redriven)
	}
	return done, err
}

// wantEndpoint returns an error unless the ledger has an endpoint with the name.
func (d *Deliveries) wantEndpoint(ctx context.Context, name string) error {
	v, err := d.Rows.View(ctx)
	if err != nil {
		return err
	}
	defer v.Close()
	for it := range v.RealmItems(domain.WebhookItem, "") {
		if it.(*domain.Webhook).Name == name {
			return nil
		}
	}
	if err := v.Err(); err != nil {
		return err
	}
	return fmt.Errorf("find the webhook endpoint: %w", eventstore.ErrNoRecord)
}

// httpDeliveries adapts deliveries to the HTTP interface.
type httpDeliveries struct{ of *Deliveries }

func (d httpDeliveries) Deliveries(ctx context.Context, of httpapi.DeliveryList) (httpapi.Page, error) {
	page, err := d.of.List(ctx, of)
	return &page, err
}

func (d httpDeliveries) Redrive(ctx context.Context, caller, name string, ids []string) (any, error) {
	done, err := d.of.RedoFor(ctx, caller, name, ids)
	if errors.Is(err, webhooks.ErrNoDelivery) {
		return nil, httpapi.ErrNoDelivery
	}
	return done, err
}
