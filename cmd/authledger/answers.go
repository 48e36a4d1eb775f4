package main

import (
	"encoding/json"
	"time"

	"authledger/domain"
	"authledger/eventstore/wire"
	"authledger/projections"
)

// The answers to queries (contract, "Queries"). Records stand in them as wire
// writes them.

// asOfAnswer is the position that an answer reflects.
type asOfAnswer struct {
	Seq  uint64    `json:"seq"`
	Time time.Time `json:"time,omitzero"`
}

func newAsOf(at projections.AsOf) asOfAnswer { return asOfAnswer{at.Seq, at.Time.UTC()} }

func newTimelineAnswer(t projections.RecordsPage) timelineAnswer {
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

// attemptsTallied is how many attempts ended in one way: an event's type, and
// why.
type attemptsTallied struct {
	Event  string    `json:"event"`
	Reason string    `json:"reason,omitempty"`
	Count  int64     `json:"count"`
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
}

// total adds up the attempts that ended in events of one type, and tells when the
// first and the last of all ended.
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

func newAttemptsAnswer(list []projections.Attempts, more bool, asOf projections.AsOf) attemptsAnswer {
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
