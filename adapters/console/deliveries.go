package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"authledger/domain/operations"
)

// deliveriesPath is the path of the page of the deliveries to an endpoint.
const deliveriesPath = workPath + "/deliveries"

// deliveriesOperations are the operations whose answers the page of deliveries shows.
var deliveriesOperations = []string{"webhook-deliveries"}

// deliveryStates are the states that a person can select, "" for all.
var deliveryStates = []string{"", "failed", "pending", "delivered"}

// getDeliveries shows a page of the deliveries of this node to an endpoint.
func (v *visit) getDeliveries() error {
	query := v.r.URL.Query()
	of := DeliveryList{
		Name: query.Get(operations.Name), State: query.Get(operations.State), After: query.Get(operations.After),
		Limit: queueShown,
	}
	if v.Deliveries == nil {
		return errNoObject
	}
	if !slices.Contains(deliveryStates, of.State) {
		return errBadFilter
	}
	page, err := v.Deliveries.List(v.r.Context(), of)
	if err != nil {
		return letterError(err)
	}
	q := queue{Name: "deliveries", IsList: true, Intro: v.text.T("work.deliveries.of", of.Name, page.Node),
		Head: []string{"column.delivery", "column.event", "column.state", "work.attempts", "work.answer",
			"work.attempt"}}
	if redrive.isFor(v.caller.Role) {
		q.Acts = []actLink{{formPath("redrive", url.Values{"name": {of.Name}}), "act.redrive"}}
	}
	for _, state := range deliveryStates {
		q.Filters = append(q.Filters, filterLink{state, of.path(state, ""), state == of.State})
	}
	for i := range page.Deliveries {
		q.Rows = append(q.Rows, v.deliveryRow(of.Name, &page.Deliveries[i]))
	}
	if page.Next != "" {
		q.Next = of.path(of.State, page.Next)
	}
	v.write(http.StatusOK, "work", "work.deliveries", &workBody{Queues: []queue{q}, Of: of.Name})
	return nil
}

// deliveriesOf returns the URL of the first page of the deliveries to an endpoint.
func deliveriesOf(name string) string { return (&DeliveryList{Name: name}).path("", "") }

// path returns the URL of a page of the list.
func (of *DeliveryList) path(state, after string) string {
	query := url.Values{operations.Name: {of.Name}}
	if state != "" {
		query.Set(operations.State, state)
	}
	if after != "" {
		query.Set(operations.After, after)
	}
	return deliveriesPath + "?" + query.Encode()
}

func (v *visit) deliveryRow(name string, d *Delivery) queueRow {
	seq, _, _ := strings.Cut(d.Position, ".")
	record := cell{Text: v.text.Name("event", d.Type), Below: d.Position}
	if v.mayAny(recordOperations) {
		record.Path = "/records/" + seq
	}
	answer := ""
	if d.Status != 0 {
		answer = "HTTP " + strconv.Itoa(d.Status)
	}
	return queueRow{
		Cells: []cell{{Text: d.ID}, record,
			{Text: v.text.Name("delivery", d.State), Badge: "delivery-" + d.State},
			{Text: strconv.Itoa(d.Attempts)}, {Text: answer, Detail: printable(d.Error)}, {At: d.Time}},
		Acts: v.link([]string{name, d.ID}, &redrive),
	}
}
