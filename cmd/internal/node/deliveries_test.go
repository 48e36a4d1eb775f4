package node

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"authledger/adapters/csvlist"
	"authledger/adapters/httpapi"
	"authledger/adapters/webhooks"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// TestDeliveryPage_Forms checks that the HTTP interface writes the same members as the command line,
// and that CSV has a column for each member of a delivery.
func TestDeliveryPage_Forms(t *testing.T) {
	at := time.Date(2026, 3, 2, 15, 0, 0, 1e6, time.UTC)
	page := DeliveryPage{Node: "n1", Next: "x", Deliveries: []webhooks.Delivery{
		{ID: "evt_1", Position: "1.0", Type: "login.failed", State: webhooks.Pending, Attempts: 2, Status: 503,
			Error: "=1+1", Time: at, Next: at.Add(time.Minute)},
		{ID: "evt_2", Position: "2.0", Type: "login.failed", State: webhooks.Delivered, Attempts: 1, Status: 204,
			Time: at},
	}}
	for _, p := range []DeliveryPage{page, {Node: "n1", Deliveries: []webhooks.Delivery{}}} {
		want, err := json.Marshal(p)
		if got := wire.AppendAnswer(nil, &p); err != nil || string(got) != string(want) {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
		if got := p.NextPage(); got != p.Next {
			t.Errorf("next page: got %q, want %q", got, p.Next)
		}
	}
	const want = `id,position,type,state,attempts,status,error,time,next
evt_1,1.0,login.failed,pending,2,503,'=1+1,2026-03-02T15:00:00.001Z,2026-03-02T15:01:00.001Z
evt_2,2.0,login.failed,delivered,1,204,,2026-03-02T15:00:00.001Z,
`
	got, err := csvlist.Write(&page, "deliveries")
	if text := strings.ReplaceAll(string(got), "\r\n", "\n"); err != nil || text != want {
		t.Errorf("got\n%s, %v, want\n%s", text, err, want)
	}
}

// TestDeliveries_OfHTTPAndConsole checks that both interfaces name the caller of a redrive in the log,
// and return an error for an unknown endpoint and an unknown delivery.
func TestDeliveries_OfHTTPAndConsole(t *testing.T) {
	n := mustOpen(t, t.TempDir())
	defer mustClose(t, n)
	v, err := n.Ledger.Do(t.Context(), domain.Command{Source: "cli", ID: "w", Stamped: true,
		Data: &domain.ConfigWebhookAdd{Name: "desk", URL: "https://desk.example/in", Types: []string{"*"},
			Secret: firstSecret, By: "op"}})
	if err != nil || v.Status != domain.Accepted {
		t.Fatalf("add a webhook: got %+v, %v, want accepted", v, err)
	}
	var log bytes.Buffer
	of := n.Deliveries()
	of.log = slog.New(slog.NewTextHandler(&log, nil))
	overHTTP, inConsole := httpDeliveries{of}, consoleDeliveries{of}
	_, overHTTPError := overHTTP.Redrive(t.Context(), "web", "desk", nil)
	_, _, inConsoleError := inConsole.Redrive(t.Context(), "person", "desk", nil)
	if err := errors.Join(overHTTPError, inConsoleError); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`msg="a caller redrives webhook deliveries" caller=web endpoint=desk ids=0`,
		`msg="webhook deliveries are queued" caller=web endpoint=desk deliveries=0`,
		`msg="a caller redrives webhook deliveries" caller=person endpoint=desk ids=0`,
		`msg="webhook deliveries are queued" caller=person endpoint=desk deliveries=0`,
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("log: got %s, want %s", &log, want)
		}
	}
	unknown := []string{"evt_9"}
	if _, err := overHTTP.Redrive(t.Context(), "web", "desk", unknown); !errors.Is(err, httpapi.ErrNoDelivery) {
		t.Errorf("redrive of an unknown delivery: got %v, want %v", err, httpapi.ErrNoDelivery)
	}
	_, err = overHTTP.Deliveries(t.Context(), httpapi.DeliveryList{Name: "other"})
	if !errors.Is(err, eventstore.ErrNoRecord) {
		t.Errorf("deliveries to an unknown endpoint: got %v, want %v", err, eventstore.ErrNoRecord)
	}
}
