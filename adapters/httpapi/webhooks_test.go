package httpapi

import (
	"testing"

	"authledger/domain/access"
)

func TestWebhookDeliveries(t *testing.T) {
	s := newTestServer(t)
	const list, redrive = "/v1/webhooks/desk/deliveries", "/v1/webhooks/desk/redrive"
	s.get(access.Operator, list).want(t, 404, "this node delivers to no webhooks")
	s.request(access.Operator, "POST", redrive, "").want(t, 404, "this node delivers to no webhooks")
	s.server.ServeWebhooks(oneDelivery{})
	for _, c := range []struct {
		role         access.Role
		method, path string
		status       int
		text         string
	}{
		{access.Operator, "GET", list, 200, `"node":"n1"`},
		{access.Operator, "GET", list + "?state=failed&limit=7", 200, `"limit":7`},
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
}
