package httpapi

import (
	"context"
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
)

// testDeliveries are the deliveries of a node to the endpoint desk.
type testDeliveries struct {
	DeliveryList // that the server asked for
	all          []delivery
	caller       string // of the newest redrive
}

// oneDelivery returns the deliveries of a node with one failed delivery.
func oneDelivery() *testDeliveries {
	at := time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
	return &testDeliveries{all: []delivery{{"evt_1", "failed", 10, at}}}
}

func (d *testDeliveries) Deliveries(_ context.Context, of DeliveryList) (Page, error) {
	if of.Name != "desk" {
		return nil, eventstore.ErrNoRecord
	}
	d.DeliveryList = of
	page := &deliveryPage{items: d.all}
	if len(d.all) > of.Limit {
		page.items, page.next = d.all[:of.Limit], of.Next("1.0")
	}
	if of.After != "" {
		page.items, page.next = d.all[1:], ""
	}
	return page, nil
}

func (d *testDeliveries) Redrive(_ context.Context, caller, name string, ids []string) (any, error) {
	d.caller = caller
	switch {
	case name != "desk":
		return nil, eventstore.ErrNoRecord
	case len(ids) > 0 && ids[0] != "evt_1":
		return nil, ErrNoDelivery
	}
	return map[string]any{"node": "n1", "redriven": max(1, len(ids))}, nil
}

type deliveryPage struct {
	items []delivery
	next  string
}

func (p *deliveryPage) NextPage() string { return p.next }
func (p *deliveryPage) Members(v domain.Visitor) {
	node := "n1"
	v.Text("node", &node, domain.Need)
	v.List("deliveries", domain.List(&p.items))
	v.Text("next", &p.next, domain.Free)
}

type delivery struct {
	id, state string
	attempts  int64
	time      time.Time
}

func (d *delivery) Members(v domain.Visitor) {
	position, kind, status, fault := "1.0", "login.failed", int64(500), "=1+1"
	v.Text("id", &d.id, domain.Need)
	v.Text("position", &position, domain.Need)
	v.Text("type", &kind, domain.Need)
	v.Text("state", &d.state, domain.Need)
	v.Count("attempts", &d.attempts, domain.Need)
	v.Count("status", &status, domain.Free)
	v.Text("error", &fault, domain.Free)
	v.Instant("time", &d.time, domain.Need)
	v.Instant("next", new(time.Time), domain.Free)
}

func TestWebhookDeliveries(t *testing.T) {
	s := newTestServer(t)
	const list, redrive = "/v1/webhooks/desk/deliveries", "/v1/webhooks/desk/redrive"
	s.get(access.Operator, list).want(t, 404, "this node delivers to no webhooks")
	s.request(access.Operator, "POST", redrive, "").want(t, 404, "this node delivers to no webhooks")
	found := oneDelivery()
	s.server.ServeWebhooks(found)
	for _, c := range []struct {
		role         access.Role
		method, path string
		status       int
		text         string
	}{
		{access.Operator, "GET", list, 200, `"node":"n1"`},
		{access.Operator, "GET", list + "?state=failed&limit=7", 200, `"evt_1"`},
		{access.Operator, "GET", list + "?state=lost", 400, "want one of pending, delivered, failed"},
		{access.Operator, "GET", "/v1/webhooks/other/deliveries", 404, "the webhook endpoint does not exist"},
		{access.Operator, "POST", redrive, 200, `"redriven":1`},
		{access.Operator, "POST", redrive + "?deliveries=failed", 200, `"redriven":1`},
		{access.Operator, "POST", redrive + "?deliveries=evt_1,evt_2", 200, `"redriven":2`},
		{access.Operator, "POST", redrive + "?deliveries=evt_7", 400, "unknown id"},
		{access.Operator, "POST", redrive + "?deliveries=", 400, "missing value"},
		{access.Operator, "POST", redrive + "?deliveries=,", 400, "missing value"},
		{access.Operator, "POST", "/v1/webhooks/other/redrive", 404, "the webhook endpoint does not exist"},
		{access.Auditor, "GET", list, 403, "may not read webhooks"},
		{access.Officer, "POST", redrive, 403, "may not redrive webhooks"},
	} {
		s.request(c.role, c.method, c.path, "").want(t, c.status, c.text)
	}
	if found.caller != "operator" {
		t.Errorf("redrive: got the caller %q, want operator", found.caller)
	}
	if found.State != "failed" || found.Limit != 7 {
		t.Errorf("the server asked for %+v, want 7 failed deliveries", found.DeliveryList)
	}
	found.all = append(found.all, delivery{id: "evt_2", state: "failed"})
	_, next, _ := strings.Cut(s.get(access.Operator, list+"?limit=1").body, `"next":"`)
	next, _, _ = strings.Cut(next, `"`)
	s.get(access.Operator, list+"?limit=1&after="+next).want(t, 200, `"evt_2"`)
	if found.After != "1.0" {
		t.Errorf("the server asked for deliveries after %q, want 1.0", found.After)
	}
}

// TestWebhookDeliveries_ChangedTag checks that each answer has a tag of its own: deliveries change
// without a record.
func TestWebhookDeliveries_ChangedTag(t *testing.T) {
	s := newTestServer(t)
	found := oneDelivery()
	s.server.ServeWebhooks(found)
	const list = "/v1/webhooks/desk/deliveries"
	seen := make(map[string]string)
	for _, c := range []struct {
		name, path string
		change     func()
	}{
		{"one delivery", list, func() {}},
		{"another attempt", list, func() { found.all[0].attempts++ }},
		{"another state", list, func() { found.all[0].state = "delivered" }},
		{"another delivery", list, func() { found.all = append(found.all, delivery{id: "evt_2"}) }},
		{"first page", list + "?limit=1", func() {}},
		{"other filter", list + "?state=failed", func() {}},
		{"no delivery", list, func() { found.all = nil }},
	} {
		c.change()
		tag := s.get(access.Operator, c.path).wantTag(t, 200)
		if other := seen[tag]; other != "" {
			t.Errorf("%s: got the tag %s of %q, want another one", c.name, tag, other)
		}
		seen[tag] = c.name
		for former := range seen {
			want := 200
			if former == tag {
				want = 304
			}
			s.request(access.Operator, "GET", c.path, "", "If-None-Match", former).wantTag(t, want)
		}
	}
	s.request(access.Operator, "GET", "/v1/webhooks/other/deliveries", "", "If-None-Match", "*").want(t, 404)
}
