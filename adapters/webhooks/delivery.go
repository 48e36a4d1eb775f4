package webhooks

import (
	"time"

	"authledger/domain"
)

// State is the state of a delivery.
type State string

// The states of a delivery.
const (
	Pending   State = "pending" // waits for its next attempt
	Delivered State = "delivered"
	GivenUp   State = "failed"
)

// Delivery is the delivery of an event to an endpoint.
type Delivery struct {
	ID       string    `json:"id"`
	Position string    `json:"position"`
	Type     string    `json:"type"`
	State    State     `json:"state"`
	Attempts int       `json:"attempts"`
	Status   int       `json:"status,omitempty"` // HTTP status of the last response, 0 without one
	Error    string    `json:"error,omitempty"`
	Time     time.Time `json:"time"`          // of the last attempt
	Next     time.Time `json:"next,omitzero"` // of the next attempt
}

// Members implements [domain.Data].
func (d *Delivery) Members(v domain.Visitor) {
	attempts, status := int64(d.Attempts), int64(d.Status)
	v.Text("id", &d.ID, domain.Need)
	v.Text("position", &d.Position, domain.Need)
	v.Text("type", &d.Type, domain.Need)
	v.Text("state", (*string)(&d.State), domain.Need)
	v.Count("attempts", &attempts, domain.Need)
	v.Count("status", &status, domain.Free)
	v.Text("error", &d.Error, domain.Free)
	v.Instant("time", &d.Time, domain.Need)
	v.Instant("next", &d.Next, domain.Free)
}
