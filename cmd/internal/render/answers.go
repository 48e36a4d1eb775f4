// Package render prints the answers of the command line: tables, JSON, text and a progress bar.
package render

import (
	"encoding/json"
	"time"

	"authledger/domain"
	"authledger/eventstore/wire"
	"authledger/projections/queries"
)

// The types below are answers to queries as JSON (contract.md, "Queries"). Package wire writes
// the records in them.

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

type attemptsAnswer struct {
	Sources []sourceAttempts `json:"sources"`
	More    bool             `json:"more"`
	AsOf    asOfAnswer       `json:"asOf"`
}

type sourceAttempts struct {
	Source   string            `json:"source"`
	Attempts []attemptsTallied `json:"attempts"`
}

// attemptsTallied counts the attempts with one result: the type of the event and the reason.
type attemptsTallied struct {
	Event  string    `json:"event"`
	Reason string    `json:"reason,omitempty"`
	Count  int64     `json:"count"`
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
}

// total returns the number of attempts by type of event, and the times of the first and the last
// attempt.
func (s *sourceAttempts) total() (counts map[string]int64, first, last time.Time) {
	counts = make(map[string]int64)
	for i, a := range s.Attempts {
		counts[a.Event] += a.Count
		if i == 0 || a.First.Before(first) {
			first = a.First
		}
		if a.Last.After(last) {
			last = a.Last
		}
	}
	return counts, first, last
}

func NewAttemptsAnswer(list []queries.Attempts, more bool, asOf queries.AsOf) attemptsAnswer {
	a := attemptsAnswer{Sources: []sourceAttempts{}, More: more, AsOf: newAsOf(asOf)}
	for _, s := range list {
		source := sourceAttempts{Source: s.Source}
		for _, t := range s.Tallies {
			source.Attempts = append(source.Attempts, attemptsTallied{t.Outcome, t.Reason, t.Count, t.First.UTC(), t.Last.UTC()})
		}
		a.Sources = append(a.Sources, source)
	}
	return a
}
