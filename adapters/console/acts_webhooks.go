package console

import (
	"context"
	"strconv"
	"strings"
	"time"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/projections/queries"
)

// Deliveries are the deliveries of this node to webhook endpoints. The methods return
// [eventstore.ErrNoRecord] for an unknown endpoint or delivery.
type Deliveries interface {
	List(ctx context.Context, of DeliveryList) (DeliveryPage, error) // the oldest first

	// Redrive delivers events again, without ids all failed ones. It returns the name of the node
	// and the number of the deliveries.
	Redrive(ctx context.Context, caller, name string, ids []string) (node string, redriven int, err error)
}

// DeliveryList selects a page of the deliveries to an endpoint.
type DeliveryList struct {
	Name, State, After string // State "" for all states, After "" for the first page
	Limit              int
}

// DeliveryPage is a page of deliveries.
type DeliveryPage struct {
	Node       string // name of the node that keeps the deliveries
	Deliveries []Delivery
	Next       string // the member After of the next page, "" on the last page
}

// Delivery is the delivery of an event.
type Delivery struct {
	ID, Position, Type, State, Error string
	Attempts, Status                 int // Status of HTTP, 0 without a response
	Time, Next                       time.Time
}

// webhookAdd adds an endpoint (CFG-2).
var webhookAdd = act{
	name: "webhook-add", right: "config.webhook_add", reads: "webhooks",
	fields: []field{
		{name: "name", kind: oneLine, bytesMax: idMax},
		{name: "url", kind: oneLine, bytesMax: urlMax},
		{name: "types", kind: area, isOptional: true, bytesMax: personsMax},
		{name: "allowPrivate", kind: flag, isOptional: true},
	},
	about: func(*visit, *actBody) error { return nil },
	command: func(v *visit, f form) domain.CommandData {
		return &domain.ConfigWebhookAdd{
			Name: f["name"], URL: f["url"], Types: listed(f["types"]), AllowPrivate: f["allowPrivate"] != "",
			Secret: v.options.NewSecret(v.seed(f)),
		}
	},
	finish: (*visit).showSecret,
}

// webhookRotate replaces the secret of an endpoint.
var webhookRotate = act{
	name: "webhook-rotate", right: "config.webhook_rotate", reads: "webhooks",
	fields: []field{{name: "name", kind: target}, {name: "atOnce", kind: flag, isOptional: true}},
	about:  (*visit).aboutWebhook,
	command: func(v *visit, f form) domain.CommandData {
		return &domain.ConfigWebhookRotate{
			Name: f["name"], AtOnce: f["atOnce"] != "", Secret: v.options.NewSecret(v.seed(f)),
		}
	},
	finish: (*visit).showSecret,
}

// webhookRemove removes an endpoint.
var webhookRemove = act{
	name: "webhook-remove", right: "config.webhook_remove", reads: "webhooks",
	fields: []field{{name: "name", kind: target}},
	about:  (*visit).aboutWebhook,
	command: func(_ *visit, f form) domain.CommandData {
		return &domain.ConfigWebhookRemove{Name: f["name"]}
	},
}

// redrive delivers events of this node again: one delivery, or all failed ones without an id.
var redrive = act{
	name: "redrive", right: access.RedriveWebhooks, reads: "webhook-deliveries",
	fields: []field{{name: "name", kind: target}, {name: "delivery", kind: target}},
	about:  (*visit).aboutRedrive,
	run: func(v *visit, f form, o *outcome) error {
		if v.Deliveries == nil {
			return errNoObject
		}
		var ids []string
		if id := f["delivery"]; id != "" {
			ids = []string{id}
		}
		ctx, cancel := context.WithTimeout(v.r.Context(), runWithin)
		defer cancel()
		node, redriven, err := v.Deliveries.Redrive(ctx, v.caller.Name, f["name"], ids)
		o.Status, o.ID = doneStatus, ""
		o.Facts = []stateFact{{"work.node", node, ""}, {"work.redriven", strconv.Itoa(redriven), ""}}
		o.Next, o.NextText = deliveriesOf(f["name"]), "work.deliveries"
		return letterError(err)
	},
}

// showSecret shows the secret of an endpoint on the page after its record.
func (v *visit) showSecret(f form, o *outcome) {
	o.Secret = v.options.NewSecret(v.seed(f))
	v.hideOld(o)
}

// aboutWebhook adds an endpoint that exists.
func (v *visit) aboutWebhook(b *actBody) error {
	w, err := configured(v, domain.WebhookItem, func(w *domain.Webhook) bool { return w.Name == b.values["name"] })
	if err != nil {
		return err
	}
	b.add("column.webhook", w.Name, "")
	b.add("field.url", w.URL, "")
	b.add("field.types", strings.Join(w.Types, ", "), "")
	b.add("work.made", v.since(w.Made), "")
	return nil
}

// aboutRedrive adds the endpoint, and the delivery or the number of the failed deliveries.
func (v *visit) aboutRedrive(b *actBody) error {
	if v.Deliveries == nil {
		return errNoObject
	}
	if err := v.aboutWebhook(b); err != nil {
		return err
	}
	state := "failed"
	if b.values["delivery"] != "" {
		b.Variant, state = ".one", ""
		b.add("column.delivery", b.values["delivery"], "")
	}
	page, err := v.Deliveries.List(v.r.Context(), DeliveryList{
		Name: b.values["name"], State: state, Limit: configShown,
	})
	if err != nil {
		return letterError(err)
	}
	b.add("work.node", page.Node, "")
	if state != "" {
		count := strconv.Itoa(len(page.Deliveries))
		if page.Next != "" {
			count += "+"
		}
		b.add("work.failed", count, "")
	}
	return nil
}

func (v *visit) webhookQueue() (queue, error) {
	q := queue{Name: "webhooks", IsList: true, Acts: v.link(nil, &webhookAdd),
		Head: []string{"column.webhook", "field.url", "field.types", "work.made"}}
	found, err := v.Queries.Webhooks(v.r.Context(), queries.Page{Limit: configShown})
	if err != nil {
		return q, err
	}
	for i := range found.Webhooks {
		w := &found.Webhooks[i]
		acts := v.link([]string{w.Name}, &webhookRotate, &webhookRemove)
		if v.may("webhook-deliveries") {
			acts = append([]actLink{{deliveriesOf(w.Name), "work.deliveries"}}, acts...)
		}
		q.Rows = append(q.Rows, queueRow{
			Cells: []cell{{Text: w.Name}, {Text: w.URL}, {Text: strings.Join(w.Types, ", ")}, {At: w.Made}},
			Acts:  acts,
		})
	}
	q.More = found.More
	return q, nil
}
