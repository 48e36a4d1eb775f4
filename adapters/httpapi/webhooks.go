package httpapi

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"

	"authledger/domain/operations"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// Webhooks are the deliveries of this node to webhook endpoints. Each node of a realm keeps its
// own deliveries, so an answer names the node. The server encodes the result of Redrive as JSON. The
// methods return [eventstore.ErrNoRecord] for an unknown endpoint.
type Webhooks interface {
	Deliveries(ctx context.Context, of DeliveryList) (Page, error)

	// Redrive delivers events again for a caller, whom the log of the node names: those of the deliveries with the ids, or without ids all
	// failed ones. It returns [ErrNoDelivery] for an unknown id, and then delivers nothing again.
	Redrive(ctx context.Context, caller, name string, ids []string) (any, error)
}

// DeliveryList selects a page of the deliveries to an endpoint, the oldest first.
type DeliveryList struct {
	Name  string // of the endpoint
	State string // "" for all states
	After string // position of the last event of the previous page, "" for the first page
	Limit int
	Next  func(position string) string // returns the member next of a page with more pages after it
}

// DeliveryListOf returns the page that parameters select.
func DeliveryListOf(v *operations.Values) DeliveryList {
	return DeliveryList{
		Name: v.Text(operations.Name), State: v.Text(operations.State), After: string(v.Position()),
		Limit: int(v.Number(operations.Limit)),
		Next:  func(position string) string { return v.Next([]byte(position)) },
	}
}

// ErrNoDelivery reports the id of a delivery that the node does not keep.
var ErrNoDelivery = errors.New("deliveries: unknown id: list the deliveries of the node")

// allFailed is the value of the parameter deliveries for all failed deliveries.
const allFailed = "failed"

// RedrivenOf returns the ids of the deliveries that parameters select, nil for all failed ones.
func RedrivenOf(v *operations.Values) ([]string, error) {
	text := v.Text(operations.Deliveries)
	if text == allFailed || !v.Has(operations.Deliveries) {
		return nil, nil
	}
	ids := strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
	if len(ids) == 0 {
		return nil, bad("deliveries: missing value, want ids or %s", allFailed)
	}
	return ids, nil
}

var noDeliveries = &problem{status: http.StatusNotFound, kind: notFound, detail: "this node delivers to no webhooks"}

var noEndpoint = &problem{status: http.StatusNotFound, kind: notFound, detail: "the webhook endpoint does not exist"}

// ServeWebhooks starts to serve the operations on webhook deliveries. It MUST be called before
// [Server.Open].
func (s *Server) ServeWebhooks(w Webhooks) { s.webhooks = w }

// getDeliveries writes the page that [Server.deliveryVersion] has read for the tag.
func (s *Server) getDeliveries(c *call, w *answer, r *http.Request) error {
	return c.writeList(w, r, c.deliveries)
}

// deliveryVersion reads the page of deliveries and returns a hash of the page. The deliveries change
// without a record, and their journal has no number that increases with each change.
func (s *Server) deliveryVersion(ctx context.Context, c *call) (string, error) {
	if s.webhooks == nil {
		return "", noDeliveries
	}
	var err error
	if c.deliveries, err = s.webhooks.Deliveries(ctx, DeliveryListOf(&c.values)); err != nil {
		return "", webhookError(err)
	}
	hash := sha256.Sum256(wire.AppendAnswer(nil, c.deliveries))
	return string(hash[:]), nil
}

func (s *Server) redriveWebhook(c *call, w *answer, r *http.Request) error {
	if s.webhooks == nil {
		return noDeliveries
	}
	ids, err := RedrivenOf(&c.values)
	if err != nil {
		return err
	}
	found, err := s.webhooks.Redrive(r.Context(), c.caller.Name, c.values.Text(operations.Name), ids)
	if err != nil {
		return webhookError(err)
	}
	return w.marshalJSON(found)
}

func webhookError(err error) error {
	switch {
	case errors.Is(err, eventstore.ErrNoRecord):
		return noEndpoint
	case errors.Is(err, ErrNoDelivery):
		return bad("%v", ErrNoDelivery)
	}
	return err
}
