package console

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
)

// testDeliveries are the deliveries of the node n1 to the endpoint desk: a failed delivery on each
// of two pages.
type testDeliveries struct{}

func (testDeliveries) List(_ context.Context, of DeliveryList) (DeliveryPage, error) {
	if of.Name != "desk" {
		return DeliveryPage{}, eventstore.ErrNoRecord
	}
	page := DeliveryPage{Node: "n1", Next: "7.0", Deliveries: []Delivery{{ID: "evt_7_0", Position: "7.0",
		Type: "login.failed", State: "failed", Error: bidi, Attempts: 9, Status: 503, Time: time.Now()}}}
	if of.After != "" {
		page.Deliveries[0].ID, page.Next = "evt_8_0", ""
	}
	return page, nil
}

func (testDeliveries) Redrive(_ context.Context, caller, name string, ids []string) (string, int, error) {
	if name != "desk" || len(ids) > 0 && ids[0] != "evt_7_0" {
		return "", 0, eventstore.ErrNoRecord
	}
	return "n1 for " + caller, max(1, len(ids)), nil
}

func TestWebhookDeliveries(t *testing.T) {
	c := newTestConsole(t, true)
	c.do(time.Hour, &domain.ConfigWebhookAdd{Name: "desk", URL: "https://desk.example/in",
		Types: []string{"*"}, Secret: "whsec_" + strings.Repeat("A", 43) + "="})
	v := c.visitor(access.Operator)
	v.get("/work").want(t, http.StatusOK, "/work/deliveries?name=desk", "https://desk.example/in")
	first := v.get("/work/deliveries?name=desk&state=failed")
	first.want(t, http.StatusOK, "node n1", "evt_7_0", "HTTP 503", "after=7.0", "/work/redrive?")
	if strings.Contains(first.body, "<script>alert") || strings.Contains(first.body, "\u202e") {
		t.Errorf("got markup of the endpoint, want text: %s", first.body)
	}
	v.get("/work/deliveries?name=desk&after=7.0").want(t, http.StatusOK, "evt_8_0")
	v.get("/work/deliveries?name=desk&state=lost").want(t, http.StatusBadRequest)
	v.get("/work/deliveries?name=other").want(t, http.StatusNotFound)
	v.get("/work/redrive?name=desk&delivery=evt_7_0").want(t, http.StatusOK, "for this delivery", "n1")
	v.get("/work/redrive?name=desk").want(t, http.StatusOK, "each failed delivery")
	form := v.values("name", "desk", "delivery", "evt_7_0", "id", "r-1")
	v.post("/work/redrive/submit", form).want(t, http.StatusOK, "done", "n1 for operator")
	form.Set("delivery", "evt_9_0")
	v.post("/work/redrive/submit", form).want(t, http.StatusNotFound)
	form.Del("form")
	v.post("/work/redrive/submit", form).want(t, http.StatusForbidden)
	officer := c.visitor(access.Officer)
	officer.get("/work/deliveries?name=desk").want(t, http.StatusForbidden)
	form = officer.values("name", "desk", "id", "r-2")
	officer.post("/work/redrive/submit", form).want(t, http.StatusForbidden)
}

// The secret of an endpoint is on the page after its record, and on no other page.
func TestWebhookSecretIsShownOnce(t *testing.T) {
	c := newTestConsole(t, true)
	v := c.visitor(access.Operator)
	form := v.confirm("webhook-add", "name", "desk", "url", "https://desk.example/in")
	page := v.post("/work/webhook-add/submit", form)
	found := shownSecret.FindStringSubmatch(page.body)
	if page.want(t, http.StatusOK, "accepted"); found == nil || !strings.HasPrefix(found[1], "whsec_") {
		t.Fatalf("got the secret %q in %s, want one", found, page.body)
	}
	for _, path := range []string{"/work", "/work/webhook-rotate?name=desk", "/work/deliveries?name=desk"} {
		if got := v.get(path); strings.Contains(got.body, found[1]) {
			t.Errorf("%s: got the secret, want it on one page only", path)
		}
	}
	for _, c := range []struct{ field, name, url string }{
		{"name", "Desk", "https://desk.example/in"},
		{"url", "desk", "ftp://desk.example"},
		{"url", "desk", "https://10.0.0.1/in"},
	} {
		got := v.post("/work/webhook-add", v.values("name", c.name, "url", c.url))
		got.want(t, http.StatusUnprocessableEntity, `id="`+c.field+`-error"`)
	}
}
