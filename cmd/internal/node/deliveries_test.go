package node

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"authledger/adapters/csvlist"
	"authledger/adapters/webhooks"
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
