// Package render prints the answers of the command line: tables, JSON, text and a progress bar.
package render

import (
	"encoding/json"
	"time"

	"authledger/domain"
	"authledger/eventstore/wire"
	"authledger/projections/queries"
)

// The types below are the JSON forms of answers that have no members of [domain.Data]. Package
// wire writes the records in them.

// asOfAnswer is the last record that an answer reflects.
type asOfAnswer struct {
	Seq  uint64    `json:"seq"`
	Time time.Time `json:"time,omitzero"`
}

func newAsOf(at queries.AsOf) asOfAnswer { return asOfAnswer{at.Seq, at.Time.UTC()} }

func newTimelineAnswer(t queries.RecordsPage) timelineAnswer {
	a := timelineAnswer{Entity: t.Entity, Records: []json.RawMessage{}, More: t.More, AsOf: newAsOf(t.AsOf)}
	for i := range t.Records {
		a.Records = append(a.Records, wire.AppendShown(nil, &t.Records[i]))
	}
	return a
}

type timelineAnswer struct {
	Entity  domain.Entity     `json:"entity"`
	Records []json.RawMessage `json:"records"`
	More    bool              `json:"more"`
	AsOf    asOfAnswer        `json:"asOf"`
}
