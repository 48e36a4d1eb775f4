package webhooks

import (
	"encoding/json"
	"fmt"
	"time"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// Event is a recorded event as an endpoint receives it.
type Event struct {
	ID       string // the same in every attempt; unique across ledgers
	Position domain.EventPosition
	Type     string
	Entity   string // the entity that the event belongs to, such as user/alice
	At       time.Time
	Data     json.RawMessage
}

// NewEvent returns the event at an index, from 0, in a record. All deliveries of an event
// have the same id and, until a name in it is erased, the same bytes. The index MUST be below the number of events of the
// record.
func NewEvent(ledgerID string, r *domain.Record, index int) Event {
	e := &r.Events[index]
	entity := e.Entity
	if entity == "" && len(r.Entities) > 0 {
		entity = r.Entities[0]
	}
	return Event{
		ID: fmt.Sprintf("evt_%.8s_%d_%d", ledgerID, r.Seq, index), Position: domain.EventPosition{Seq: r.Seq, Event: index},
		Type: e.Data.EventType(), Entity: string(entity), At: e.At, Data: wire.AppendData(nil, e.Data),
	}
}

// body is the payload of an event in the format of Standard Webhooks.
type body struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Position  string    `json:"position"`
	Entity    string    `json:"entity"`
	Data      any       `json:"data"`
}

func (e *Event) payload() ([]byte, error) {
	return json.Marshal(body{e.Type, e.At.UTC(), e.Position.String(), e.Entity, e.Data})
}
